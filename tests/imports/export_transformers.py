import sys
import numpy as np, torch
from transformers import AutoModel, AutoTokenizer

folder, text, file = sys.argv[1:]                      # a model's folder or name, a sentence, x.npz
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
inputs = tokenizer(text, return_tensors="pt")
with torch.no_grad():                                  # a tensor a layer: 1 x heads x T x T
    attentions = model(**inputs, output_attentions=True).attentions
tokens = tokenizer.convert_ids_to_tokens(inputs["input_ids"][0])
np.savez_compressed(file, attention=torch.cat(attentions).float().numpy(), tokens=np.array(tokens))
