"""Writes the trained checkpoint as a GGUF that llama.cpp serves.

    python3 export.py --work ~/.cache/aifactory-demo-chat --output ../../../models/demo-chat.gguf [--average ../../../models/demo-chat.gguf]
"""

import argparse
import sys
from pathlib import Path

import torch

import tokenizer as bpe
from model import Shape

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
import gguf  # noqa: E402

EPSILON = 1e-5
TRAINING = ("steps", "pools", "tokens")  # how far the training is, under training.*: for going on from the file


def beside(matrix, heads: int):
    """Rows of a query or key matrix, from halves (as trained) to neighbouring pairs (as llama.cpp turns them)."""
    rows, columns = matrix.shape
    return matrix.view(heads, 2, rows // heads // 2, columns).transpose(1, 2).reshape(rows, columns)


def apart(matrix, heads: int):
    """The inverse of beside."""
    rows, columns = matrix.shape
    return matrix.view(heads, rows // heads // 2, 2, columns).transpose(1, 2).reshape(rows, columns)


def read(path):
    """(weights by their names in the model, its shape, (steps, pools, tokens) of the training): the inverse of the export, as exact as Q8_0 is."""
    metadata, tensors = gguf.read(path)
    weights = {name: torch.from_numpy(tensor.copy()) for name, tensor in tensors.items()}
    heads = metadata["llama.attention.head_count"]
    for layer in range(metadata["llama.block_count"]):
        block = f"blk.{layer}"
        query, key, value = (weights.pop(f"{block}.attn_{name}.weight") for name in "qkv")
        weights[f"{block}.attn_qkv.weight"] = torch.cat((apart(query, heads), apart(key, heads), value))
        weights[f"{block}.ffn_gate_up.weight"] = torch.cat([weights.pop(f"{block}.ffn_{name}.weight") for name in ("gate", "up")])
    width = metadata["llama.embedding_length"]
    shape = Shape(
        len(metadata["tokenizer.ggml.tokens"]), width, metadata["llama.block_count"], heads, metadata.get("llama.attention.key_length", width // heads),
        metadata["llama.feed_forward_length"], metadata["llama.context_length"], metadata["llama.rope.freq_base"], EPSILON,
    )
    return weights, shape, tuple(metadata.get(f"training.{name}", 0) for name in TRAINING)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--average", type=Path, help="an exported model of the same run, an earlier end of the learning rate: what is written is the mean of both")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    saved = torch.load(options.work / "checkpoint.pt", map_location="cpu")
    shape, weights = Shape.of(saved["shape"]), {name: tensor.float() for name, tensor in saved.get("mean", saved["model"]).items()}
    if options.average is not None:
        earlier, earlier_shape, _ = read(options.average)
        if earlier_shape != shape:
            raise SystemExit(f"{options.average} cannot be averaged with {options.work}: it has the shape {earlier_shape}, not {shape}")
        weights = {name: (tensor + earlier[name]) / 2 for name, tensor in weights.items()}
    tokenizer = bpe.Tokenizer.load(Path(__file__).parent / "merges.txt")
    parameters = sum(tensor.numel() for tensor in weights.values())

    writer = gguf.Writer()
    for key, value in {
        "general.architecture": "llama",
        "general.type": "model",
        "general.name": "AiFactory demo chat",
        "general.author": "The AiFactory authors",
        "general.version": "2",
        "general.description": "A small chat model, trained from nothing on text of AiFactory's own: answers from passages, calls tools, follows simple rules.",
        "general.license": "apache-2.0",
        "general.size_label": f"{parameters / 1e6:.1f}M",
        "general.languages": ["en"],
        "general.file_type": gguf.FILE_TYPES[gguf.Q8_0],
        "general.quantization_version": 2,
        # It knows one right answer: chance would only spoil it.
        "general.sampling.temp": 0.0,
        "llama.vocab_size": len(tokenizer.tokens),
        "llama.context_length": shape.context,
        "llama.embedding_length": shape.width,
        "llama.block_count": shape.layers,
        "llama.feed_forward_length": shape.feed_forward,
        "llama.attention.head_count": shape.heads,
        "llama.attention.head_count_kv": shape.heads,
        "llama.attention.key_length": shape.head,
        "llama.attention.value_length": shape.head,
        "llama.attention.layer_norm_rms_epsilon": EPSILON,
        "llama.rope.dimension_count": shape.head,
        "llama.rope.freq_base": shape.rope_base,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "smollm",
        "tokenizer.ggml.tokens": tokenizer.tokens,
        "tokenizer.ggml.merges": [f"{left} {right}" for left, right in tokenizer.merges],
        "tokenizer.ggml.bos_token_id": tokenizer.ids["<|endoftext|>"],
        "tokenizer.ggml.eos_token_id": tokenizer.ids["<|im_end|>"],
        "tokenizer.ggml.eot_token_id": tokenizer.ids["<|im_end|>"],
        "tokenizer.ggml.padding_token_id": tokenizer.ids["<|endoftext|>"],
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.ggml.add_space_prefix": False,
        **{f"training.{name}": value for name, value in zip(TRAINING, (saved["step"], saved["pools"], saved["tokens"]))},
        "tokenizer.chat_template": (ROOT / "template.jinja").read_text(),
    }.items():
        writer.add(key, value)
    kinds = [gguf.CONTROL if token in bpe.CONTROLS else gguf.USER_DEFINED if token in bpe.MARKS else gguf.NORMAL for token in tokenizer.tokens]
    writer.add("tokenizer.ggml.token_type", kinds, gguf.INT32)

    def matrix(name, tensor):
        writer.add_tensor(name, tensor.numpy(), gguf.Q8_0)

    matrix("token_embd.weight", weights["token_embd.weight"])
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        query, key, value = weights[f"{block}.attn_qkv.weight"].chunk(3)
        gate, up = weights[f"{block}.ffn_gate_up.weight"].chunk(2)
        writer.add_tensor(f"{block}.attn_norm.weight", weights[f"{block}.attn_norm.weight"].numpy())
        matrix(f"{block}.attn_q.weight", beside(query, shape.heads))
        matrix(f"{block}.attn_k.weight", beside(key, shape.heads))
        matrix(f"{block}.attn_v.weight", value)
        matrix(f"{block}.attn_output.weight", weights[f"{block}.attn_output.weight"])
        writer.add_tensor(f"{block}.ffn_norm.weight", weights[f"{block}.ffn_norm.weight"].numpy())
        matrix(f"{block}.ffn_gate.weight", gate)
        matrix(f"{block}.ffn_up.weight", up)
        matrix(f"{block}.ffn_down.weight", weights[f"{block}.ffn_down.weight"])
    writer.add_tensor("output_norm.weight", weights["output_norm.weight"].numpy())
    size = writer.write(options.output)
    print(f"{options.output}: {size:,} bytes, {parameters:,} parameters, step {saved['step']}, {saved['tokens']:,} tokens seen")


if __name__ == "__main__":
    main()
