"""Trains the chat model from nothing. Stop it whenever you like: it goes on from its last checkpoint.

    python3 train.py --work ~/.cache/aifactory-demo-chat [--steps 3000] [--minutes 100]
"""

import argparse
import os
import signal
import time
from pathlib import Path
from random import Random

import torch
import torch.nn.functional as F

import tokenizer as bpe
from corpus import Corpus
from model import Llama, Shape
from muon import Muon

VOCABULARY = 3072
BATCH_TOKENS = 8192
POOL = 768
EARLY_POOLS, MIDDLE_POOLS = 26, 68
FIRST_WEIGHT = 3.0
PROMPT_SHARE, PROMPT_WEIGHT = 0.15, 0.3


def tokenize(tokenizer, conversation):
    """Token ids, and for each the weight of having to predict it."""
    ids, learned = [], []
    for text, answer in conversation.pieces():
        piece = tokenizer.encode(text)
        ids += piece
        learned += [answer] * len(piece)
    return ids, learned


def batches(corpus: Corpus, tokenizer, seed: int, start: int):
    """Endless batches of about BATCH_TOKENS; those of one length go together. The n-th pool depends on the seed and n only, so that a run that goes on sees what it would have seen."""
    number = start
    while True:
        rng = Random(f"{seed}-{number}")
        pool = sorted((tokenize(tokenizer, corpus.conversation(rng, early=number < EARLY_POOLS, middle=EARLY_POOLS <= number < MIDDLE_POOLS)) for _ in range(POOL)), key=lambda item: len(item[0]))
        made, batch, longest = [], [], 0
        for item in pool:
            if batch and (len(batch) + 1) * max(longest, len(item[0])) > BATCH_TOKENS:
                made.append(batch)
                batch, longest = [], 0
            batch.append(item)
            longest = max(longest, len(item[0]))
        made.append(batch)
        rng.shuffle(made)
        number += 1
        for batch in made:
            yield number, batch, rng


def tensors(batch, rng, device):
    length = max(len(ids) for ids, _ in batch)
    tokens = torch.zeros(len(batch), length, dtype=torch.long)
    weights = torch.zeros(len(batch), length)
    for row, (ids, learned) in enumerate(batch):
        tokens[row, : len(ids)] = torch.tensor(ids)
        before = [False, *learned]
        weights[row, : len(ids)] = torch.tensor([
            # The first token decides which sentence, tool or answer it is to be.
            (1.0 if previous else FIRST_WEIGHT) if answer else PROMPT_WEIGHT if rng.random() < PROMPT_SHARE else 0.0
            for answer, previous in zip(learned, before)
        ])
    return tokens.to(device), weights.to(device)


def loss_of(model, tokens, weights):
    """Cross entropy where a weight asks for it; only there are logits computed."""
    hidden, targets, weights = model.hidden(tokens)[:, :-1], tokens[:, 1:], weights[:, 1:]
    chosen = weights > 0
    logits = model.logits(hidden[chosen]).float()
    return (F.cross_entropy(logits, targets[chosen], reduction="none") * weights[chosen]).sum() / weights.sum()


@torch.no_grad()
def exact(model, tokenizer, cases, device):
    """Share of the cases whose last answer, end of turn included, is the most likely one at every token: what greedy decoding would write."""
    scores = {}
    items = sorted(((tokenize(tokenizer, case), case) for case in cases), key=lambda item: len(item[0][0]))
    for start in range(0, len(items), 24):
        part = items[start : start + 24]
        tokens, _ = tensors([item[0] for item in part], Random(0), device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            hidden = model.hidden(tokens)
            for row, ((ids, learned), case) in enumerate(part):
                end = len(ids) - 1 - learned[::-1].index(True)
                first = end
                while learned[first - 1]:
                    first -= 1
                best = model.logits(hidden[row, first - 1 : end]).argmax(-1)
                scores.setdefault(case.skill, []).append(bool((best == tokens[row, first : end + 1]).all()))
    return {skill: sum(right) / len(right) for skill, right in scores.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint and the log")
    parser.add_argument("--merges", type=Path, default=Path(__file__).parent / "merges.txt")
    parser.add_argument("--steps", type=int, default=3000, help="of about 8,000 tokens; the learning rate falls over the second half")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop, with a checkpoint, after so long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    signal.signal(signal.SIGINT, lambda *_: stopping.append(True))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    corpus, test = Corpus(), Corpus(test=True)
    if not options.merges.exists():
        rng = Random(options.seed)
        bpe.train(("".join(text for text, _ in corpus.conversation(rng).pieces()) for _ in range(20_000)), VOCABULARY).save(options.merges)
    tokenizer = bpe.Tokenizer.load(options.merges)
    cases = [case for skill in Corpus.SKILLS for case in test.cases(skill, 50, seed=99)]

    torch.manual_seed(options.seed)
    model = Llama(Shape(len(tokenizer.tokens), options.width, options.layers, feed_forward=options.width * 8 // 3)).to(device)
    matrices = [p for name, p in model.named_parameters() if p.dim() == 2 and name.startswith("blk")]
    rest = [p for name, p in model.named_parameters() if not (p.dim() == 2 and name.startswith("blk"))]
    optimizers = [(Muon(matrices), 0.006), (torch.optim.AdamW(rest, betas=(0.9, 0.98), weight_decay=0.0), 0.002)]
    step = pools = 0
    seen = 0
    path = options.work / "checkpoint.pt"
    if path.exists():
        saved = torch.load(path, map_location=device)
        model.load_state_dict(saved["model"])
        for (optimizer, _), state in zip(optimizers, saved["optimizers"]):
            optimizer.load_state_dict(state)
        step, pools, seen = saved["step"], saved["pools"], saved["tokens"]

    def save():
        state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o, _ in optimizers], "step": step, "pools": pools, "tokens": seen, "shape": model.shape.__dict__}
        torch.save(state, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    log = (options.work / "log.txt").open("a")

    def say(text):
        print(text, flush=True)
        log.write(text + "\n")
        log.flush()

    say(f"{sum(p.numel() for p in model.parameters()):,} parameters on {device}, from step {step}")
    began = saved_at = time.time()
    total = count = 0
    for pools_now, batch, rng in batches(corpus, tokenizer, options.seed, pools):
        pools = pools_now
        if stopping or step >= options.steps or time.time() - began > options.minutes * 60:
            break
        rate = min(1, (step + 1) / 50) * min(1, max(0.02, (options.steps - step) / (options.steps * 0.5)))
        tokens, weights = tensors(batch, rng, device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss = loss_of(model, tokens, weights)
        loss.backward()
        for optimizer, base in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = base * rate
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        step, seen = step + 1, seen + int((tokens != 0).sum())
        total, count = total + loss.item(), count + 1
        if step % 20 == 0:
            say(f"step {step} loss {total / count:.4f} tokens {seen:,} {seen and (time.time() - began):.0f} s rate {rate:.2f}")
            total = count = 0
        if step % 200 == 0:
            model.eval()
            say("  exact " + " ".join(f"{skill} {score:.2f}" for skill, score in exact(model, tokenizer, cases, device).items()))
            model.train()
        if time.time() - saved_at > 240:
            save()
            saved_at = time.time()
    save()
    say(f"saved at step {step}")


if __name__ == "__main__":
    main()
