import json
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1]
sys.path.insert(0, str(FOLDER))


@pytest.fixture(scope="session")
def stored() -> dict:
    """What was last estimated and committed."""
    return json.loads((FOLDER / "estimates.json").read_text())
