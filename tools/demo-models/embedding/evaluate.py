"""hit@1, hit@5 and MRR of the development set, of which the model may learn: the test set is the benchmark's."""
import json
import math
import os
import re
from collections import Counter

import numpy as np

FOLDER = os.path.dirname(os.path.abspath(__file__))


def development_set():
    """(passages, questions, the index of each question's passage)"""
    with open(os.path.join(FOLDER, "dev.json"), encoding="utf-8") as file:
        content = json.load(file)
    return content["passages"], [question["text"] for question in content["questions"]], np.array([question["passage"] for question in content["questions"]])


def embed(table, tokenizer, texts):
    sums = np.stack([table[tokenizer.encode(text)].sum(axis=0) for text in texts])
    return sums / np.linalg.norm(sums, axis=1, keepdims=True)


def bm25(questions, passages, k1=1.2, b=0.75):
    """[questions, passages]; minus infinity where they share no word."""
    documents = [Counter(re.findall(r"\w+", passage.lower())) for passage in passages]
    average = np.mean([document.total() for document in documents])
    frequency = Counter(word for document in documents for word in document)
    scores = np.full((len(questions), len(passages)), -np.inf)
    for row, question in enumerate(questions):
        for word in re.findall(r"\w+", question.lower()):
            idf = math.log(1 + (len(passages) - frequency[word] + 0.5) / (frequency[word] + 0.5))
            for column, document in enumerate(documents):
                if document[word]:
                    scores[row, column] = max(scores[row, column], 0) + idf * document[word] * (k1 + 1) / (document[word] + k1 * (1 - b + b * document.total() / average))
    return scores


def fuse(left, right, k=60):
    """Reciprocal ranks added; a passage that a side does not find gets nothing from it."""
    def side(scores):
        return np.where(np.isfinite(scores), 1 / (k + 1 + (-scores).argsort(axis=1, kind="stable").argsort(axis=1)), 0)
    return side(left) + side(right)


def score(scores, answers):
    """(hit@1, hit@5, MRR); of equal scores the passage that stands first wins."""
    rows = np.arange(len(answers))
    ranks = (-scores).argsort(axis=1, kind="stable").argsort(axis=1)[rows, answers].astype(float)
    ranks[~np.isfinite(scores[rows, answers])] = np.inf
    return tuple(round(float(value), 3) for value in (np.mean(ranks < 1), np.mean(ranks < 5), np.mean(1 / (ranks + 1))))


def table(token_vectors, tokenizer):
    passages, questions, answers = development_set()
    similar = embed(token_vectors, tokenizer, questions) @ embed(token_vectors, tokenizer, passages).T
    words = bm25(questions, passages)
    return {"BM25": score(words, answers), "embeddings": score(similar, answers), "fused": score(fuse(similar, words), answers)}
