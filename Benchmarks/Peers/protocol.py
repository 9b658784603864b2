"""What the peers share: the conversation with `bench`, and the file that it leaves the numbers in.

`bench` writes one line of JSON to a peer's stdin and reads one line from its stdout, in turn:

    peer    {"peer": "pytorch", "version": …, "threads": …}          once, when it is ready
    bench   {"do": "prepare", "workload": …, "file": …, …}           the work, with weights and batches in the file
    peer    {"losses": […], "setting": …}                            of the first steps
    bench   {"do": "block", "of": "step", "seconds": 1.0}            as many steps as fit, one at least
    peer    {"steps": 12, "seconds": 1.04}

Needs NumPy and nothing else.
"""
import json
import struct
import sys
import time

import numpy as np

TYPES = {"F32": np.float32, "F64": np.float64, "I64": np.int64, "U8": np.uint8}


def read_arrays(path):
    """The arrays of a safetensors file: the header's length, the header, the numbers."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    arrays = {}
    for name, entry in header.items():
        kind = np.dtype(TYPES[entry["dtype"]])
        begin, end = entry["data_offsets"]
        arrays[name] = np.frombuffer(data, kind, (end - begin) // kind.itemsize, begin).reshape(entry["shape"])
    return arrays


def say(**answer):
    print(json.dumps(answer), flush=True)


def run_block(step, seconds):
    """As many steps as fit in `seconds`, one at least. Says how many, and how long they took."""
    steps, start = 0, time.perf_counter()
    while True:
        step()
        steps += 1
        elapsed = time.perf_counter() - start
        if elapsed >= seconds:
            return steps, elapsed


def fastest(candidates, seconds, rounds=3):
    """The name of the fastest of the steps by name, tried in turn; and each one's best rate, in steps a second."""
    rates = {name: 0.0 for name in candidates}
    for step in candidates.values():
        step()
    for _ in range(rounds if len(candidates) > 1 else 0):
        for name, step in candidates.items():
            steps, elapsed = run_block(step, seconds)
            rates[name] = max(rates[name], steps / elapsed)
    return max(rates, key=rates.get), rates


def peak_mib():
    """The most memory this process has held. The kernel's other figure, ru_maxrss, begins with the parent's."""
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    import resource
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024.0 ** 2 if sys.platform == "darwin" else 1024.0)


def converse(prepare):
    """Answers until stdin ends. `prepare` gets a request; gives the answer, and by name the steps to run in blocks."""
    steps = {}
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "prepare":
            answer, steps = prepare(request, read_arrays(request["file"]))
            say(**answer)
        elif request["do"] == "block":
            count, elapsed = run_block(steps[request["of"]], request["seconds"])
            say(steps=count, seconds=elapsed)
        elif request["do"] == "peak":
            say(peak_mib=peak_mib())
