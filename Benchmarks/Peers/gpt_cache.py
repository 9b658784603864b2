"""Characters a second of a small GPT in PyTorch that keeps its keys and values: `choose-model cache --peer PYTHON`.

    gpt_cache.py VOCABULARY CONTEXT WIDTH HEADS BLOCKS

Prints the best of a few texts that fill the context from one character on. One text, one thread, random weights, a
character drawn at each step, as the workbook does it.
"""

import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(1)
vocabulary, context, width, heads, blocks = map(int, sys.argv[1:])


def matrix(rows, columns):
    return torch.randn(rows, columns) * 0.02


tokens, places = matrix(vocabulary, width), matrix(context, width)
layers = [
    {
        "qkv": matrix(3 * width, width), "out": matrix(width, width), "up": matrix(4 * width, width),
        "down": matrix(width, 4 * width), "norm1": torch.ones(width), "norm2": torch.ones(width),
    }
    for _ in range(blocks)
]
norm = torch.ones(width)


@torch.inference_mode()
def write():
    # Room for all keys and values is made once: appending would copy them at every step.
    keys = [torch.empty(1, heads, context, width // heads) for _ in layers]
    values = [torch.empty(1, heads, context, width // heads) for _ in layers]
    token = 1
    start = time.thread_time()
    for t in range(context - 1):
        x = (tokens[token] + places[t]).view(1, 1, width)
        for layer, k, v in zip(layers, keys, values):
            q, new_k, new_v = F.linear(F.layer_norm(x, (width,), layer["norm1"]), layer["qkv"]).split(width, 2)
            k[:, :, t] = new_k.view(1, heads, -1)
            v[:, :, t] = new_v.view(1, heads, -1)
            y = F.scaled_dot_product_attention(q.view(1, heads, 1, -1), k[:, :, : t + 1], v[:, :, : t + 1])
            x = x + F.linear(y.reshape(1, 1, width), layer["out"])
            x = x + F.linear(F.gelu(F.linear(F.layer_norm(x, (width,), layer["norm2"]), layer["up"])), layer["down"])
        scores = F.linear(F.layer_norm(x, (width,), norm), tokens).view(-1)
        token = int(torch.multinomial(torch.softmax(scores, 0), 1))
    return (context - 1) / (time.thread_time() - start)


write()
print(max(write() for _ in range(5)))
