"""What it costs to break the keys of the program's profiles, estimated."""
