"""PyTorch, on the workloads of `bench`. Started by it; see protocol.py.

    python pytorch.py THREADS           speaks with bench over stdin and stdout
    python pytorch.py THREADS FILE      one epoch over the images of the file, and what it came to
"""
import os
import sys

THREADS = int(sys.argv[1])
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(THREADS)

from protocol import converse, fastest, peak_mib, read_arrays, say

try:
    import torch
except ImportError:
    say(missing="torch")
    sys.exit(0)

import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(THREADS)


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 5, padding=2)
        self.conv2 = nn.Conv2d(32, 64, 5, padding=2)
        self.fc1 = nn.Linear(64 * 7 * 7, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, images):
        x = F.max_pool2d(F.relu(self.conv1(images)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


class RNNClassifier(nn.Module):
    def __init__(self, vocabulary, hidden, layers, classes, cell):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.rnn = {"lstm": nn.LSTM, "gru": nn.GRU}[cell](hidden, hidden, layers, batch_first=True)
        self.fc = nn.Linear(hidden, classes)

    def forward(self, ids):
        zeros = torch.zeros(self.rnn.num_layers, len(ids), self.rnn.hidden_size)
        state = (zeros, zeros) if isinstance(self.rnn, nn.LSTM) else zeros
        output, _ = self.rnn(self.embedding(ids), state)
        return self.fc(output[:, -1])


class Attention(nn.Module):
    """Self-attention with nn.MultiheadAttention's parameters; without its detour for weights that nobody reads."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * width))
        self.out_proj = nn.Linear(width, width)

    def forward(self, x):
        n, t, width = x.shape
        parts = F.linear(x, self.in_proj_weight, self.in_proj_bias).split(width, dim=2)
        q, k, v = (part.view(n, t, self.heads, width // self.heads).transpose(1, 2) for part in parts)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out_proj(y.transpose(1, 2).reshape(n, t, width))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.self_attn = Attention(width, heads)
        self.linear1, self.linear2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x):
        x = x + self.self_attn(self.norm1(x))
        return x + self.linear2(F.gelu(self.linear1(self.norm2(x))))


class Positions(nn.Module):
    def __init__(self, context, width):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(context, width))


class GPT(nn.Module):
    def __init__(self, vocabulary, context, width, heads, blocks):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), Positions(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)

    def forward(self, ids):
        x = self.tokens(ids) + self.positions.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)).flatten(0, 1)


def conv(channels, filters, kernel, stride=1, groups=1):
    return nn.Conv2d(channels, filters, kernel, stride, kernel // 2, groups=groups, bias=False)


class ResidualPair(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1, self.norm1 = conv(channels, filters, 3, stride), nn.BatchNorm2d(filters)
        self.conv2, self.norm2 = conv(filters, filters, 3), nn.BatchNorm2d(filters)
        self.changes = stride > 1 or channels != filters
        if self.changes:
            self.beside, self.norm_beside = conv(channels, filters, 1, stride), nn.BatchNorm2d(filters)

    def forward(self, x):
        inner = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(inner + (self.norm_beside(self.beside(x)) if self.changes else x))


class SmallResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = conv(3, 32, 3), nn.BatchNorm2d(32)
        self.pair1, self.pair2, self.pair3 = ResidualPair(32, 32, 1), ResidualPair(32, 64, 2), ResidualPair(64, 128, 2)
        self.fc = nn.Linear(128, 10)

    def forward(self, images):
        x = F.relu(self.norm(self.conv(images)))
        return self.fc(self.pair3(self.pair2(self.pair1(x))).mean((2, 3)))


class SeparablePair(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.depthwise, self.norm1 = conv(channels, channels, 3, stride, groups=channels), nn.BatchNorm2d(channels)
        self.pointwise, self.norm2 = conv(channels, filters, 1), nn.BatchNorm2d(filters)

    def forward(self, x):
        return F.relu(self.norm2(self.pointwise(F.relu(self.norm1(self.depthwise(x))))))


class SmallMobileNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = conv(3, 32, 3), nn.BatchNorm2d(32)
        self.pair1, self.pair2 = SeparablePair(32, 64, 1), SeparablePair(64, 128, 2)
        self.pair3, self.pair4 = SeparablePair(128, 128, 1), SeparablePair(128, 256, 2)
        self.fc = nn.Linear(256, 10)

    def forward(self, images):
        x = F.relu(self.norm(self.conv(images)))
        return self.fc(self.pair4(self.pair3(self.pair2(self.pair1(x)))).mean((2, 3)))


class MeanOfWords(nn.Module):
    def __init__(self, vocabulary, width, classes):
        super().__init__()
        self.embedding, self.fc = nn.EmbeddingBag(vocabulary, width, mode="mean"), nn.Linear(width, classes)

    def forward(self, ids):
        return self.fc(self.embedding(ids))


IMAGE_MODELS = {"cnn": CNN, "resnet": SmallResNet, "mobilenet": SmallMobileNet}


def make_model(request, arrays):
    kind = request["model"]
    if kind in IMAGE_MODELS:
        model = IMAGE_MODELS[kind]()
    elif kind == "words":
        model = MeanOfWords(*(request[name] for name in ("vocabulary", "width", "classes")))
    elif kind == "gpt":
        model = GPT(*(request[name] for name in ("vocabulary", "context", "width", "heads", "blocks")))
    else:
        model = RNNClassifier(*(request[name] for name in ("vocabulary", "hidden", "layers", "classes")), kind)
    prefix = "weights."
    model.load_state_dict(
        {name[len(prefix):]: torch.from_numpy(a) for name, a in arrays.items() if name.startswith(prefix)})
    return model


def make_optimizer(model, request):
    kind = torch.optim.AdamW if request["model"] == "gpt" else torch.optim.Adam
    return kind(model.parameters(), lr=request["learning_rate"], fused=True)


class Run:
    """A model, its batches, and a step: learning from the next batch, or reading it."""

    def __init__(self, request, arrays, layout):
        self.model = make_model(request, arrays).to(memory_format=layout)
        self.learns = request["learns"]
        self.optimizer = make_optimizer(self.model, request) if self.learns else None
        self.batches = []
        while f"x{len(self.batches)}" in arrays:
            i = len(self.batches)
            x, y = torch.from_numpy(arrays[f"x{i}"]), torch.from_numpy(arrays[f"y{i}"])
            self.batches.append((x.contiguous(memory_format=layout) if x.dim() == 4 else x, y))
        self.next = 0
        self.model.train(self.learns)

    def loss(self, i):
        x, y = self.batches[i]
        return F.cross_entropy(self.model(x), y)

    def learn(self, i):
        self.optimizer.zero_grad()
        loss = self.loss(i)
        loss.backward()
        self.optimizer.step()
        return loss

    def step(self):
        i = self.next % len(self.batches)
        self.next += 1
        if self.learns:
            self.learn(i)
        else:
            with torch.no_grad():
                self.model(self.batches[i][0])

    def first_losses(self, order):
        if self.learns:
            return [self.learn(i).item() for i in order]
        with torch.no_grad():
            return [self.loss(i).item() for i in order]


LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def prepare_model(request, arrays):
    names = list(LAYOUTS) if request["model"] in IMAGE_MODELS else ["contiguous"]
    if "setting" in request:
        names = [request["setting"]]
    runs = {name: Run(request, arrays, LAYOUTS[name]) for name in names}
    losses = {name: run.first_losses(request["order"]) for name, run in runs.items()}
    chosen, rates = fastest({name: run.step for name, run in runs.items()}, request["trial_seconds"])
    return {"losses": losses[chosen], "setting": chosen, "rates": rates}, {"step": runs[chosen].step}


def prepare_convolution(request, arrays):
    settings = [request[name] for name in ("stride", "padding", "dilation", "groups")]
    steps, projections = {}, {}
    for name, layout in LAYOUTS.items():
        x, dy, weight = (torch.from_numpy(arrays[k]).contiguous(memory_format=layout) for k in ("x", "dy", "weight"))
        bias = torch.from_numpy(arrays["bias"])
        wanted = [weight.requires_grad_(), bias.requires_grad_()]
        if not request["first"]:
            wanted.append(x.requires_grad_())

        def forward(x=x, weight=weight, bias=bias):
            return F.conv2d(x, weight, bias, *settings)

        def both(forward=forward, dy=dy, wanted=wanted):
            y = forward()
            return [y, *torch.autograd.grad(y, wanted, dy)]

        steps[name] = {"forward": forward, "both": both}
        projections[name] = [
            (a.double() * b.double()).sum().item() for a, b in zip(both(), (dy, weight, bias, x))]
    chosen = {
        what: fastest({name: both[what] for name, both in steps.items()}, request["trial_seconds"])[0]
        for what in ("forward", "both")}
    answer = {"projections": projections[chosen["both"]], "setting": chosen}
    return answer, {what: steps[name][what] for what, name in chosen.items()}


def prepare(request, arrays):
    return (prepare_convolution if request["model"] == "convolution" else prepare_model)(request, arrays)


def epoch(path):
    """One epoch over all images of a file, in their order: a whole program's work."""
    arrays = read_arrays(path)
    request = {"model": "cnn", "learning_rate": 1e-3}
    model = make_model(request, arrays)
    optimizer = make_optimizer(model, request)
    images = torch.from_numpy(arrays["images"])
    labels = torch.from_numpy(arrays["labels"])
    losses = []
    for i in range(0, len(images), 64):
        x = images[i:i + 64].float() * (1 / 255)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), labels[i:i + 64])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    say(losses=losses[:5], last=losses[-1], peak_mib=peak_mib())


if len(sys.argv) > 2:
    epoch(sys.argv[2])
else:
    say(peer="pytorch", version=torch.__version__, threads=torch.get_num_threads())
    converse(prepare)
