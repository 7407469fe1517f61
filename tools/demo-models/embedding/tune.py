"""Tunes token vectors with WordNet: synonyms nearer to each other, and a definition nearer to the word that it defines than to others."""
import numpy as np

from vectors import group


def pairs(synsets, tokenizer):
    """(token ids of the lemmas, of the definition) for each synset; and (id, id) for two words that are synonyms or next to each other in WordNet."""
    definitions, neighbours = [], set()
    for lemmas, definition, related in synsets.values():
        words = dict.fromkeys(" ".join(lemmas).split())
        definitions.append((tokenizer.encode(" ".join(words)), tokenizer.encode(definition)))
        singles = single_tokens(lemmas, tokenizer)
        others = {token for place in related if place in synsets for token in single_tokens(synsets[place][0], tokenizer)}
        neighbours.update((left, right) for left in singles for right in (singles | others) if left != right)
    neighbours |= {(right, left) for left, right in neighbours}
    return [pair for pair in definitions if pair[0] and pair[1]], np.array(sorted(neighbours))


def single_tokens(lemmas, tokenizer):
    splits = [tokenizer.encode(lemma) for lemma in lemmas]
    return {split[0] for split in splits if len(split) == 1}


def retrofit(table, neighbours, strength, rounds=5):
    """Turns each word towards the mean of its neighbours; lengths stay. After Faruqui et al. 2015, https://aclanthology.org/N15-1184"""
    lengths = np.linalg.norm(table, axis=1, keepdims=True) + 1e-9
    origin = table / lengths
    present, counts = np.unique(neighbours[:, 0], return_counts=True)
    total, now = group(neighbours[:, 0], len(table)), origin.copy()
    for _ in range(rounds):
        mean = total(now[neighbours[:, 1]])[present] / counts[:, None]
        turned = origin[present] + strength * mean
        now[present] = turned / np.linalg.norm(turned, axis=1, keepdims=True)
    return now * lengths


def contrast(table, definitions, steps, batch=512, rate=0.05, temperature=0.05, seed=0):
    """
    Gradient descent on InfoNCE, both ways: of the batch's definitions the one of these lemmas, and back.
    Adagrad with one accumulator a row; a row's steps are as long as the row, so that a common word stays light.
    """
    scale = np.median(np.linalg.norm(table, axis=1))
    table = table / scale
    reach = np.maximum(np.linalg.norm(table, axis=1), 0.01) / np.sqrt(table.shape[1])
    squares = np.full(len(table), 1e-8)
    order = np.random.default_rng(seed).permutation(len(definitions))
    for step in range(steps):
        chosen = [definitions[order[(step * batch + i) % len(order)]] for i in range(batch)]
        bags = [pair[0] for pair in chosen] + [pair[1] for pair in chosen]
        flat, lengths = np.concatenate(bags).astype(int), [len(bag) for bag in bags]
        sums = np.add.reduceat(table[flat], np.concatenate([[0], np.cumsum(lengths)[:-1]]), axis=0)
        norms = np.linalg.norm(sums, axis=1, keepdims=True) + 1e-6
        units = sums / norms
        left, right = units[:batch], units[batch:]
        gradient = np.concatenate(loss_gradient(left, right, temperature))
        gradient = (gradient - (gradient * units).sum(axis=1, keepdims=True) * units) / norms
        rows, places = np.unique(flat, return_inverse=True)
        total = group(places, len(rows))(np.repeat(gradient, lengths, axis=0))
        squares[rows] += (total ** 2).mean(axis=1)
        table[rows] -= rate * (reach[rows] / np.sqrt(squares[rows]))[:, None] * total
    return (table * scale).astype(np.float32)


def loss_gradient(left, right, temperature):
    """Of the cross entropies along rows and columns of the cosines, by left and by right; equal texts are no negatives of each other."""
    cosines = left @ right.T / temperature
    same = (left @ left.T > 0.999) | (right @ right.T > 0.999)
    np.fill_diagonal(same, False)
    cosines[same] = -1e9
    slope = softmax(cosines, axis=1) + softmax(cosines, axis=0) - 2 * np.eye(len(left))
    slope /= temperature * len(left)
    return slope @ right, slope.T @ left


def softmax(values, axis):
    powers = np.exp(values - values.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)
