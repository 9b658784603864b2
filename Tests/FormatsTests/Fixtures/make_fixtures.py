"""Writes the fixtures of this folder that come from NumPy and PyTorch.

    pip install numpy==2.4.6 torch==2.13.0 safetensors==0.8.0
    python make_fixtures.py

Every array is [2, 3] and counts up: from -2 where the type has a sign, else from 0; booleans alternate. The same
versions give the same bytes.
"""

import numpy as np
import torch
from safetensors.torch import save_file


def count_up(code):
    if code == "b1":
        return np.array([[True, False, True], [False, True, False]])
    first = 0 if code[0] == "u" else -2
    return np.arange(first, first + 6).reshape(2, 3).astype(code)


CODES = ["f4", "f8", "f2", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"]

for code in CODES:
    np.save(f"{code}.npy", count_up(code))
for code in ["f4", "f8", "f2", "i2", "i4", "i8", "u2", "u4", "u8"]:
    np.save(f"{code}-big-endian.npy", count_up(code).astype(">" + code))

cube = np.arange(24, dtype="f4").reshape(2, 3, 4)
np.save("cube-fortran.npy", np.asfortranarray(cube))
np.save("cube-fortran-big-endian.npy", np.asfortranarray(cube.astype(">f4")))
np.save("scalar.npy", np.float32(2.5))
np.save("empty.npy", np.zeros((0, 3), dtype="f4"))
for version in [(2, 0), (3, 0)]:
    with open(f"version{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, count_up("f4"), version=version)
np.save("complex.npy", count_up("f4").astype("c8"))
np.save("fields.npy", np.zeros(2, dtype=[("é", "f4"), ("n", "i4")]))

arrays = {"weight": count_up("f4"), "ids": count_up("i8"), "mask": count_up("b1"), "zeros": np.zeros(4000, dtype="f4")}
np.savez("stored.npz", **{name: arrays[name] for name in ["weight", "ids", "mask"]})
np.savez_compressed("compressed.npz", **arrays)

types = {
    "bool": torch.bool, "u8": torch.uint8, "i8": torch.int8, "i16": torch.int16, "u16": torch.uint16,
    "f16": torch.float16, "bf16": torch.bfloat16, "i32": torch.int32, "u32": torch.uint32, "f32": torch.float32,
    "f64": torch.float64, "i64": torch.int64, "u64": torch.uint64,
}
tensors = {}
for name, dtype in types.items():
    first = 0 if name[0] in "ub" else -2
    tensors[name] = torch.arange(first, first + 6).reshape(2, 3).to(dtype)
tensors["bool"] = torch.from_numpy(count_up("b1"))
tensors["halves"] = torch.tensor([0.0, -0.0, 65504, 2**-14, 2**-24, -(2**-15), 1 / 3, float("inf"), -float("inf")]).half()
tensors['a name "in quotes" \\ \n \x01 é 🙂'] = torch.tensor(1.5)
tensors["no numbers"] = torch.zeros(0, 3)
tensors["B.weight"] = torch.tensor([3.0])
save_file(tensors, "every-type.safetensors", metadata={"made by": 'PyTorch "2.13" é\t'})
save_file({"x": torch.zeros(2).to(torch.float8_e4m3fn)}, "float8.safetensors")
save_file({}, "nothing.safetensors")

# Names that look the same and are not: an é of one character, and an e with an accent.
names = {"caf\u00e9": [1.0], "cafe\u0301": [2.0]}
np.savez("names-two-forms.npz", **{name: np.array(x, dtype="f4") for name, x in names.items()})
save_file({name: torch.tensor(x) for name, x in names.items()}, "names-two-forms.safetensors")
save_file({"a": torch.zeros(1)}, "metadata-two-forms.safetensors", metadata={"caf\u00e9": "1", "cafe\u0301": "2"})
np.savez("one-object-array.npz", a=count_up("f4"), o=np.array([1, "two"], dtype=object))
torch.save({"w": torch.zeros(2)}, "torch-save.zip")
