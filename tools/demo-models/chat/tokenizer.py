"""Byte-level BPE, cut as llama.cpp cuts for `tokenizer.ggml.pre = smollm`: digits alone, then GPT-2's pattern. Numbers are copied digit by digit."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import regex

CONTROLS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MARKS = ["<tool_call>", "</tool_call>"]
DIGIT = regex.compile(r"\p{N}")
WORD = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
SPECIAL = regex.compile("(" + "|".join(map(regex.escape, CONTROLS + MARKS)) + ")")


def byte_letters() -> list[str]:
    """GPT-2's printable letter for each byte, which is how a GGUF writes tokens."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters, extra = {}, 0
    for byte in range(256):
        letters[byte] = chr(byte) if byte in kept else chr(256 + extra)
        extra += byte not in kept
    return [letters[byte] for byte in range(256)]


LETTERS = byte_letters()


def cut(text: str) -> list[str]:
    parts, start = [], 0
    for match in DIGIT.finditer(text):
        parts += WORD.findall(text, start, match.start()) if match.start() > start else []
        parts.append(match[0])
        start = match.end()
    return parts + WORD.findall(text, start)


class Tokenizer:
    def __init__(self, merges: list[tuple[str, str]]):
        self.merges = merges
        self.tokens = CONTROLS + MARKS + LETTERS + [left + right for left, right in merges]
        self.ids = {token: index for index, token in enumerate(self.tokens)}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self._known: dict[str, list[int]] = {}

    def encode(self, text: str, special: bool = True) -> list[int]:
        ids = []
        for part in SPECIAL.split(text) if special else [text]:
            if special and part in CONTROLS or part in MARKS:
                ids.append(self.ids[part])
            elif part:
                for word in cut(part):
                    ids += self._word(word)
        return ids

    def decode(self, ids: list[int]) -> str:
        back = {letter: byte for byte, letter in enumerate(LETTERS)}
        out = bytearray()
        for token in (self.tokens[index] for index in ids):
            out += token.encode() if token in CONTROLS + MARKS else bytes(back[letter] for letter in token)
        return out.decode(errors="replace")

    def _word(self, word: str) -> list[int]:
        known = self._known.get(word)
        if known is not None:
            return known
        parts = [LETTERS[byte] for byte in word.encode()]
        while len(parts) > 1:
            rank, place = min((self.ranks.get(pair, len(self.ranks)), index) for index, pair in enumerate(zip(parts, parts[1:])))
            if rank == len(self.ranks):
                break
            parts[place : place + 2] = [parts[place] + parts[place + 1]]
        ids = [self.ids[part] for part in parts]
        if len(self._known) < 500_000:
            self._known[word] = ids
        return ids

    def save(self, path: Path):
        path.write_text("\n".join(f"{left} {right}" for left, right in self.merges) + "\n")

    @staticmethod
    def load(path: Path) -> "Tokenizer":
        return Tokenizer([tuple(line.split(" ")) for line in path.read_text().splitlines()])


def train(texts, size: int, spaced: int) -> Tokenizer:
    """
    Joins the most frequent pair, again and again, inside words; then a space with each of the `spaced` most frequent words. A rare word is so cut in the same way wherever it stands, after a space, a quote or at the
    beginning of a line: copying a value into a JSON string is then copying its tokens. Beside the `size` tokens, each word in lower case is there in capitals too: a text in capitals is cut where the same text in lower case is, and saying it in upper case is going from token to token.
    """
    inside = size - spaced - len(CONTROLS) - len(MARKS) - 256
    merges = _join_pairs(_count(texts), inside, spaced)
    return Tokenizer(list(dict.fromkeys(_and_capitals(merges[:inside]) + _and_capitals(merges[inside:]))))


def _and_capitals(merges: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return merges + [pair for pair in map(_in_capitals, merges) if pair]


def _in_capitals(pair: tuple[str, str]) -> tuple[str, str] | None:
    """The same pair in capitals; None where it is not of letters in lower case, with or without a space before them."""
    space = LETTERS[ord(" ")]
    left, right = pair[0].removeprefix(space), pair[1]
    return (pair[0][: len(pair[0]) - len(left)] + left.upper(), right.upper()) if right.isascii() and right.isalpha() and right.islower() and (not left or left.isascii() and left.isalpha() and left.islower()) else None


def _shouted(word: str) -> bool:
    return len(word.strip()) > 1 and word.strip().isupper()


def _count(texts) -> Counter:
    counts = Counter()
    for text in texts:
        for part in SPECIAL.split(text):
            if part and part not in CONTROLS and part not in MARKS:
                counts.update(word for word in cut(part) if not _shouted(word))
    return counts


def _join_pairs(counts: Counter, inside: int, spaced: int) -> list[tuple[str, str]]:
    """`inside` merges within words, and `spaced` of a space and a word that is one token."""
    bare, merges, bodies = Tokenizer([]), [], Counter()
    for word, count in counts.items():
        bodies[word[1:] if len(word) > 1 and word[0] == " " else word] += count
    words = [([bare.tokens[index] for index in bare.encode(word)], count) for word, count in bodies.items()]
    pairs, where = Counter(), defaultdict(set)
    for index, (parts, count) in enumerate(words):
        for pair in zip(parts, parts[1:]):
            pairs[pair] += count
            where[pair].add(index)
    while len(merges) < inside:
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        for index in where.pop(best):
            parts, count = words[index]
            for pair in zip(parts, parts[1:]):
                pairs[pair] -= count
            joined, place = [], 0
            while place < len(parts):
                if place + 1 < len(parts) and (parts[place], parts[place + 1]) == best:
                    joined.append(parts[place] + parts[place + 1])
                    place += 2
                else:
                    joined.append(parts[place])
                    place += 1
            words[index] = (joined, count)
            for pair in zip(joined, joined[1:]):
                pairs[pair] += count
                where[pair].add(index)
        pairs.pop(best, None)
    bare, space = Tokenizer(merges), LETTERS[ord(" ")]
    common = Counter({word: count for word, count in counts.items() if len(word) > 1 and word[0] == " " and (not word[1:].isalpha() or word[1:].islower() or word[1:].isupper() or counts[word.lower()] > count) and len(bare.encode(word[1:])) == 1})
    return merges + [(space, bare.tokens[bare.encode(word[1:])[0]]) for word, _ in common.most_common(spaced)]
