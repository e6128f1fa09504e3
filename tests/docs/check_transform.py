#!/usr/bin/env python3
"""Are docs/TRANSFORM.md and configs/mapping.schema.json what the steps' tables make?

Both are written by the program tests/docs/transform_doc of the build in FORTRESS_BIN (default:
build/). With --update they are written into the tree. Examples in the text are run by the unit test
step_examples.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("FORTRESS_BIN", ROOT / "build"))
MADE = {
    "docs/TRANSFORM.md": ["markdown", ROOT / "tests/docs/transform_intro.md"],
    "configs/mapping.schema.json": ["schema"],
}


def unresolved(node, schema):
    """References that lead nowhere."""
    if isinstance(node, dict):
        ref = node.get("$ref", "")
        if isinstance(ref, str) and ref and ref.removeprefix("#/$defs/") not in schema["$defs"]:
            yield ref
        for value in node.values():
            yield from unresolved(value, schema)
    elif isinstance(node, list):
        for value in node:
            yield from unresolved(value, schema)


def main():
    wrong = 0
    for name, args in MADE.items():
        made = subprocess.run([BIN / "tests/docs/transform_doc", *args], capture_output=True,
                              timeout=60, check=True).stdout
        path = ROOT / name
        if name.endswith(".json"):
            schema = json.loads(made)
            for ref in unresolved(schema, schema):
                print(f"check_transform: {name}: reference {ref} leads nowhere", file=sys.stderr)
                wrong = 1
        if "--update" in sys.argv[1:]:
            path.write_bytes(made)
        elif not path.exists() or path.read_bytes() != made:
            print(f"check_transform: {name} is not what the tables make: scripts/dev docs",
                  file=sys.stderr)
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
