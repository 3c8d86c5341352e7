"""Reads the files of a run with nothing of ours: numpy, json, csv, and pyarrow where it is present. Prints what it found as JSON."""
import csv
import json
import pathlib
import struct
import sys

import numpy as np


def safetensors(path):
    """The format: 8 bytes little-endian length of the header, the header as JSON, then the data."""
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    meta = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        assert entry["dtype"] == "F32"
        start, end = entry["data_offsets"]
        data = np.frombuffer(raw[8 + length + start : 8 + length + end], dtype="<f4")
        tensors[name] = data.reshape(entry["shape"])
    return meta, tensors


def table(path):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def parquet(path):
    try:
        import pyarrow.parquet as pq
    except ImportError:
        return None
    return pq.read_table(path).to_pylist()


def main(folder):
    out = {"vectors": {}, "csv": {}, "parquet": {}}
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    out["run"] = {"schemaVersion": run["schemaVersion"], "models": [m["id"] for m in run["models"]]}
    for path in sorted((folder / "vectors").glob("*.safetensors")):
        meta, tensors = safetensors(path)
        out["vectors"][path.stem] = {
            "meta": meta,
            "shapes": {n: list(t.shape) for n, t in tensors.items()},
            "norms": {n: np.linalg.norm(t.astype(np.float64), axis=1).tolist() for n, t in tensors.items()},
            "values": {n: t.ravel().tolist() for n, t in tensors.items()},
        }
    for name in ("layers", "concepts"):
        out["csv"][name] = table(folder / f"{name}.csv")
    for name in ("layers", "concepts", "pairs"):
        out["parquet"][name] = parquet(folder / f"{name}.parquet")
    # what a reader does first: the matrix of two networks as an array
    rows = [r for r in out["csv"]["layers"] if r["method"] == "nmf" and r["model_a"] != r["model_b"]]
    a = list(dict.fromkeys(r["layer_a"] for r in rows))
    b = list(dict.fromkeys(r["layer_b"] for r in rows))
    matrix = np.full((len(a), len(b)), np.nan)
    for r in rows:
        if r["similarity"]:
            matrix[a.index(r["layer_a"]), b.index(r["layer_b"])] = float(r["similarity"])
    out["matrix"] = {"shape": list(matrix.shape), "mean": float(np.nanmean(matrix)), "missing": int(np.isnan(matrix).sum())}
    json.dump(out, sys.stdout)


main(pathlib.Path(sys.argv[1]))
