"""
Where attention should look. The generator knows which sentence holds an answer, and where every copied word comes from; a few heads are told so while the model learns, and find in some hundred steps what they would otherwise
stumble on after a hundred thousand examples. The model that comes out is an ordinary one: nothing of this is in the file.

Six heads in five layers, each a step of one path from a question to the words of its answer:
  before   the token before
  unit     each token of a passage, or of a tool's description, to the first token of its sentence or line
  block    ... and to the number of its passage, or the name of its tool
  match    each word of a question to the same word in passages and tools; a name that stands nowhere to the first token of all
  vote     where an answer begins, and chooses, to the question's words that stand in the right sentence; or to the names that stand nowhere
  copy     each token that repeats something to that something
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from context import ABSENT, INSTRUCTION
from conversation import to_json
from tools import SEARCHED

CARRIED = ("unit", "match", "vote")
LAYERS = 8  # of the model that is guided
HEADS = {"before": (0, 0), "unit": (1, 0), "block": (1, 1), "match": (2, 0), "vote": (3, 0), "copy": (5, 0)}
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
SENTENCE = re.compile(r"(?<=[.!?]) (?=\S)")
NUMBERED = re.compile(r"\[(\d+)\] ")
PASSAGES = re.compile("(?:" + re.escape(INSTRUCTION) + r"\n\n|<\|im_start\|>tool\n)(?=\[\d+\] )")
SHORTEST_COPY = 3
COMMON = frozenset(
    "the and for are was were has have had does did what which who whom whose when where why how that this these those with from into onto than then there here its his her their our your you can could would should will shall may might must "
    "not but all any each per one some such about after before over under out off only also been being between during tell please name give show many much long".split()
)


@dataclass
class Unit:
    """A sentence of a passage, or a line of a tool's description: characters [start, end) of the conversation's text."""

    start: int
    end: int
    block: int
    """Where its passage's number, or its tool's name, stands."""
    of: int = 0
    """Which passage or tool, from 0."""
    place: int = 0
    """Which sentence or line of it, from 0."""
    words: dict[str, list[tuple[int, int]]] = field(default_factory=dict)


@dataclass
class Carry:
    """What a token should know after a layer: which passage (or tool), and which sentence (or line) of it, it has to do with, both counted from 0; None where it cannot be known."""

    token: int
    block: int
    unit: int | None


BLOCKS, UNITS = 32, 12


@dataclass
class Guide:
    ids: list[int]
    learned: list[bool]
    looks: dict[str, list[tuple[int, list[int]]]]
    """For each head: (token, tokens that it should look at)."""
    carries: dict[str, list[Carry]]
    """For each head whose find is worth having."""
    deciding: set[int]
    """Tokens that decide what the next ones will be."""


def stem(word: str) -> str:
    return word.lower()[:5] if word[0].isalpha() else word


def keys(text: str, start: int, end: int):
    """Words that can tell one sentence from another: (stem, first character, end)."""
    for match in WORD.finditer(text, start, end):
        if match[0].lower() not in COMMON and match[0] != "I" and (len(match[0]) > 2 or not match[0].islower()):
            yield stem(match[0]), match.start(), match.end()


class Tokens:
    """The conversation's text, its tokens, and which token a character is in."""

    def __init__(self, tokenizer, conversation):
        self.ids, self.learned, self.starts, self.pieces = [], [], [], []
        self.text = ""
        for text, learned in conversation.pieces():
            self.pieces.append((len(self.text), len(self.text) + len(text), learned))
            place = len(self.text)
            for token in tokenizer.encode(text):
                self.ids.append(token)
                self.learned.append(learned)
                self.starts.append(place)
                place += len(tokenizer.tokens[token])
            self.text += text
            assert place == len(self.text), "only ASCII is expected here"

    def at(self, character: int) -> int:
        return bisect_right(self.starts, character) - 1


def units_of(text: str, conversation) -> list[Unit]:
    units, place = [], 0
    if conversation.tools:
        end = text.index("<|im_end|>")
        place = text.index("\n") + 1
        block = place
        while place < end:
            line_end = text.index("\n", place)
            if text.startswith("- ", place):
                units.append(Unit(place + 2, line_end, block))
            else:
                block = place
                units.append(Unit(place, line_end, block))
            place = line_end + 1
    for passages in PASSAGES.finditer(text):
        end, place = text.index("<|im_end|>", passages.end()), passages.end()
        while place < end and (number := NUMBERED.match(text, place)):
            line_end = text.find("\n", place, end)
            line_end = end if line_end < 0 else line_end
            start = number.end()
            for gap in [*SENTENCE.finditer(text, start, line_end), None]:
                stop = gap.start() if gap else line_end
                units.append(Unit(start, stop, number.end() - 3))
                start = stop + 1
            place = line_end + 1
    blocks = list(dict.fromkeys(unit.block for unit in units))
    for index, unit in enumerate(units):
        unit.of = min(blocks.index(unit.block), BLOCKS - 1)
        unit.place = min(sum(other.block == unit.block for other in units[:index]), UNITS - 1)
        for key, first, last in keys(text, unit.start, unit.end):
            unit.words.setdefault(key, []).append((first, last))
    return units


def guide(tokenizer, conversation) -> Guide:
    tokens = Tokens(tokenizer, conversation)
    text, at = tokens.text, tokens.at
    looks = {name: [] for name in HEADS}
    carries = {name: [] for name in CARRIED}
    looks["before"] = [(index, [index - 1]) for index in range(1, len(tokens.ids))]
    units = units_of(text, conversation)
    for unit in units:
        first, block = at(unit.start), at(unit.block)
        for index in range(first, at(unit.end - 1) + 1):
            looks["unit"].append((index, [first]))
            looks["block"].append((index, [block]))
        last = at(unit.end - 1)
        carries["unit"] += [Carry(token, unit.of, unit.place) for token in {first, (first + last) // 2}]
    deciding: set[int] = set()
    question = None
    for (start, end, learned), turn in zip(_turns(tokens, conversation), conversation.turns):
        end -= len("<|im_end|>")
        if turn.role in ("user", "tool"):
            question = (start, end)
        searched = text.rfind(SEARCHED, start, end) if turn.role == "tool" else -1
        if searched >= 0:
            question = (searched + len(SEARCHED), end)
        if turn.role == "user" or searched >= 0:
            _match(tokens, [unit for unit in units if unit.end <= question[0]], *question, looks["match"], carries["match"])
        elif learned:
            deciding.add(at(start))
            _answer(tokens, [unit for unit in units if unit.end <= start], turn, start, end, question, looks, carries["vote"], deciding)
    return Guide(tokens.ids, tokens.learned, looks, carries, deciding)


def _turns(tokens: Tokens, conversation):
    skip = 1 if conversation.tools else 0
    return tokens.pieces[skip + 1 :: 3]


def _match(tokens, units, start, end, looks, carries):
    text, at = tokens.text, tokens.at
    for key, first, last in keys(text, start, end):
        asked = range(at(first), at(last - 1) + 1)
        there = [range(at(begin), at(end - 1) + 1) for unit in units for begin, end in unit.words.get(key, [])]
        named = not text[first].islower()
        if not there:
            # Another word may mean the same: only a name or a number is known to stand nowhere.
            looks += [(index, [0]) for index in asked] if named else []
            continue
        looks.append((asked[-1], [span[-1] for span in there]))
        mentioned = [unit for unit in units if key in unit.words]
        if len({unit.block for unit in mentioned}) == 1:
            carries.append(Carry(asked[-1], mentioned[0].of, mentioned[0].place if len(mentioned) == 1 else None))
        same = [span for span in there if [tokens.ids[index] for index in span] == [tokens.ids[index] for index in asked]]
        looks += [(index, [span[offset] for span in same]) for offset, index in enumerate(asked[:-1]) if same]


def _answer(tokens, units, turn, start, end, question, looks, carries, deciding):
    text, at = tokens.text, tokens.at
    # Under the rule of upper case everything is looked up as it would be said; a text has the same length in capitals.
    said = str.upper if turn.text.isupper() else str
    right, choices, copies = [], [at(start)], [(start, end, [question] if question else [])]
    number = NUMBERED.match(text, start, end)
    if turn.call is not None:
        right = [unit for unit in units if text.startswith(turn.call["name"] + ": ", unit.block)]
        lines = [(unit.start, unit.end) for unit in right]
        name = text.index(turn.call["name"], start)
        choices = [at(name)]
        copies, place = [(name, name + len(turn.call["name"]), lines)], name + len(turn.call["name"]) + 2
        for key, value in turn.call["arguments"].items():
            for part, sources in ((key, lines), (value if isinstance(value, str) else to_json(value), [question])):
                place = text.index(part, place)
                copies.append((place, place + len(part), sources))
                deciding.add(at(place))
                place += len(part)
        deciding.add(at(name))
    elif turn.source is not None:
        number = NUMBERED.match(turn.source)
        right = _source(text, units, number[0], turn.source[number.end() :])
        copies = [(start, end, [(unit.start, unit.end) for unit in right])]
    elif number:
        sentence = text[number.end() : end]
        right = _source(said(text), units, number[0], sentence)
        choices = list(range(at(start), at(number.end()) + 1))
        copies = [(number.end(), end, [(unit.start, unit.end) for unit in right])]
        deciding.update((at(number.start() + 1), at(number.end())))
    words = list(keys(text, *question)) if question else []
    voters = []
    if right:
        votes = [(sum(key in unit.words for unit in units), at(last - 1)) for key, _, last in words if any(key in unit.words for unit in right)]
        if votes:
            fewest = max(len(right), min(count for count, _ in votes))
            voters = [index for count, index in votes if count <= fewest]
    elif turn.content == said(ABSENT):
        voters = [at(last - 1) for key, first, last in words if not text[first].islower() and not any(key in unit.words for unit in units)]
    looks["vote"] += [(index - 1, voters) for index in choices if voters]
    if right:
        carries += [Carry(index - 1, right[0].of, right[0].place if number else None) for index in choices]
    for copy in copies:
        _copies(tokens, said(text), *copy, looks["copy"], deciding)


def _source(text, units, number, sentence) -> list[Unit]:
    """Where the sentence stands in the passage of this number."""
    return [unit for unit in units if text[unit.start : unit.end] == sentence and text.startswith(number, text.rfind("[", 0, unit.block + 1))]


def _copies(tokens, text, start, end, sources, looks, deciding):
    """The longest runs of words that a source has too, one after the other."""
    at = tokens.at
    place = start
    while place < end:
        match = WORD.search(text, place, end)
        if match is None:
            break
        place, length, origin = match.start(), 0, -1
        for stop in [gap.end() for gap in re.finditer(r"[A-Za-z]+|\d+|[^\sA-Za-z\d]+|\s+", text[place:end])]:
            there = [(s, text.find(text[place : place + stop], s, e)) for s, e in sources]
            there = [found for _, found in there if found >= 0]
            if not there:
                break
            length, origin = stop, there[0]
        run = text[place : place + length].rstrip()
        if len(run) >= SHORTEST_COPY or (run and run.isdigit()):
            before = -1
            for offset in range(len(run)):
                index = at(place + offset)
                last = (tokens.starts[index + 1] if index + 1 < len(tokens.starts) else len(text)) - 1
                if index != before and last < place + len(run):
                    looks.append((index - 1, [at(origin + last - place)]))
                    if before < 0:
                        deciding.add(index)
                    before = index
            place += len(run)
        else:
            place = match.end()
