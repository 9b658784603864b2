"""TensorFlow with Keras, on the workloads of `bench` that it has layers for. Started by it; see protocol.py.

    python tensorflow_keras.py THREADS
"""
import os
import sys

THREADS = int(sys.argv[1])
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["OMP_NUM_THREADS"] = str(THREADS)

import numpy as np

from protocol import converse, say

try:
    import tensorflow as tf
except ImportError:
    say(missing="tensorflow")
    sys.exit(0)

tf.config.threading.set_intra_op_parallelism_threads(THREADS)
tf.config.threading.set_inter_op_parallelism_threads(1)
layers = tf.keras.layers


def make_cnn(weight):
    """Channels last: TensorFlow has no other convolutions on a CPU. The first linear layer's rows follow suit."""
    model = tf.keras.Sequential([
        layers.Input((28, 28, 1)),
        layers.Conv2D(32, 5, padding="same", activation="relu"), layers.MaxPool2D(2),
        layers.Conv2D(64, 5, padding="same", activation="relu"), layers.MaxPool2D(2),
        layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dense(10)])
    fc1 = weight("fc1.weight").reshape(128, 64, 7, 7).transpose(2, 3, 1, 0).reshape(-1, 128)
    model.set_weights([
        weight("conv1.weight").transpose(2, 3, 1, 0), weight("conv1.bias"),
        weight("conv2.weight").transpose(2, 3, 1, 0), weight("conv2.bias"),
        fc1, weight("fc1.bias"), weight("fc2.weight").T, weight("fc2.bias")])
    return model


def make_recurrent(request, weight):
    cell = layers.LSTM if request["model"] == "lstm" else layers.GRU
    count, hidden = request["layers"], request["hidden"]
    model = tf.keras.Sequential(
        [layers.Input((None,), dtype="int64"), layers.Embedding(request["vocabulary"], hidden)]
        + [cell(hidden, return_sequences=i + 1 < count) for i in range(count)]
        + [layers.Dense(request["classes"])])
    weights = [weight("embedding.weight")]
    for i in range(count):
        parts = [weight(f"rnn.{kind}_l{i}") for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        if request["model"] == "gru":
            # Keras has the update gate first.
            order = np.r_[hidden:2 * hidden, 0:hidden, 2 * hidden:3 * hidden]
            parts = [part[order] for part in parts]
            weights += [parts[0].T, parts[1].T, np.stack(parts[2:])]
        else:
            weights += [parts[0].T, parts[1].T, parts[2] + parts[3]]
    model.set_weights(weights + [weight("fc.weight").T, weight("fc.bias")])
    return model


def prepare(request, arrays):
    weight = lambda name: arrays["weights." + name]
    model = make_cnn(weight) if request["model"] == "cnn" else make_recurrent(request, weight)
    batches = []
    while f"x{len(batches)}" in arrays:
        x, y = arrays[f"x{len(batches)}"], arrays[f"y{len(batches)}"]
        batches.append((tf.constant(x.transpose(0, 2, 3, 1) if x.ndim == 4 else x), tf.constant(y)))
    loss_of = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = tf.keras.optimizers.Adam(request["learning_rate"], epsilon=1e-8)
    optimizer.build(model.trainable_variables)

    @tf.function
    def learn(x, y):
        with tf.GradientTape() as tape:
            loss = loss_of(y, model(x, training=True))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        return loss

    read = tf.function(lambda x: model(x, training=False))
    order = request["order"]
    if request["learns"] and request["model"] == "lstm":
        # Keras has one bias where the engine has two, so Adam moves it half as far: only the first loss agrees.
        order = order[:1]
    if request["learns"]:
        losses = [float(learn(*batches[i])) for i in order]
    else:
        losses = [float(loss_of(batches[i][1], read(batches[i][0]))) for i in order]
    turn = iter(range(1 << 60))

    def step():
        x, y = batches[next(turn) % len(batches)]
        (learn(x, y) if request["learns"] else read(x)).numpy()

    return {"losses": losses, "setting": "channels_last"}, {"step": step}


say(peer="tensorflow", version=tf.__version__, threads=THREADS)
converse(prepare)
