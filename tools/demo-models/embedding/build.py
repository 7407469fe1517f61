"""Builds the embedding model: python3 build.py --output models/demo-embed.gguf (README.md beside this folder)."""
import argparse
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import evaluate
import export
import sources
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
    options = parser.parse_args()

    tokens, table = build(options)
    print(f"{len(tokens)} tokens; development set (hit@1, hit@5, MRR):")
    for name, scores in evaluate.table(table, Tokenizer(tokens)).items():
        print(f"  {name}: {scores}")
    print(f"{options.output}: {export.write(options.output, tokens, table):,} bytes")


def build(options):
    words, matrix = sources.word_vectors(options.cache)
    plain = vocabulary.plain_words(words)
    weighted = vectors.reduce(matrix[plain], options.removed, export.WIDTH - 1)
    texts = [words[index] for index in plain]
    weighted *= vectors.weights(texts, plain, len(words), options.a, options.stop)[:, None]
    kept = texts[:options.words]
    rest, rest_vectors = texts[options.words:], weighted[options.words:]
    tokens = vocabulary.tokens(kept, rest, options.pieces)
    return tokens, vectors.token_vectors(tokens, dict(zip(kept, weighted)), rest, rest_vectors, number_weight=0.5, piece_ridge=3.0)


if __name__ == "__main__":
    main()
