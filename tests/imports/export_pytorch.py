import json, sys
import torch
from safetensors.torch import save_file

torch.manual_seed(1)
tokens = ["I", "love", "Beijing", "Tiananmen"]
heads, layers = 2, [torch.nn.MultiheadAttention(8, 2, batch_first=True).eval() for _ in range(3)]
x, found = torch.randn(1, len(tokens), 8), {"Q": [], "K": [], "V": []}
for layer in layers:                                   # what your own model does in forward()
    q, k, v = (x @ layer.in_proj_weight.T + layer.in_proj_bias).chunk(3, dim=-1)
    for name, y in zip("QKV", (q, k, v)):              # 1 x T x d_model becomes heads x T x d
        found[name].append(y.view(len(tokens), heads, -1).transpose(0, 1).detach())
    x = x + layer(x, x, x)[0]
save_file({name: torch.stack(y) for name, y in found.items()}, sys.argv[1], {"tokens": json.dumps(tokens)})
