"""Compares the reference of reference.rs with PyTorch and transformers, number by number.

Written against transformers 5.24, torch 2.15 and tokenizers 0.23; no test needs it.

    pip install torch transformers safetensors tokenizers numpy
    QKV_CASES=/tmp/cases cargo test --test models -- --ignored export_cases
    python tests/models/check_with_transformers.py cases /tmp/cases

    python tests/models/check_with_transformers.py ask MODEL /tmp/asked.json "A sentence." "Another."
    QKV_MODEL=MODEL QKV_ASKED=/tmp/asked.json cargo test --test models -- --ignored export_answers
    python tests/models/check_with_transformers.py answers MODEL /tmp/asked.json

    python tests/models/check_with_transformers.py tokens MODEL tests/models/minilm-tokens.json

The last one gives the sentences of that file the ids and pieces that the tokenizer of MODEL finds in them.

transformers is the judge. It runs in float64 with eager attention; where its code goes down to float32 whatever it is
given (root mean square norm, rotary angles, the softmax of Llama and its kin), float32 is made to mean float64 while it
runs, so that its formulas can be compared to the last digits. --as-it-is leaves float32 where it is.
"""

import argparse
import collections
import contextlib
import json
import pathlib
import sys
import unicodedata

import numpy
import tokenizers
import torch
import transformers

LIMIT = 1e-9
FIELDS = ["hidden", "attention", "q", "k", "v", "concat", "final_norm", "logits"]
# What old files hold beside the weights, and the parts that no language model's head needs.
SPARE = ("position_ids", "attn.bias", "inv_freq", "pooler.dense.weight", "pooler.dense.bias",
         "seq_relationship.weight", "seq_relationship.bias")
OUTPUTS = ("attention.output.dense", "attn.c_proj", "self_attn.o_proj")
TEXTS = ["The animal didn't cross the street because it was too tired.", "我爱北京天安门", "the it animal", "", " ",
         "  two  spaces\n\ttab", "naïve café — 1234567 🙂🇨🇳", "臺灣 mixed 中英 text", "\u200b\u00a0\ufeff",
         "<s> [CLS] <|endoftext|>"]


@contextlib.contextmanager
def widened(wide):
    """float32 is float64."""
    if not wide:
        yield
        return
    names = {name: getattr(torch, name) for name in ("float32", "float")}
    to_float = torch.Tensor.float
    try:
        for name in names:
            setattr(torch, name, torch.float64)
        torch.Tensor.float = torch.Tensor.double
        yield
    finally:
        for name, value in names.items():
            setattr(torch, name, value)
        torch.Tensor.float = to_float


class Judge:
    """A model of transformers, and what flows through it."""

    def __init__(self, folder, wide):
        self.wide = wide
        config = json.loads((folder / "config.json").read_text())
        kind = getattr(transformers, config["architectures"][0])
        self.model, loaded = kind.from_pretrained(
            folder, dtype=torch.float64, attn_implementation="eager", output_loading_info=True)
        self.model.eval()
        # A pooler is no part of what is compared; a sentence-transformers file need not have one.
        missing = [name for name in loaded["missing_keys"] if "pooler" not in name]
        spare = [name for name in loaded["unexpected_keys"] if not name.endswith(SPARE)]
        assert not missing and not spare and not loaded["mismatched_keys"], (folder, missing, spare, loaded)
        self.base = self.model.base_model
        if hasattr(self.base, "rotary_emb"):
            with widened(wide):
                self.base.rotary_emb = type(self.base.rotary_emb)(self.model.config)
        self.seen = collections.defaultdict(list)
        for name, module in self.model.named_modules():
            if name.endswith(OUTPUTS) and "mlp" not in name:
                module.register_forward_pre_hook(lambda _, args: self.seen["concat"].append(args[0][0]))
        self.final = getattr(self.base, "norm", getattr(self.base, "ln_f", None))
        if self.final is not None:
            self.final.register_forward_pre_hook(lambda _, args: self.seen["last"].append(args[0][0]))
        self.spy()

    def spy(self):
        """Keeps q, k and v as eager attention receives them."""
        module = sys.modules[type(self.base).__module__]
        eager = getattr(module.eager_attention_forward, "eager", module.eager_attention_forward)

        def watching(layer, query, key, value, *args, **kwargs):
            for name, tensor in zip("qkv", (query, key, value)):
                self.seen[name].append(tensor[0])
            return eager(layer, query, key, value, *args, **kwargs)

        watching.eager = eager
        module.eager_attention_forward = watching

    def run(self, asked):
        """What reference.rs calls an Outcome."""
        self.seen.clear()
        self.spy()
        given = {"input_ids": torch.tensor([asked["ids"]])}
        if asked["types"] is not None:
            given["token_type_ids"] = torch.tensor([asked["types"]])
        if asked["mask"] is not None:
            mask = torch.tensor(asked["mask"], dtype=torch.float64)[None, None]
            given["attention_mask"] = (1.0 - mask) * torch.finfo(torch.float64).min
        with torch.no_grad(), widened(self.wide):
            out = self.model(**given, output_hidden_states=True, output_attentions=True)
        hidden = [one[0] for one in out.hidden_states]
        final = None
        if self.final is not None:
            # transformers norms the last hidden states before it lists them.
            final, hidden[-1] = hidden[-1], self.seen["last"][0]
        logits = out.logits[0] if "logits" in out else None
        attention = [one[0] for one in out.attentions]
        return {"hidden": hidden, "attention": attention, "final_norm": final, "logits": logits,
                **{name: self.seen[name] for name in ("q", "k", "v", "concat")}}


def apart(ours, theirs, where):
    """The largest difference; what only one of them has is an error."""
    if ours is None or theirs is None:
        assert ours is None and theirs is None, (where, "only one of them has it")
        return 0.0
    if isinstance(theirs, list):
        assert len(ours) == len(theirs) > 0, (where, len(ours), len(theirs))
        return max(apart(one, other, where) for one, other in zip(ours, theirs))
    ours, theirs = numpy.array(ours), theirs.numpy()
    assert ours.shape == theirs.shape and numpy.isfinite(theirs).all(), (where, ours.shape, theirs.shape)
    return float(numpy.abs(ours - theirs).max())


def compare(judge, answers, where, worst):
    for answer in answers:
        outcome = judge.run(answer)
        for field in FIELDS:
            difference = apart(answer["outcome"][field], outcome[field], (where, field))
            worst[field] = max(worst[field], difference)
            assert not judge.wide or difference <= LIMIT, (where, field, difference)


def table(rows):
    print(f"{'':14}{'cases':>7}{'asked':>7}" + "".join(f"{field:>12}" for field in FIELDS))
    for name, (cases, asked, worst) in rows.items():
        print(f"{name:14}{cases:7}{asked:7}" + "".join(f"{worst[field]:12.1e}" for field in FIELDS))


def check_tokenizer(folder, vocab):
    """Any text becomes ids of the vocabulary; where every byte has a piece, the text comes back."""
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert tokenizer.get_vocab_size() == vocab, (folder, tokenizer.get_vocab_size(), vocab)
    for text in TEXTS:
        ids = tokenizer.encode(text).ids
        assert all(0 <= one < vocab for one in ids), (folder, text, ids)
        plain = tokenizer.encode(text, add_special_tokens=False).ids
        assert plain or not text.strip("\u200b\u00a0\ufeff "), (folder, text)
        model = json.loads((folder / "tokenizer.json").read_text())["model"]
        whole = model["type"] == "BPE" and (model["unk_token"] is None or model["byte_fallback"])
        if whole and text and "<" not in text:
            assert tokenizer.decode(plain) == text, (folder, text, tokenizer.decode(plain))


def check_cases(folder, wide):
    rows = {}
    for case in sorted(path for path in folder.iterdir() if path.is_dir()):
        config = json.loads((case / "config.json").read_text())
        check_tokenizer(case, config["vocab_size"])
        answers = json.loads((case / "case.json").read_text())
        cases, asked, worst = rows.get(config["model_type"], (0, 0, collections.Counter()))
        compare(Judge(case, wide), answers, case.name, worst)
        rows[config["model_type"]] = (cases + 1, asked + len(answers), worst)
    table(rows)


def ask(model, asked, sentences):
    tokenizer = plain_tokenizer(model)
    asked.write_text(json.dumps([tokenizer.encode(text).ids for text in sentences]))


def check_answers(model, asked, wide):
    answers = json.loads(pathlib.Path(f"{asked}.answers.json").read_text())
    worst = collections.Counter()
    compare(Judge(model, wide), answers, model.name, worst)
    table({model.name: (1, len(answers), worst)})


def fill_tokens(model, file):
    tokenizer = plain_tokenizer(model)
    content = json.loads(file.read_text(encoding="utf-8"))
    for sentence in content["sentences"]:
        found = tokenizer.encode(sentence["text"])
        sentence["ids"], sentence["pieces"] = found.ids, found.tokens
    # A sentence a line; what no editor shows, or what one might compose, is escaped.
    hidden = {n for n in range(0x80, 0x10000) if not chr(n).isprintable() or unicodedata.combining(chr(n))}
    escaped = {n: f"\\u{n:04x}" for n in hidden}
    written = (json.dumps(sentence, ensure_ascii=False) for sentence in content["sentences"])
    lines = ",\n".join("  " + sentence.translate(escaped) for sentence in written)
    about = json.dumps(content["about"], ensure_ascii=False)
    file.write_text(f'{{"about": {about},\n "sentences": [\n{lines}\n]}}\n', encoding="utf-8")


def plain_tokenizer(model):
    """As the model reads one sentence: nothing is cut off or filled up."""
    tokenizer = tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--as-it-is", action="store_true", help="float32 stays float32")
    commands = parser.add_subparsers(dest="command", required=True)
    paths = {"cases": ["folder"], "ask": ["model", "asked"], "answers": ["model", "asked"], "tokens": ["model", "file"]}
    for name, arguments in paths.items():
        command = commands.add_parser(name)
        for argument in arguments:
            command.add_argument(argument, type=pathlib.Path)
        if name == "ask":
            command.add_argument("sentences", nargs="+")
    given = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    if given.command == "cases":
        check_cases(given.folder, not given.as_it_is)
    elif given.command == "ask":
        ask(given.model, given.asked, given.sentences)
    elif given.command == "tokens":
        fill_tokens(given.model, given.file)
    else:
        check_answers(given.model, given.asked, not given.as_it_is)


if __name__ == "__main__":
    main()
