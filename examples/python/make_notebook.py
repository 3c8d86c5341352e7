"""Writes run.ipynb from the cells below, so that the notebook can be read in a review: make_notebook.py [OUT]"""
import json
import pathlib
import sys

CELLS = [
    ("markdown", "# A run of samesight in Python\n\nNeeds numpy; uses pandas and matplotlib where they are. Set `RUN` to the folder that `samesight compare --out` wrote."),
    ("code", """import csv, json, os, pathlib, struct
import numpy as np

RUN = pathlib.Path(os.environ.get("SAMESIGHT_RUN", "study"))
run = json.loads((RUN / "run.json").read_text())
print(run["tool"]["name"], run["tool"]["version"], "compared", [m["id"] for m in run["models"]], "on", run["dataset"]["test"], "images")"""),
    ("markdown", "## The table of layers\nEmpty fields are missing values."),
    ("code", """try:
    import pandas as pd
    layers = pd.read_csv(RUN / "layers.csv").to_dict("records")
except ImportError:
    with open(RUN / "layers.csv", newline="") as file:
        layers = list(csv.DictReader(file))
number = lambda x: float(x) if x not in ("", None) else np.nan
a, b = [m["id"] for m in run["models"] if m.get("twin_of") is None][:2]
method = run["config"]["concepts"]["method"]
rows = [r for r in layers if r["method"] == method and r["model_a"] == a and r["model_b"] == b]
print(len(layers), "rows,", len(rows), "between", a, "and", b)"""),
    ("markdown", "## The matrix, drawn again"),
    ("code", """names = {m["id"]: [t["name"] for t in m["taps"]] for m in run["models"]}
matrix = np.full((len(names[a]), len(names[b])), np.nan)
for r in rows:
    matrix[names[a].index(r["layer_a"]), names[b].index(r["layer_b"])] = number(r["similarity"])
print(np.round(matrix, 2))
try:
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt
    plt.imshow(matrix, vmin=0, vmax=1, cmap="viridis", origin="lower")
    plt.xlabel(b), plt.ylabel(a), plt.colorbar(label="similarity")
    plt.savefig(RUN / "matrix.png", dpi=120)
except ImportError:
    pass"""),
    ("markdown", "## The concept activation vectors\nSafetensors: eight bytes with the header's length, the header as JSON, then the values. With the package: `safetensors.numpy.load_file(path)`."),
    ("code", """def load_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    body = data[8 + length :]
    types = {"F32": np.float32, "F64": np.float64, "I64": np.int64}
    return {
        name: np.frombuffer(body[t["data_offsets"][0] : t["data_offsets"][1]], types[t["dtype"]]).reshape(t["shape"])
        for name, t in header.items() if name != "__metadata__"
    }

file_of = lambda model: "".join(c if c.isalnum() or c in "._-" else "_" for c in model) + ".safetensors"
vectors = load_safetensors(RUN / "vectors" / file_of(a))
for name, v in vectors.items():
    print(name, v.shape, "unit length" if np.allclose(np.linalg.norm(v, axis=1), 1, atol=1e-4) else "")"""),
    ("markdown", "## On with a vector\nHow alike are the concepts of one layer? And how strongly does a concept speak in activations of your own (n, channels)?"),
    ("code", """cav = vectors[f"{names[a][-1]}/{method}"]
cosines = cav @ cav.T
print("largest cosine of two concepts:", round(float(np.max(cosines - 2 * np.eye(len(cav)))), 3))
activations = np.abs(np.random.default_rng(0).normal(size=(100, cav.shape[1]))).astype(np.float32)
scores = activations @ cav.T
print("concept that speaks most in each of them:", np.bincount(scores.argmax(1), minlength=len(cav)))"""),
]


def notebook():
    cells = []
    for kind, text in CELLS:
        cell = {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}
        cells.append(cell if kind == "markdown" else {**cell, "execution_count": None, "outputs": []})
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 4}, indent=1) + "\n"


if __name__ == "__main__":
    target = pathlib.Path((sys.argv[1:] or [pathlib.Path(__file__).parent / "run.ipynb"])[0])
    target.write_text(notebook())
