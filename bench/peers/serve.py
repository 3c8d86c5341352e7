"""Holds a peer's arrays: python3 serve.py SCRIPT; each line of stdin is [function, keyword arguments], each line of stdout its result as JSON."""
import importlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
script = importlib.import_module(sys.argv[1])
out = sys.stdout
sys.stdout = sys.stderr  # what libraries print must not mix with answers
for line in sys.stdin:
    name, args = json.loads(line)
    print(json.dumps(getattr(script, name)(**args)), file=out, flush=True)
