"""Answering from passages: the number of the passage, then the sentence that holds the fact, copied; or that they do not say."""

import json
import re
from dataclasses import dataclass
from random import Random

from conversation import Conversation
from values import DATA, ONE_WORD, Values, held_out

INSTRUCTION = "Answer only from the passages below and cite them as [n]."
ABSENT = "I do not know from these passages."
HOME = 0.12
"""How often a fact is one about AiFactory."""
FIND = ["{}?", "{}", "Find {}.", "What is said about {}?", "Which sentence mentions {}?", "Where is {} mentioned?", "Tell me about {}.", "What do the passages say about {}?"]
SLOT = re.compile(r"\{(\w+)\}")


def load(pattern: str) -> list[dict]:
    return [json.loads(line) for path in sorted(DATA.glob(pattern)) for line in path.read_text().splitlines() if line.strip()]


def fill(text: str, values: dict[str, str]) -> str:
    return SLOT.sub(lambda match: values[match[1]], text)


@dataclass
class Fact:
    family: dict
    values: dict[str, str]
    sentence: str

    def matches(self, family: dict, question: str, values: dict[str, str]) -> bool:
        """Whether the question could be about this fact too."""
        return self.family is family and all(self.values[slot] == values[slot] for slot in SLOT.findall(question))


@dataclass
class Question:
    text: str
    answer: str
    word: str | None
    """The answer in one word, where it is one."""


class Facts:
    """Families of facts and of the questions about them. Some families are the test's alone."""

    def __init__(self, test: bool, knowledge: list[dict]):
        families = load("facts*.jsonl")
        for item in knowledge:
            questions = item["heldout"] if test else item["questions"]
            families.append({"id": "k-" + item["id"], "slots": {}, "statements": [item["answer"]], "questions": {"*": questions}, "short": item.get("short")})
        self.knowledge = [family for family in families if family["id"].startswith("k-")]
        # Sentences of the project's own documents, which are asked for by their words only: passages as a builder cuts them are not as tidy as families of facts.
        self.prose = [] if test else [{"id": "prose", "slots": {}, "statements": [line], "questions": {}} for line in (DATA / "prose.txt").read_text().splitlines()]
        self.others = [family for family in families if not family["id"].startswith("k-") and held_out(family["id"], 10) == test]

    def choose(self, rng: Random, home: float = HOME) -> dict:
        return rng.choice(self.knowledge if rng.random() < home else self.others)

    def mention(self, rng: Random, home: float = HOME) -> dict:
        """A family for a passage, which may be prose: among the project's own documents there is more of it."""
        return rng.choice(self.prose) if self.prose and rng.random() < (0.1 if home == HOME else 0.3) else self.choose(rng, home)

    def make(self, family: dict, values: Values, pool: dict[str, list[str]], reuse: float) -> Fact:
        """Its slots drawn, some of them taken from what other facts of the conversation name already."""
        rng, drawn = values.rng, {}
        for name, slot in family["slots"].items():
            known = [value for value in pool.get(slot, []) if value not in drawn.values()]
            drawn[name] = rng.choice(known) if known and rng.random() < reuse else values.make(slot)
            pool.setdefault(slot, []).append(drawn[name])
        return Fact(family, drawn, fill(rng.choice(family["statements"]), drawn))


class Passages:
    """Numbered passages and questions about them."""

    def __init__(self, facts: Facts, values: Values, size: int | None = None, first: int = 1, home: float = HOME):
        self.facts, self.values, self.rng, self.first, self.home = facts, values, values.rng, first, home
        self.pool: dict[str, list[str]] = {}
        self.made: list[Fact] = []
        rng = self.rng
        count = size or rng.choice([1, 2, 2, 3, 3, 3, 4, 4, 5, 6])
        self.passages = [[self._fact() for _ in range(rng.choice([1, 1, 2, 2, 3, 4] if count < 5 else [1, 1, 2]))] for _ in range(count)]
        # A heading stands before some, as in documents.
        self.headings = ["" if rng.random() < 0.85 else self._heading() for _ in range(count)]

    def _fact(self) -> Fact:
        rng = self.rng
        made = self.made
        # A neighbour: the same kind of fact about another thing.
        family = rng.choice(made).family if made and rng.random() < 0.3 else self.facts.mention(rng, self.home)
        if not family["slots"] and any(fact.family is family for fact in made):
            family = self.facts.choose(rng, self.home)
        fact = self.facts.make(family, self.values, self.pool, 0.3)
        made.append(fact)
        return fact

    def _heading(self) -> str:
        words = self.values.make("noun"), self.values.make("noun"), self.values.make("adjective")
        heading = self.rng.choice(["{0}", "The {0}", "{2} {0}", "{0} and {1}", "{0}: {1}", "About the {0}", "{0} of the {1}"]).format(*words)
        return heading[:1].upper() + heading[1:] + ". "

    def text(self) -> str:
        return INSTRUCTION + "\n\n" + self.lines()

    def lines(self) -> str:
        return "\n".join(f"[{number}] " + heading + " ".join(fact.sentence for fact in passage) for number, (heading, passage) in enumerate(zip(self.headings, self.passages), self.first))

    def _numbered(self) -> list[tuple[int, Fact]]:
        return [(number, fact) for number, passage in enumerate(self.passages, self.first) for fact in passage]

    def ask(self, one_word: bool = False) -> Question | None:
        """A question that one sentence answers, and no other; none when none is found."""
        rng, facts = self.rng, self._numbered()
        for _ in range(20):
            number, fact = rng.choice(facts)
            if not fact.family["questions"]:
                continue
            key, texts = rng.choice(list(fact.family["questions"].items()))
            word = fact.family.get("short") if key == "*" else fact.values[key]
            if one_word and (word is None or (key != "*" and fact.family["slots"][key] not in ONE_WORD) or " " in word):
                continue
            text = rng.choice(texts)
            if sum(other.matches(fact.family, text, fact.values) for _, other in facts) == 1:
                return Question(fill(text, fact.values), f"[{number}] {fact.sentence}", word)
        return None

    def find(self) -> Question | None:
        """Words of one sentence that no other has: the plainest of questions, from which the way to a sentence is learned first."""
        rng, facts = self.rng, self._numbered()
        for _ in range(20):
            number, fact = rng.choice(facts)
            spoken = fact.sentence.rstrip(".").split(" ")
            count = min(rng.choice([1, 1, 2, 3]), len(spoken))
            start = rng.randrange(len(spoken) - count + 1)
            keys = " ".join(spoken[start : start + count]).strip(",;:")
            if len(keys) > 4 and sum(keys.lower() in other.sentence.lower() for _, other in facts) == 1:
                return Question(rng.choice(FIND).format(keys), f"[{number}] {fact.sentence}", None)
        return None

    def ask_absent(self) -> Question | None:
        """A question near to the passages, which they do not answer."""
        rng, facts = self.rng, self.made
        for _ in range(20):
            family = rng.choice(facts).family if rng.random() < 0.45 else self.facts.choose(rng, self.home)
            if not family["questions"]:
                continue
            fact = self.facts.make(family, self.values, {slot: list(known) for slot, known in self.pool.items()}, 0.5)
            text = rng.choice(rng.choice(list(family["questions"].values())))
            if not any(other.matches(family, text, fact.values) for other in facts):
                return Question(fill(text, fact.values), ABSENT, None)
        return None


def vary(rng: Random, question: str) -> str:
    """As people type: without the capital, without the mark, with a please."""
    if rng.random() < 0.12:
        question = question[:1].lower() + question[1:]
    if rng.random() < 0.12:
        question = question.rstrip("?.!")
    if rng.random() < 0.04:
        question = rng.choice(["Please tell me: ", "Quick question: ", "Hi, "]) + question
    return question


def converse(facts: Facts, values: Values, turns: int, absent: float, size: int | None = None, skill: str = "context", find: float = 0.0, chat=None, home: float = HOME) -> Conversation:
    rng = values.rng
    passages = Passages(facts, values, size, home=home)
    conversation = Conversation(skill).say("system", passages.text())
    for _ in range(turns):
        if chat is not None and rng.random() < 0.04:
            # Somebody who says hello is greeted, whatever the passages say.
            conversation.say("user", (greeting := chat.talk(rng))[0]).say("assistant", greeting[1])
        question = passages.ask_absent() if rng.random() < absent else passages.find() if rng.random() < find else passages.ask()
        if question is not None:
            conversation.say("user", vary(rng, question.text)).say("assistant", question.answer)
    return conversation
