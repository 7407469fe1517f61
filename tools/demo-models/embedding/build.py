"""Builds the embedding model: python3 build.py --output models/demo-embed.gguf (README.md beside this folder)."""
import argparse
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import evaluate
import export
import sources
import tune
import vectors
import vocabulary
from wordpiece import Tokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", required=True)
    parser.add_argument("--cache", default=os.path.join(os.path.expanduser("~"), ".cache", "aifactory-demo-models"))
    parser.add_argument("--words", type=int, default=85_000)
    parser.add_argument("--pieces", type=int, default=6_000)
    parser.add_argument("--removed", type=int, default=5, help="strongest components taken out")
    parser.add_argument("--a", type=float, default=3e-4, help="SIF's constant")
    parser.add_argument("--stop", type=float, default=0.1, help="what the weight of a stop word is multiplied by")
    parser.add_argument("--retrofit", type=float, default=0.3, help="how strongly a word is turned towards its synonyms; 0 for not at all")
    parser.add_argument("--steps", type=int, default=600, help="batches of definitions that the vectors are tuned with")
    options = parser.parse_args()

    tokens, table = build(options)
    tokenizer = Tokenizer(tokens)
    report(f"{len(tokens)} tokens, plain", table, tokenizer)
    definitions, neighbours = tune.pairs(sources.dictionary(options.cache), tokenizer)
    if options.retrofit:
        table = tune.retrofit(table, neighbours, options.retrofit)
        report("after retrofitting", table, tokenizer)
    if options.steps:
        table = tune.contrast(table, definitions, options.steps)
        report("after tuning with definitions", table, tokenizer)
    print(f"{options.output}: {export.write(options.output, tokens, table):,} bytes")


def report(stage, table, tokenizer):
    print(f"{stage}; development set (hit@1, hit@5, MRR): " + ", ".join(f"{name} {scores}" for name, scores in evaluate.table(table, tokenizer).items()), flush=True)


def build(options):
    words, matrix = sources.word_vectors(options.cache)
    plain = vocabulary.plain_words(words)
    weighted = vectors.reduce(matrix[plain], options.removed, export.WIDTH - 1)
    texts = [words[index] for index in plain]
    weighted *= vectors.weights(texts, plain, len(words), options.a, options.stop)[:, None]
    vector_of = dict(zip(texts, weighted))
    added = vectors.describe(new_words(), vector_of)
    kept = [*texts[:options.words], *added]
    rest = [text for text in texts[options.words::2] if text not in added]  # every second one is enough to fit the pieces
    tokens = vocabulary.tokens(kept, rest, options.pieces)
    targets = np.stack([vector_of[text] for text in rest])
    known = {text: vector_of[text] for text in kept[:options.words]} | added
    return tokens, vectors.token_vectors(tokens, known, rest, targets, number_weight=0.5, piece_ridge=3.0)


def new_words():
    """Words that are younger than the vectors, by words that describe them."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "new-words.txt"), encoding="utf-8") as file:
        return dict(line.strip().split(": ") for line in file)



if __name__ == "__main__":
    main()
