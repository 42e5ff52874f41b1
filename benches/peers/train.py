"""The same small transformers by PyTorch eager on the processor: steps of learning a second, beside `qkv train`.

    python benches/peers/train.py target/release/qkv [TASK...]

Needs torch. The network is that of the task, read from a checkpoint that qkv writes: the same layers, widths, vocabulary and batch,
Adam at the same rate, cross-entropy over the words that are asked for. PyTorch looks words up where qkv's program multiplies one-hot
rows, and its sentences are drawn before the clock starts; those of qkv are drawn while it runs. qkv has two threads, PyTorch two and,
since tensors as small as these gain little from the second, one. Rounds alternate; printed are the medians.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

ROUNDS, STEPS, WARM, BATCH = 5, 200, 20, 64
HEADS = {"brackets": 2}
SEES_ALL = {"reverse"}


def sizes(qkv, task):
    """Name -> numbers of every parameter, from an untrained checkpoint."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "checkpoint.json")
        subprocess.run([qkv, "train", task, "--steps", "0", "--save", file], check=True, capture_output=True)
        return {tensor["name"]: len(tensor["weights"]) for tensor in json.loads(file.read_text())["tensors"]}


class Attention(nn.Module):
    def __init__(self, d, heads, inner):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.o = (nn.Linear(d, d, bias=False) for _ in range(4))
        self.inner = nn.Sequential(nn.Linear(d, inner, bias=False), nn.ReLU(), nn.Linear(inner, d, bias=False)) if inner else None

    def forward(self, asks, answers, mask):
        split = lambda x: x.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        q, k, v = split(self.q(asks)), split(self.k(answers)), split(self.v(answers))
        scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(mask, float("-inf"))
        context = (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)
        hidden = asks + self.o(context)
        return hidden if self.inner is None else hidden + self.inner(hidden)


class Learner(nn.Module):
    def __init__(self, task, count, d=32):
        super().__init__()
        self.words, self.places = nn.Embedding(count["W_e"] // d, d), nn.Embedding(count["W_p"] // d, d)
        self.across = "W_em" in count
        if self.across:
            self.memory_words, self.memory_places = nn.Embedding(count["W_em"] // d, d), nn.Embedding(count["W_pm"] // d, d)
        layers = sum(name.endswith(".W_q") for name in count)
        inner = count.get("layer1.W_1", 0) // d
        self.layers = nn.ModuleList(Attention(d, HEADS.get(task, 1), inner) for _ in range(layers))
        self.out = nn.Linear(d, count["W_e"] // d, bias=False)
        tokens = count["W_p"] // d
        causal = torch.ones(tokens, tokens, dtype=torch.bool).triu(1)
        self.register_buffer("mask", None if task in SEES_ALL else causal)

    def forward(self, words, memory):
        hidden = self.words(words) + self.places.weight
        if not self.across:
            for layer in self.layers:
                hidden = layer(hidden, hidden, self.mask)
            return self.out(hidden)
        reads, writes, across = self.layers
        memory = self.memory_words(memory) + self.memory_places.weight
        memory = reads(memory, memory, None)
        return self.out(across(writes(hidden, hidden, self.mask), memory, None))


def by_torch(task, count, threads, d=32):
    """Steps a second."""
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = Learner(task, count)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, betas=(0.9, 0.99))
    draw = lambda name, rows: torch.randint(0, count[name] // d, (WARM + STEPS, BATCH, count[rows] // d)) if name in count else [None] * (WARM + STEPS)
    words, memory, targets = draw("W_e", "W_p"), draw("W_em", "W_pm"), draw("W_e", "W_p")
    for step in range(WARM + STEPS):
        if step == WARM:
            start = time.perf_counter()
        logits = model(words[step], memory[step])
        loss = F.cross_entropy(logits.flatten(0, 1), targets[step].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
    return STEPS / (time.perf_counter() - start)


def by_qkv(qkv, task):
    """Steps a second, with the examination at the end."""
    run = subprocess.run([qkv, "train", task, "--steps", str(STEPS), "--format", "json"], check=True, capture_output=True)
    return STEPS / json.loads(run.stdout)["seconds"]


qkv, *tasks = sys.argv[1:]
for task in tasks or ["reverse", "previous", "induction", "brackets", "sort", "translation"]:
    count = sizes(qkv, task)
    rounds = [(by_qkv(qkv, task), by_torch(task, count, 2), by_torch(task, count, 1)) for _ in range(ROUNDS)]
    ours, two, one = (statistics.median(column) for column in zip(*rounds))
    print(f"{task:12} qkv {ours:5.0f} steps/s   PyTorch {torch.__version__}: two threads {two:5.0f}, one {one:5.0f}   {ours / max(two, one):.1f} x the better", flush=True)
