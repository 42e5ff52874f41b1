"""Writes the files beside this script: python make_fixtures.py FOLDER_OF_MINILM

minilm.npz       the real thing: export_transformers.py on all-MiniLM-L6-v2 and "The cat sat."
qkv.safetensors  export_pytorch.py, and in qkv.expected.json the weights and contexts as f64 PyTorch computes them from it
"""
import json, pathlib, subprocess, sys
import torch
from safetensors.torch import load_file

here = pathlib.Path(__file__).parent
into = here / "fixtures"
into.mkdir(exist_ok=True)
run = lambda script, *rest: subprocess.run([sys.executable, here / script, *rest], check=True)
run("export_transformers.py", sys.argv[1], "The cat sat.", into / "minilm.npz")
run("export_pytorch.py", into / "qkv.safetensors")
given = {name: x.double() for name, x in load_file(into / "qkv.safetensors").items()}
weights = (given["Q"] @ given["K"].transpose(-1, -2) / given["Q"].shape[-1] ** 0.5).softmax(-1)
expected = {"weights": weights.flatten().tolist(), "context": (weights @ given["V"]).flatten().tolist()}
(into / "qkv.expected.json").write_text(json.dumps(expected))
