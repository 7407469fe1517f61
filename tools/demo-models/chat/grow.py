"""Makes a larger model of a trained one, which computes what the smaller one does: the training goes on from there.

    python3 grow.py --model ../../../models/demo-chat.gguf --work ~/.cache/aifactory-demo-chat [--width 256] [--heads 6] [--feed-forward 704]

What is new reads by chance and writes nothing: every matrix that adds to the model's stream has zeros there, which is where it begins to learn (T. Chen et al., Net2Net, 2016). The largest difference of a logit was 0.0009 (of 17): the norms' epsilon counts for a little more in a wider model.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import torch

import export
from model import Llama, Shape

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import gguf  # noqa: E402

# Which of the old layers each new one is: one is new before the head that copies, and one at the end.
PLACES = [0, 1, 2, 3, None, 4, 5, None]
WRITES = ("token_embd.weight", "attn_output.weight", "ffn_down.weight")


def grown(weights: dict, old: Shape, shape: Shape) -> dict:
    """The weights of a model of the new shape."""
    model = Llama(shape)
    state = model.state_dict()
    # A norm divides by the root of the mean over all of the width, where what is new is zero.
    calm = (old.width / shape.width) ** 0.5
    for name, tensor in state.items():
        layer = int(name.split(".")[1]) if name.startswith("blk.") else None
        source = name if layer is None else None if PLACES[layer] is None else name.replace(f"blk.{layer}.", f"blk.{PLACES[layer]}.")
        if name.endswith(WRITES):
            tensor.zero_()
        if source is None:
            continue
        small = weights[source]
        if tensor.dim() == 1:
            tensor.fill_(small.mean() * calm)
            tensor[: old.width] = small * calm
            continue
        # Parts that stand below each other grow each by itself: queries, keys and values; gate and up.
        parts = {"attn_qkv.weight": 3, "ffn_gate_up.weight": 2}.get(name.split(".", 2)[-1], 1)
        if parts > 1:
            tensor.normal_(std=small.std())
        for part, kept in zip(tensor.chunk(parts), small.chunk(parts)):
            part[: kept.shape[0], : kept.shape[1]] = kept
    return state


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True, help="the exported model to begin with")
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint, which must not have one")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--heads", type=int, default=6)
    parser.add_argument("--feed-forward", type=int, default=704)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    path = options.work / "checkpoint.pt"
    if path.exists():
        raise SystemExit(f"{path} is there already: choose another --work, or move it away")
    weights, old, (step, pools, seen) = export.read(options.model)
    if old.layers != len(PLACES) - PLACES.count(None):
        raise SystemExit(f"{options.model} has {old.layers} layers: only one of {len(PLACES) - PLACES.count(None)} can be made larger")
    shape = replace(old, width=options.width, layers=len(PLACES), heads=options.heads, feed_forward=options.feed_forward)
    for name in ("width", "heads", "feed_forward"):
        if getattr(shape, name) < getattr(old, name):
            raise SystemExit(f"--{name.replace('_', '-')} is {getattr(shape, name)}, and {options.model} has {getattr(old, name)} already")
    for name, size in (("--width", shape.width), ("--feed-forward", shape.feed_forward), (f"--heads times {shape.head}", shape.attention)):
        if size % gguf.BLOCK:
            raise SystemExit(f"{name} is {size}: Q8_0 packs {gguf.BLOCK} at a time, so it must be a multiple of that")
    torch.manual_seed(options.seed)
    options.work.mkdir(parents=True, exist_ok=True)
    state = grown(weights, old, shape)
    torch.save({"model": state, "step": step, "pools": pools, "tokens": seen, "shape": shape.__dict__}, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
    print(f"{path}: {sum(tensor.numel() for tensor in state.values()):,} parameters, from {sum(tensor.numel() for tensor in weights.values()):,}")


if __name__ == "__main__":
    main()
