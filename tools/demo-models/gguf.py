"""Writes GGUF files, version 3, little-endian: header | metadata | tensor infos | padding | tensor data.

    writer = Writer()
    writer.add("general.architecture", "llama")            # the type follows the Python value
    writer.add("general.file_type", 7, UINT32)             # or is named
    writer.add("tokenizer.ggml.scores", scores, FLOAT32)   # for a list: the type of its elements
    writer.add_tensor("token_embd.weight", matrix, Q8_0)   # numpy, [rows, columns]
    writer.write("model.gguf")

Specification: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""
import os
import struct

import numpy as np

# Types of metadata values.
UINT8, INT8, UINT16, INT16, UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY, UINT64, INT64, FLOAT64 = range(13)
_FORMATS = {UINT8: "B", INT8: "b", UINT16: "H", INT16: "h", UINT32: "I", INT32: "i", FLOAT32: "f", BOOL: "?", UINT64: "Q", INT64: "q", FLOAT64: "d"}

# Types of tensors, with ggml's numbers.
F32, F16, Q8_0 = 0, 1, 8

# Values of general.file_type and tokenizer.ggml.token_type.
FILE_TYPES = {F32: 0, F16: 1, Q8_0: 7}
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)

ALIGNMENT = 32
BLOCK = 32  # values that share one scale in Q8_0


def quantize_q8_0(values):
    """float32 [..., columns], columns a multiple of 32 -> uint8 [..., columns / 32 * 34]; as quantize_row_q8_0_ref of ggml."""
    values = np.ascontiguousarray(values, dtype=np.float32)
    blocks = values.reshape(-1, BLOCK)
    scale = np.abs(blocks).max(axis=1, keepdims=True) / np.float32(127)
    inverse = np.divide(np.float32(1), scale, out=np.zeros_like(scale), where=scale != 0)
    scaled = (blocks * inverse).astype(np.float64)  # roundf: halves away from zero; the sum is exact in float64
    quants = np.trunc(scaled + np.copysign(0.5, scaled)).astype(np.int8)
    packed = np.concatenate([scale.astype("<f2").view(np.uint8), quants.view(np.uint8)], axis=1)
    return packed.reshape(*values.shape[:-1], -1)


def dequantize_q8_0(packed):
    """The inverse: uint8 [..., columns / 32 * 34] -> float32 [..., columns]."""
    blocks = np.ascontiguousarray(packed).reshape(-1, BLOCK + 2)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    return (scale * blocks[:, 2:].view(np.int8)).reshape(*packed.shape[:-1], -1)


class Writer:
    def __init__(self):
        self._metadata = []  # (key, bytes of type and value)
        self._tensors = []  # (name, dimensions innermost first, type, data)

    def add(self, key, value, kind=None):
        if isinstance(value, (list, tuple, np.ndarray)):
            values = value.tolist() if isinstance(value, np.ndarray) else value
            kind = _infer(values[0]) if kind is None else kind
            head = struct.pack("<IIQ", ARRAY, kind, len(values))
            if kind == STRING:
                body = b"".join(map(_string, values))
            else:
                body = struct.pack(f"<{len(values)}{_FORMATS[kind]}", *values)
            self._metadata.append((key, head + body))
        else:
            kind = _infer(value) if kind is None else kind
            body = _string(value) if kind == STRING else struct.pack("<" + _FORMATS[kind], value)
            self._metadata.append((key, struct.pack("<I", kind) + body))
        return self

    def add_tensor(self, name, values, kind=F32):
        """values: float, [rows, columns] or [length]. ggml wants one-dimensional tensors (norms, biases) as F32."""
        values = np.asarray(values, dtype=np.float32)
        if not np.isfinite(values).all():
            raise ValueError(f"{name}: not all values are finite")
        dimensions = tuple(reversed(values.shape))
        if kind == Q8_0:
            if dimensions[0] % BLOCK:
                raise ValueError(f"{name}: a row of {dimensions[0]} values does not divide into blocks of {BLOCK}")
            data = quantize_q8_0(values)
        else:
            data = np.ascontiguousarray(values, dtype="<f4" if kind == F32 else "<f2")
        self._tensors.append((name, dimensions, kind, data))
        return self

    def write(self, path):
        """Writes beside the path and renames: a reader never sees half a file. Returns its length."""
        partial = f"{path}.partial"
        with open(partial, "wb") as file:
            file.write(b"GGUF" + struct.pack("<IQQ", 3, len(self._tensors), len(self._metadata)))
            for key, value in self._metadata:
                file.write(_string(key) + value)
            offset = 0
            for name, dimensions, kind, data in self._tensors:
                file.write(_string(name) + struct.pack(f"<I{len(dimensions)}QIQ", len(dimensions), *dimensions, kind, offset))
                offset += data.nbytes + -data.nbytes % ALIGNMENT
            for _, _, _, data in self._tensors:
                file.write(b"\0" * (-file.tell() % ALIGNMENT))
                file.write(data.tobytes())
            file.write(b"\0" * (-file.tell() % ALIGNMENT))
        os.replace(partial, path)
        return os.path.getsize(path)


def read(path):
    """(metadata by key, tensors by name as float32): the inverse of Writer, for the types that it writes."""
    data, place = open(path, "rb").read(), 24

    def take(form):
        nonlocal place
        values = struct.unpack_from("<" + form, data, place)
        place += struct.calcsize("<" + form)
        return values if len(values) > 1 else values[0]

    def value(kind):
        nonlocal place
        if kind == STRING:
            length = take("Q")
            place += length
            return data[place - length : place].decode()
        if kind == ARRAY:
            kind, length = take("I"), take("Q")
            return [value(kind) for _ in range(length)]
        return take(_FORMATS[kind])

    if data[:8] != b"GGUF" + struct.pack("<I", 3):
        raise ValueError(f"{path}: not a GGUF file of version 3")
    tensor_count, metadata_count = struct.unpack_from("<QQ", data, 8)
    metadata = {value(STRING): value(take("I")) for _ in range(metadata_count)}
    infos = []
    for _ in range(tensor_count):
        name = value(STRING)
        dimensions = [take("Q") for _ in range(take("I"))]
        infos.append((name, dimensions[::-1], take("I"), take("Q")))
    place += -place % ALIGNMENT
    tensors = {}
    for name, shape, kind, offset in infos:
        bytes_of = {F32: 4, F16: 2, Q8_0: (BLOCK + 2) / BLOCK}[kind]
        packed = np.frombuffer(data, np.uint8, int(np.prod(shape) * bytes_of), place + offset)
        tensors[name] = (dequantize_q8_0(packed) if kind == Q8_0 else packed.view("<f4" if kind == F32 else "<f2").astype(np.float32)).reshape(shape)
    return metadata, tensors


def _infer(value):
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, (int, np.integer)):
        return UINT32 if value >= 0 else INT32
    if isinstance(value, (float, np.floating)):
        return FLOAT32
    if isinstance(value, str):
        return STRING
    raise TypeError(f"no GGUF type for {type(value)}")


def _string(text):
    data = text.encode("utf-8")
    return struct.pack("<Q", len(data)) + data
