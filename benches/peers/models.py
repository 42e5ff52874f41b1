"""The same models by PyTorch on the processor: 128 pieces, two threads, float32, every layer's hidden vectors and attention kept.

    python benches/peers/models.py FOLDER...     folders as the hub has them (benches/models.rs says how a random GPT-2 is made)

Needs torch and transformers. Prints the median of nine warm runs in ms: as `attn_implementation="eager"`, which keeps the
attention's weights as qkv does, and as PyTorch chooses, which keeps nothing in between. Of a GPT-2 the logits of the last piece only
are made, as qkv does: those of all pieces would be half as much work again.
"""

import statistics
import sys
import time

import torch
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM

PIECES, RUNS = 128, 9

torch.set_num_threads(2)
torch.set_grad_enabled(False)


def median(model, ids, **keep):
    """The median of warm runs, in ms."""
    model(ids, **keep)
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        model(ids, **keep)
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


for name in sys.argv[1:]:
    config = AutoConfig.from_pretrained(name) if "/" in name else AutoConfig.for_model(name)
    if "/" in name:
        kind = AutoModelForCausalLM if config.model_type != "bert" else AutoModel
        load = lambda how: kind.from_pretrained(name, attn_implementation=how, dtype=torch.float32)
    else:  # a family's own sizes, random weights
        load = lambda how: AutoModelForCausalLM.from_config(config, attn_implementation=how)
    ids = (torch.arange(PIECES)[None] * 7919 + 1000) % config.vocab_size
    last = {} if config.model_type == "bert" else {"logits_to_keep": 1}
    kept = median(load("eager").eval(), ids, output_hidden_states=True, output_attentions=True, **last)
    bare = median(load("sdpa").eval(), ids, **last)
    print(f"{name}: {kept:.1f} ms with hidden vectors and attention kept, {bare:.1f} ms without")
