"""Writes figures.json: what PyTorch makes of the ops and of their gradients, in float64.

    pip install torch
    python tests/contract/figures.py > tests/contract/figures.json

Written with torch 2.15; figures.rs compares. Operands are rounded to three digits, so that the file says them exactly. A shape is
[batch, heads, rows, columns]; an axis that a tensor does not have is 1 there, and PyTorch spreads it as the ops do.
"""

import json
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(16)


def numbers(*shape):
    return (torch.rand(shape) * 4 - 2).mul(1000).round() / 1000


def listed(tensor):
    return [float(f"{x:.12g}") for x in tensor.flatten().tolist()]


def heads_of(x, heads):
    """batch × 1 × rows × heads·d as batch × heads × rows × d."""
    b, _, rows, cols = x.shape
    return x.view(b, rows, heads, cols // heads).transpose(1, 2)


def side_by_side(x):
    b, heads, rows, d = x.shape
    return x.transpose(1, 2).reshape(b, 1, rows, heads * d)


def rotated(x, table):
    """As transformers does it: rotate_half, with the table's cosines and signed sines."""
    d = x.shape[-1]
    cos, sin = table[..., :d], table[..., d:]
    half = torch.cat((x[..., d // 2 :], x[..., : d // 2]), -1)
    return x * cos + half * sin


def first_heads(h, w):
    product = h @ w  # every head reads the columns of head 1
    d = product.shape[-1] // 2
    return product[..., :d].expand(-1, 2, -1, -1)


def early(x):
    y = side_by_side(x)
    return torch.cat((y[..., :2, :], torch.zeros_like(y[..., 2:, :])), -2)


MASK = torch.tensor([[1.0, 0, 1], [1, 1, 0], [0, 1, 1]]).view(1, 1, 3, 3)
SEEN = MASK.bool()

# The shapes of the operands, and what is done with them.
CASES = {
    "matmul": ([(2, 1, 3, 4), (1, 1, 4, 2)], lambda a, b: a @ b),
    "matmul heads": ([(2, 2, 3, 3), (2, 2, 3, 2)], lambda a, b: a @ b),
    "matmul_transposed": ([(2, 2, 3, 2), (2, 2, 4, 2)], lambda a, b: a @ b.mT),
    "matmul_biased": ([(2, 1, 3, 4), (1, 1, 4, 2), (1, 1, 1, 2)], lambda a, b, c: F.linear(a, b[0, 0].mT, c[0, 0, 0])),
    "project": ([(2, 1, 3, 4), (1, 1, 4, 4)], lambda h, w: heads_of(h @ w, 2)),
    "project_biased": ([(2, 1, 3, 4), (1, 1, 4, 4), (1, 1, 1, 4)], lambda h, w, b: heads_of(h @ w + b, 2)),
    "project_strided reshaped": ([(2, 1, 3, 4), (1, 1, 4, 4)], lambda h, w: (h @ w).view(2, 2, 3, 2)),
    "project_strided first": ([(2, 1, 3, 4), (1, 1, 4, 4)], first_heads),
    "split": ([(2, 1, 3, 4)], lambda h: heads_of(h, 2)),
    "concat": ([(2, 2, 3, 2)], side_by_side),
    "concat_early": ([(2, 2, 3, 2)], early),
    "share_heads": ([(1, 2, 3, 2)], lambda a: a.repeat_interleave(2, 1)),
    "average": ([(2, 2, 3, 2)], lambda a: a.mean(1, keepdim=True)),
    "scale": ([(1, 2, 3, 3)], lambda a: a / 2.5),
    "add": ([(2, 1, 3, 4), (2, 1, 3, 4)], lambda a, b: a + b),
    "bias": ([(2, 1, 3, 4), (1, 1, 1, 4)], lambda a, b: a + b),
    "multiply": ([(1, 2, 3, 3), MASK], lambda a, m: a * m),
    "mask": ([(1, 2, 3, 3), MASK], lambda a, m: a.masked_fill(~SEEN, -torch.inf)),
    "mask_transposed": ([(1, 2, 3, 3), MASK], lambda a, m: a.masked_fill(~SEEN.mT, -torch.inf)),
    "softmax": ([(1, 2, 3, 4)], lambda a: a.softmax(-1)),
    "softmax_unshifted": ([(1, 2, 3, 4)], lambda a: a.exp() / a.exp().sum(-1, keepdim=True)),
    "softmax_columns": ([(1, 2, 3, 4)], lambda a: a.softmax(-2)),
    "layer_norm": ([(2, 1, 3, 5), (1, 1, 1, 5), (1, 1, 1, 5)], lambda x, g, b: F.layer_norm(x, (5,), g[0, 0, 0], b[0, 0, 0], 1e-5)),
    "rms_norm": ([(2, 1, 3, 5), (1, 1, 1, 5)], lambda x, g: F.rms_norm(x, (5,), g[0, 0, 0], 1e-5)),
    "gelu": ([(1, 1, 3, 4)], F.gelu),
    "gelu_tanh": ([(1, 1, 3, 4)], lambda x: F.gelu(x, approximate="tanh")),
    "relu": ([(1, 1, 3, 4)], F.relu),
    "silu": ([(1, 1, 3, 4)], F.silu),
    "rotate": ([(2, 2, 3, 4), (1, 1, 3, 8)], rotated),
    "take_row": ([(2, 1, 3, 4)], lambda a: a[..., 1:2, :]),
}

# Rows of targets: one word, shares, nothing.
TARGETS = torch.tensor([[0, 1.0, 0, 0], [0.25, 0.25, 0.5, 0], [0, 0, 0, 0]]).view(1, 1, 3, 4).repeat(2, 1, 1, 1)


def cross_entropy(logits):
    return F.cross_entropy(logits.reshape(-1, 4), TARGETS.reshape(-1, 4), reduction="sum") / TARGETS.sum()


def target_loss(weights):
    return -(TARGETS * weights.log()).sum() / TARGETS.sum()


def figure(name, operands, result, moving):
    gradient = numbers(*result.shape)
    # What is hidden is −∞ and nothing to multiply with.
    (torch.where(result.isinf(), 0.0, result) * gradient).sum().backward()
    return {
        "op": name,
        "operands": [{"shape": list(x.shape), "numbers": listed(x.detach())} for x in operands],
        "result": {"shape": list(result.shape), "numbers": [x if abs(x) < 1e300 else None for x in listed(result.detach())]},
        "gradient": listed(gradient),
        "gradients": [listed(x.grad) if m else None for x, m in zip(operands, moving)],
    }


def op(name, shapes, f):
    given = [s if isinstance(s, torch.Tensor) else numbers(*s) for s in shapes]
    fixed = [isinstance(s, torch.Tensor) or (name == "rotate" and n == 1) for n, s in enumerate(shapes)]
    operands = [x.clone().requires_grad_(not stays) for x, stays in zip(given, fixed)]
    return figure(name, operands, f(*operands), [not stays for stays in fixed])


def losses():
    logits = numbers(2, 1, 3, 4).requires_grad_()
    yield figure("cross_entropy", [logits, TARGETS], cross_entropy(logits).view(1, 1, 1, 1), [True, False])
    weights = (numbers(2, 1, 3, 4).softmax(-1).mul(1000).round() / 1000).requires_grad_()
    yield figure("target_loss", [weights, TARGETS], target_loss(weights).view(1, 1, 1, 1), [True, False])


def steps(optimizer, **options):
    """Three steps on the same weights with the gradients of three batches."""
    weights = numbers(1, 1, 2, 3).requires_grad_()
    made = optimizer([weights], **options)
    told = {"weights": listed(weights.detach()), "steps": []}
    for _ in range(3):
        weights.grad = numbers(1, 1, 2, 3)
        made.step()
        state = {k: listed(v) for k, v in made.state[weights].items() if k.startswith("exp_avg")}
        told["steps"].append({"gradient": listed(weights.grad), "weights": listed(weights.detach()), **state})
    return told


def main():
    told = {
        "made_by": "tests/contract/figures.py",
        "torch": torch.__version__,
        "ops": [op(name, *case) for name, case in CASES.items()] + list(losses()),
        "sgd": steps(torch.optim.SGD, lr=0.1),
        "adam": steps(torch.optim.Adam, lr=0.01, betas=(0.9, 0.99), eps=1e-8),
    }
    # One figure a line.
    ops = ",\n".join(json.dumps(figure, separators=(",", ":")) for figure in told.pop("ops"))
    rest = ",\n".join(f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in told.items())
    sys.stdout.write(f'{{{rest},\n"ops":[\n{ops}\n]}}\n')


main()
