"""Runs the code cells of a notebook one after the other, as a script: run_notebook.py NOTEBOOK"""
import json
import sys

with open(sys.argv[1]) as file:
    cells = json.load(file)["cells"]
space = {"__name__": "__main__"}
for cell in cells:
    if cell["cell_type"] == "code":
        exec(compile("".join(cell["source"]), sys.argv[1], "exec"), space)
