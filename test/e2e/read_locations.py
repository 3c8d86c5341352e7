"""Reads local concept embeddings of a run with numpy alone, and makes spread, overlap and centrality of them again. Prints JSON."""
import csv
import json
import pathlib
import struct
import sys

import numpy as np

KINDS = {"F32": "<f4", "I32": "<i4"}


def safetensors(path):
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    meta = header.pop("__metadata__", {})
    out = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        data = np.frombuffer(raw[8 + length + start : 8 + length + end], dtype=KINDS[entry["dtype"]])
        out[name] = data.reshape(entry["shape"])
    return meta, out


def table(path):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def number(text):
    return None if text == "" else float(text)


def main(folder):
    folder = pathlib.Path(folder)
    rows = table(folder / "locations.csv")
    images = table(folder / "location_images.csv")
    out = {"layers": {}, "rows": [], "centrality": 0.0, "order": True}
    for path in sorted((folder / "vectors").glob("*.safetensors")):
        meta, tensors = safetensors(path)
        concepts = json.loads(meta["concepts"])
        fit = json.loads(meta["fit_images"])
        for name in [n for n in tensors if n.endswith("/loce")]:
            layer = name[: -len("/loce")]
            vectors = tensors[name].astype(np.float64)
            assert tensors[f"{name}/bias"].shape == (len(vectors),)
            which = tensors[f"{name}/concept"]
            where = tensors[f"{name}/image"]
            units = vectors * tensors[f"{name}/deviation"]
            units /= np.linalg.norm(units, axis=1, keepdims=True)
            out["layers"][layer] = {
                "shape": list(vectors.shape),
                "channels": int(tensors[f"{layer}/logistic"].shape[1]),
                "metadata": sorted(meta),
            }
            here = [r for r in images if r["layer"] == layer]
            said = [(int(r["row"]), r["concept"], r["image"]) for r in here]
            out["order"] &= said == [(i, concepts[which[i]], fit[where[i]]) for i in range(len(vectors))]
            cosines = units @ units.T
            np.fill_diagonal(cosines, -np.inf)
            nearest = which[np.argmax(cosines, axis=1)]
            for r in rows:
                if r["layer"] != layer:
                    continue
                j = concepts.index(r["concept"])
                own = which == j
                mean = units[own].mean(axis=0)
                overlap = None if r["overlap"] == "" else float(np.mean(nearest[own] != j))
                out["rows"].append(
                    {
                        "key": f"{layer} {r['concept']}",
                        "images": [int(r["images"]), int(own.sum())],
                        "spread": [number(r["spread"]), float(1 - np.linalg.norm(mean))],
                        "overlap": [number(r["overlap"]), overlap],
                    }
                )
                central = units[own] @ (mean / np.linalg.norm(mean))
                written = [float(r["centrality"]) for r, o in zip(here, own) if o]
                out["centrality"] = max(out["centrality"], float(np.abs(central - written).max()))
    json.dump(out, sys.stdout)


main(sys.argv[1])
