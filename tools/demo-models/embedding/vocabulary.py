"""What the model can read: whole words, and pieces that any other word is put together from."""
import re
from collections import Counter

from wordpiece import START, Tokenizer

CONTROLS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PUNCTUATION = [chr(code) for code in range(0x21, 0x7F) if not chr(code).isalnum()] + list("–—‘’“”„…«»¡¿§¶·•")
SYMBOLS = list("€£¥©®°±×÷µ™→←≤≥≠≈∞√")  # not punctuation to the tokenizer: they stand inside words
LETTERS = [chr(code) for first, last in [(0x61, 0x7A), (0xDF, 0xF6), (0xF8, 0xFF), (0x3B1, 0x3C9), (0x430, 0x45F), (0x5D0, 0x5EA), (0x621, 0x64A), (0x905, 0x939), (0xE01, 0xE2E), (0x3041, 0x3096), (0x30A1, 0x30FA)]
           for code in range(first, last + 1)] + list("ıłđøæœþðħŋſ")
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
DIGITS = [str(number) for number in range(10)] + [f"{number:02}" for number in range(100)]
YEARS = [str(year) for year in range(1900, 2051)]


def plain_words(words):
    """Indices of the words that the tokenizer leaves whole: it splits at everything but letters and digits."""
    return [index for index, word in enumerate(words) if re.fullmatch("[a-z]+", word)]


def tokens(words, rest, pieces):
    """The token texts by id. words: those kept whole; rest: a sample of the others, from which the most useful pieces are taken."""
    start = [START + text for text in dict.fromkeys([*words, *YEARS, *ALPHABET])]
    whole = [START + mark for mark in PUNCTUATION]
    inside = dict.fromkeys([*LETTERS, *DIGITS, *SYMBOLS])
    fixed = [*CONTROLS, START, *whole, *inside]
    return [*fixed, *frequent_pieces([*fixed, *start], rest, pieces), *start]


def frequent_pieces(known, rest, count):
    """
    Of the first 40,000 of the rest:
    1. Take every run of 2 to 8 letters that is no word's start, by how many letters of the rest it covers.
    2. Split the rest with four times too many of them. 3. Keep those that were used most.
    """
    rest = rest[:40_000]
    runs = Counter()
    for word in rest:
        for begin in range(2, len(word) - 1):
            for end in range(begin + 2, min(len(word), begin + 8) + 1):
                runs[word[begin:end]] += 1
    candidates = sorted(runs, key=lambda run: (-runs[run] * (len(run) - 1), run))[:4 * count]
    tokens = [*known, *candidates]
    tokenizer, used = Tokenizer(tokens), Counter()
    for word in rest:
        used.update(tokenizer.encode_word(word))
    first = len(known)
    kept = sorted(range(first, len(tokens)), key=lambda token: (-used[token] * (len(tokens[token]) - 1), token))[:count]
    return [tokens[token] for token in sorted(kept)]
