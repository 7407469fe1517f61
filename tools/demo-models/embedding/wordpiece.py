"""The WordPiece tokenizer as llama.cpp has it (llm_tokenizer_wpm): what the worker will do with a text, so that vectors can be tried without it."""
import functools
import unicodedata

START = "\u2581"  # marks the first piece of a word; later pieces carry no mark


class Tokenizer:
    def __init__(self, tokens):
        self._ids = {token: index for index, token in enumerate(tokens)}
        self._longest = max(map(len, tokens))
        self._unknown = self._ids["[UNK]"]
        self.encode_word = functools.cache(self._encode_word)

    def encode(self, text):
        """Token ids without [CLS] and [SEP], whose vectors are zero."""
        return [token for word in split(text) for token in self.encode_word(word)]

    def _encode_word(self, word):
        """Greedily the longest piece that fits; a word with a character that no piece has is unknown."""
        text, ids, begin = START + word, [], 0
        while begin < len(text):
            for end in range(min(len(text), begin + self._longest), begin, -1):
                token = self._ids.get(text[begin:end])
                if token is not None:
                    break
            else:
                return [self._unknown]
            ids.append(token)
            begin = end
        return ids


def split(text):
    """Words: lower case, without accents, each punctuation mark and ideograph alone."""
    words, word = [], ""
    for character in unicodedata.normalize("NFD", text):
        category = unicodedata.category(character)
        if character.isspace():
            words.append(word)
            word = ""
        elif category == "Mn" or category.startswith("C"):
            continue
        elif category.startswith("P") or (category.startswith("S") and ord(character) < 0x7F) or 0x4E00 <= ord(character) <= 0x9FFF:
            words += [word, character]
            word = ""
        else:
            word += character.lower()
    words.append(word)
    return [word for word in words if word]
