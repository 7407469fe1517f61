"""Trains the chat model from nothing. Stop it whenever you like: it goes on from its last checkpoint.

    python3 train.py --work ~/.cache/aifactory-demo-chat [--steps 3000] [--minutes 100]

It can also go on from the model that was exported, where there is no checkpoint any more: --model ../../../models/demo-chat.gguf. What the optimisers knew is gone then, and the weights are as exact as Q8_0 is.
"""

import argparse
import os
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from random import Random

import torch
import torch.nn.functional as F

import tokenizer as bpe
from context import SLOT, load
from corpus import Corpus
from guide import BLOCKS, CARRIED, HEADS, LAYERS, UNITS, guide
from model import Llama, Shape
from muon import Muon

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
import export  # noqa: E402
import gguf  # noqa: E402

VOCABULARY, SPACED = 8192, 2900
BATCH_TOKENS = 6144
POOL = 640
EARLY_POOLS, MIDDLE_POOLS = 6, 20
DECIDING_WEIGHT = 6.0
PROMPT_SHARE, PROMPT_WEIGHT = 0.08, 0.3
GUIDED, KNOWN = 0.3, 0.15
FALLING = 0.4  # of the minutes
MEAN_OVER = 600  # steps: what is evaluated and exported is the moving mean of the weights, which is better than any state on the way


def batches(corpus: Corpus, tokenizer, seed: int, start: int):
    """Endless batches of about BATCH_TOKENS; those of one length go together. The n-th pool depends on the seed and n only, so that a run that goes on sees what it would have seen."""
    number = start
    while True:
        rng = Random(f"{seed}-{number}")
        early, middle = number < EARLY_POOLS, EARLY_POOLS <= number < MIDDLE_POOLS
        pool = sorted((guide(tokenizer, corpus.conversation(rng, early, middle)) for _ in range(POOL)), key=lambda item: len(item.ids))
        made, batch, longest = [], [], 0
        for item in pool:
            if batch and (len(batch) + 1) * max(longest, len(item.ids)) > BATCH_TOKENS:
                made.append(batch)
                batch, longest = [], 0
            batch.append(item)
            longest = max(longest, len(item.ids))
        made.append(batch)
        rng.shuffle(made)
        number += 1
        for batch in made:
            yield number, batch, rng


def tensors(batch, rng, device):
    length = max(len(item.ids) for item in batch)
    tokens = torch.zeros(len(batch), length, dtype=torch.long)
    weights = torch.zeros(len(batch), length)
    for row, item in enumerate(batch):
        tokens[row, : len(item.ids)] = torch.tensor(item.ids)
        weights[row, : len(item.ids)] = torch.tensor([
            (DECIDING_WEIGHT if index in item.deciding else 1.0) if answer else PROMPT_WEIGHT if rng.random() < PROMPT_SHARE else 0.0
            for index, answer in enumerate(item.learned)
        ])
    return tokens.to(device), weights.to(device)


def make_probes(width: int) -> torch.nn.ModuleDict:
    """Read what a layer knows; thrown away after the training."""
    return torch.nn.ModuleDict({name + kind: torch.nn.Linear(width, classes) for name in CARRIED for kind, classes in (("block", BLOCKS), ("unit", UNITS))})


class Watch:
    """How far a batch's guided heads look elsewhere: minus the logarithm of the attention's share that is where it should be, averaged over the tokens of each head."""

    def __init__(self, model, probes, batch, device):
        self.model, self.probes, self.heads, self.known, self.losses = model, probes, {}, {}, {}
        for name in CARRIED:
            found = [(row, carry.token, carry.block, carry.unit if carry.unit is not None else -100) for row, item in enumerate(batch) for carry in item.carries[name]]
            if found:
                self.known[HEADS[name][0]] = (name, *torch.tensor(found, device=device).unbind(1))
        for name, (layer, head) in HEADS.items():
            rows, places, group, columns = [], [], [], []
            for row, item in enumerate(batch):
                for place, targets in item.looks[name]:
                    for target in targets:
                        group.append(len(rows))
                        columns.append(target)
                    rows.append(row)
                    places.append(place)
            if rows:
                group = torch.tensor(group, device=device)
                self.heads.setdefault(layer, []).append((name, head, torch.tensor(rows, device=device)[group], torch.tensor(places, device=device)[group], torch.tensor(columns, device=device), group, len(rows)))

    def __call__(self, layer, weights, x):
        if layer in self.known:
            name, rows, places, *targets = self.known[layer]
            held = self.model.output_norm(x[rows, places])
            for kind, target in zip(("block", "unit"), targets):
                if (target >= 0).any():
                    self.losses[f"{name}-knows-{kind}"] = F.cross_entropy(self.probes[name + kind](held).float(), target)
        for name, head, rows, places, columns, group, count in self.heads.get(layer, []):
            share = torch.zeros(count, device=weights.device).index_add(0, group, weights[rows, head, places, columns].float())
            self.losses[name] = -(share + 1e-4).log().mean()


def loss_of(model, tokens, weights, watch=None):
    """Cross entropy where a weight asks for it; only there are logits computed."""
    hidden, targets, weights = model.hidden(tokens, watch)[:, :-1], tokens[:, 1:], weights[:, 1:]
    chosen = weights > 0
    logits = model.logits(hidden[chosen]).float()
    return (F.cross_entropy(logits, targets[chosen], reduction="none") * weights[chosen]).sum() / weights.sum()


def vocabulary_texts(corpus: Corpus, rng: Random):
    """What the vocabulary is made of: conversations, and above all the sentences without their names, so that English words are whole and names are put together."""
    yield from ("".join(text for text, _ in corpus.conversation(rng).pieces()) for _ in range(6_000))
    plain = [SLOT.sub("", text) for family in corpus.facts.others for text in [*family["statements"], *(question for questions in family["questions"].values() for question in questions)]]
    plain += [text for item in load("knowledge.jsonl") + load("smalltalk.jsonl") for text in [item["answer"], *item["questions"]]]
    for _ in range(12):
        yield from plain


def start_words(model, tokenizer, path):
    """
    Words begin where the embedding model has them (GloVe's vectors): what means alike is alike from the first step; the rest of the width is chance. The forms of a word, behind a space and in capitals, differ from it in one
    direction each that is the same for all words: what is learned of one word's forms is learned of all.
    """
    metadata, read = gguf.read(path)
    vectors, known = read["token_embd.weight"] - read["token_embd.weight"].mean(0), {token: index for index, token in enumerate(metadata["tokenizer.ggml.tokens"])}
    width, words = vectors.shape[1], {}
    with torch.no_grad():
        table = model.token_embd.weight
        size = table.std() * table.shape[1] ** 0.5
        behind, capitals = (size * torch.nn.functional.normalize(torch.randn(2, table.shape[1]), dim=1)).unbind()
        for index, token in enumerate(tokenizer.tokens):
            body = token.removeprefix("\u0120")
            shouted = len(body) > 1 and body.isupper()
            word = body.lower() if shouted else body
            if word not in words:
                words[word] = table[index].clone()
                found = known.get("\u2581" + word.lower()) if len(word) > 2 else None
                if found is not None:
                    vector = torch.from_numpy(vectors[found])
                    words[word][:width] = vector / vector.norm().clamp(min=1e-6) * (table.std() * width**0.5)
            table[index] = words[word] + (behind if body != token else 0) + (capitals if shouted else 0)


@torch.no_grad()
def exact(model, tokenizer, cases, device):
    """Share of the cases whose last answer, end of turn included, is the most likely one at every token: what greedy decoding would write."""
    scores = {}
    items = sorted(((guide(tokenizer, case), case) for case in cases), key=lambda item: len(item[0].ids))
    for start in range(0, len(items), 24):
        part = items[start : start + 24]
        tokens, _ = tensors([item[0] for item in part], Random(0), device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            hidden = model.hidden(tokens)
            for row, (item, case) in enumerate(part):
                ids, learned = item.ids, item.learned
                end = len(ids) - 1 - learned[::-1].index(True)
                first = end
                while learned[first - 1]:
                    first -= 1
                best = model.logits(hidden[row, first - 1 : end]).argmax(-1)
                scores.setdefault(case.skill, []).append(bool((best == tokens[row, first : end + 1]).all()))
    return {skill: sum(right) / len(right) for skill, right in scores.items()}


class Mean:
    """The moving mean of a model's weights."""

    def __init__(self, model, weights=None):
        self.model = model
        self.weights = {name: tensor.detach().clone() for name, tensor in (weights or model.state_dict()).items()}

    @torch.no_grad()
    def follow(self):
        for name, tensor in self.model.state_dict().items():
            self.weights[name].lerp_(tensor, 1 / MEAN_OVER)

    @contextmanager
    def instead(self):
        """The model has the mean for its weights."""
        kept = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
        self.model.load_state_dict(self.weights)
        self.model.eval()
        try:
            yield
        finally:
            self.model.load_state_dict(kept)
            self.model.train()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint and the log")
    parser.add_argument("--merges", type=Path, default=Path(__file__).parent / "merges.txt")
    parser.add_argument("--words", type=Path, default=ROOT.parent.parent / "models" / "demo-embed.gguf", help="an embedding model, whose word vectors words start from")
    parser.add_argument("--model", type=Path, help="an exported model to go on from, where the work folder has no checkpoint")
    parser.add_argument("--steps", type=int, default=3000, help="of about 8,000 tokens; the learning rate falls over the second half")
    parser.add_argument("--rate", type=float, default=1.0, help="of the full learning rate, at most: a model that has learned much unlearns at the full one")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so long, and let the learning rate fall to its end by then (over the last part of it, or over the second half of the steps, whichever is lower)")
    parser.add_argument("--seed", type=int, default=1)
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
        bpe.train(vocabulary_texts(corpus, Random(options.seed)), VOCABULARY, SPACED).save(options.merges)
    tokenizer = bpe.Tokenizer.load(options.merges)
    cases = [case for skill in Corpus.SKILLS for case in test.cases(skill, 50, seed=99)]

    torch.manual_seed(options.seed)
    path = options.work / "checkpoint.pt"
    saved = torch.load(path, map_location=device) if path.exists() else None
    weights, shape, progress = None, Shape(len(tokenizer.tokens)), (0, 0, 0)
    if saved is not None:
        weights, shape, progress = saved["model"], Shape.of(saved["shape"]), (saved["step"], saved["pools"], saved["tokens"])
    elif options.model is not None:
        weights, shape, progress = export.read(options.model)
    origin = path if saved is not None else options.model
    if shape.vocabulary != len(tokenizer.tokens):
        raise SystemExit(f"{origin} has {shape.vocabulary} tokens, and {options.merges} has {len(tokenizer.tokens)}: name the merges that it was trained with (--merges)")
    if shape.layers != LAYERS:
        raise SystemExit(f"{origin} has {shape.layers} layers, and the training guides heads in {LAYERS}: make it larger first (grow.py), or take another --work")
    model = Llama(shape).to(device)
    if weights is None:
        start_words(model, tokenizer, options.words)
    else:
        model.load_state_dict(weights)
    matrices = [p for name, p in model.named_parameters() if p.dim() == 2 and name.startswith("blk")]
    rest = [p for name, p in model.named_parameters() if not (p.dim() == 2 and name.startswith("blk"))]
    probes = make_probes(shape.width).to(device)
    optimizers = [(Muon(matrices), 0.006), (torch.optim.AdamW(rest, betas=(0.9, 0.98), weight_decay=0.0), 0.002), (torch.optim.AdamW(probes.parameters(), betas=(0.9, 0.98), weight_decay=0.0), 0.002)]
    if saved is not None and "optimizers" in saved:
        probes.load_state_dict(saved.get("probes", probes.state_dict()))
        for (optimizer, _), state in zip(optimizers, saved["optimizers"]):
            optimizer.load_state_dict(state)
    mean = Mean(model, saved.get("mean") if saved is not None else None)
    step, pools, seen = progress
    # Where the optimisers know nothing yet, they begin with small steps: from this one on.
    cold = saved.get("cold", 0) if saved is not None and "optimizers" in saved else step

    def save():
        state = {"model": model.state_dict(), "mean": mean.weights, "probes": probes.state_dict(), "optimizers": [o.state_dict() for o, _ in optimizers], "step": step, "cold": cold, "pools": pools, "tokens": seen, "shape": model.shape.__dict__}
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
    guided: dict[str, float] = {}
    for pools_now, batch, rng in batches(corpus, tokenizer, options.seed, pools):
        pools = pools_now
        if stopping or step >= options.steps or time.time() - began > options.minutes * 60:
            break
        left = max(0.02, min(1, (options.steps - step) / (options.steps * 0.5), (1 - (time.time() - began) / (options.minutes * 60)) / FALLING))
        rate = options.rate * min(1, (step - cold + 1) / 50) * left
        tokens, weights = tensors(batch, rng, device)
        watch = Watch(model, probes, batch, device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss = loss_of(model, tokens, weights, watch)
        (loss + left * sum((GUIDED if name in HEADS else KNOWN) * value for name, value in watch.losses.items())).backward()
        for name, value in watch.losses.items():
            guided[name] = 0.95 * guided.get(name, value.item()) + 0.05 * value.item()
        for optimizer, base in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = base * rate
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        mean.follow()
        step, seen = step + 1, seen + sum(len(item.ids) for item in batch)
        total, count = total + loss.item(), count + 1
        if step % 20 == 0:
            say(f"step {step} loss {total / count:.4f} tokens {seen:,} {seen and (time.time() - began):.0f} s rate {rate:.2f} looks " + " ".join(f"{name} {value:.2f}" for name, value in guided.items()))
            total = count = 0
        if step % 200 == 0:
            with mean.instead():
                say("  exact " + " ".join(f"{skill} {score:.2f}" for skill, score in exact(model, tokenizer, cases, device).items()))
        if time.time() - saved_at > 240:
            save()
            saved_at = time.time()
    save()
    say(f"saved at step {step}")


if __name__ == "__main__":
    main()
