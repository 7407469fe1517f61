"""From word vectors to the vector of each token, weight included: a text's embedding is their sum."""
import re

import numpy as np

from vocabulary import ALPHABET, CONTROLS, DIGITS, PUNCTUATION, YEARS
from wordpiece import START, Tokenizer

# Words that say how a sentence is built and not what it is about. Questions are full of them, newspapers (where the ranks come from) less so.
STOP = frozenset("""a about above after again against all also am an and any are as at be because been before being below between both but by can could d did do does doing
don down during each few for from further get gets getting got had has have having he her here hers him his how i if in into is it its just ll m may me might more most
must my no nor not now of off on once only or other our ours out over own please re s same shall she should so some such t tell than that the their theirs them then there
these they this those through to too under until up us very ve was we were what when where which while who whom whose why will with would you your yours""".split())

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = ". . twenty thirty forty fifty sixty seventy eighty ninety".split()


def reduce(matrix, removed, kept):
    """Centred, of length 1, without the strongest components (they say how frequent a word is), turned onto the following ones: [words, kept]."""
    matrix = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    matrix -= matrix.mean(axis=0)
    _, _, components = np.linalg.svd(matrix[:20_000], full_matrices=False)
    return (matrix @ components[removed:removed + kept].T).astype(np.float32)


def weights(words, ranks, total, a, stop):
    """SIF: a / (a + p), p from the rank by Zipf's law. https://openreview.net/forum?id=SyK00v5xx"""
    share = 1 / ((np.asarray(ranks) + 2.7) * (np.log(total) + 0.577))
    return (a / (a + share) * np.array([stop if word in STOP else 1 for word in words])).astype(np.float32)


def describe(descriptions, word_vectors):
    """The vector of each word as the sum of its description's, as long as these are on average."""
    result = {}
    for word, description in descriptions.items():
        parts = np.stack([word_vectors[part] for part in description.split()])
        total = parts.sum(axis=0)
        result[word] = total / np.linalg.norm(total) * np.linalg.norm(parts, axis=1).mean()
    return result


def token_vectors(tokens, word_vectors, rest, rest_vectors, number_weight, piece_ridge, seed=5):
    """[tokens, width]. word_vectors: by word, weighted; rest: words that are no tokens, and where they should come out."""
    width = rest_vectors.shape[1]
    ids = {token: index for index, token in enumerate(tokens)}
    random = np.random.default_rng(seed)
    typical = np.median(np.linalg.norm(rest_vectors, axis=1))
    table = np.zeros((len(tokens), width), dtype=np.float32)

    def direction():
        values = random.normal(size=width)
        return values / np.linalg.norm(values) * typical

    table[ids["[UNK]"]] = 0.2 * direction()
    for token, index in ids.items():
        if token in CONTROLS:
            continue
        word = token.removeprefix(START)
        if token.startswith(START) and word in word_vectors:
            table[index] = word_vectors[word]
        elif word in PUNCTUATION:
            table[index] = 0.01 * direction()
        elif token.startswith(START) and word and word in ALPHABET:
            table[index] = (0.01 if word in STOP else 0.3) * direction()
        elif word in DIGITS or word in YEARS:
            table[index] = number_weight * (number(word, word_vectors, typical) + direction())
        elif not re.fullmatch("[a-z]*", word):
            table[index] = 0.3 * direction()

    solve_pieces(table, Tokenizer(tokens), rest, rest_vectors, piece_ridge)
    return table


def number(digits, word_vectors, typical):
    """The direction of the number's words: 42 is forty and two, a year is a year."""
    value = int(digits)
    if len(digits) > 2:
        names = ["year"]
    elif value < 20:
        names = [ONES[value]]
    else:
        names = [TENS[value // 10], *([ONES[value % 10]] if value % 10 else [])]
    total = sum(word_vectors[name] for name in names)
    return total / np.linalg.norm(total) * typical


def solve_pieces(table, tokenizer, rest, targets, ridge, steps=40):
    """
    Vectors of the pieces that are zero so far, such that the pieces of each word of the rest add up to its vector as well as they can:
    min |A x + b - targets|^2 + ridge |x|^2 by conjugate gradients, A [rest, pieces] counting pieces.
    """
    free = ~table.any(axis=1)
    free[:len(CONTROLS)] = False
    splits = [tokenizer.encode_word(word) for word in rest]
    rows = np.repeat(np.arange(len(rest)), [len(split) for split in splits])
    columns = np.concatenate([np.array(split) for split in splits])
    known = ~free[columns]
    residual = targets.copy()
    np.subtract.at(residual, rows[known], table[columns[known]])
    rows, columns = rows[~known], columns[~known]
    places = np.cumsum(free) - 1
    columns = places[columns]
    by_row, by_column = group(rows, len(rest)), group(columns, int(free.sum()))

    def forward(x):
        return by_row(x[columns])

    def backward(y):
        return by_column(y[rows])

    x = np.zeros((int(free.sum()), table.shape[1]), dtype=np.float32)
    gradient = backward(residual)
    step = gradient.copy()
    square = (gradient * gradient).sum(axis=0)
    for _ in range(steps):
        applied = backward(forward(step)) + ridge * step
        length = square / np.maximum((step * applied).sum(axis=0), 1e-12)
        x += length * step
        gradient -= length * applied
        after = (gradient * gradient).sum(axis=0)
        step = gradient + after / np.maximum(square, 1e-12) * step
        square = after
    table[free] = x


def group(indices, count):
    """A function that sums rows [n, width] by their index to [count, width]."""
    order = np.argsort(indices, kind="stable")
    present, begins = np.unique(indices[order], return_index=True)

    def total(values):
        result = np.zeros((count, values.shape[1]), dtype=np.float32)
        result[present] = np.add.reduceat(values[order], begins, axis=0)
        return result

    return total
