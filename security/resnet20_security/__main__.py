"""python -m resnet20_security   estimates every key of ../keys.json and every ring, writes ../estimates.json"""

import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

from .estimates import estimate_key, estimate_ring
from .instance import ERROR_DEVIATION
from .reduction import CLASSICAL, MODELS, QUANTUM

FOLDER = Path(__file__).parents[1]
RINGS = [(2**k, "uniform-ternary") for k in range(10, 18)] + [(2**k, "hamming-192") for k in (15, 16)]


def main() -> None:
    keys = json.loads((FOLDER / "keys.json").read_text())
    published = json.loads((FOLDER / "guideline.json").read_text())
    with ProcessPoolExecutor(2) as pool:
        rings = [
            pool.submit(estimate_ring, n, secret, published.get(secret, {}).get(str(n)))
            for n, secret in reversed(RINGS)
        ]
        estimated = [pool.submit(estimate_key, key) for key in keys]
        results = {
            "errorDeviation": ERROR_DEVIATION,
            "models": [asdict(model) for model in MODELS],
            "classicalModel": CLASSICAL.name,
            "quantumModel": QUANTUM.name,
            "keys": [future.result() for future in estimated],
            "rings": [future.result() for future in reversed(rings)],
        }
    (FOLDER / "estimates.json").write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
