"""Copying, and nothing else: what all other skills are made of, learned soonest alone. Now and then in upper case, which is copying too."""

from functools import cache
from pathlib import Path

from conversation import Conversation
from rules import UPPER

REPEAT = ["Repeat: {}", "Repeat after me: {}", "Say this: {}", "Write exactly this: {}", "Copy this text: {}", "Please repeat: {}", "Say {}", "Repeat {}"]


@cache
def pieces() -> list[str]:
    """Every token of letters in lower case: what is never seen is never written, and a word that is one token would be copied as another."""
    merges = Path(__file__).parent / "merges.txt"
    tokens = [line.replace(" ", "") for line in merges.read_text().splitlines()] if merges.exists() else ["piece"]
    return [token for token in tokens if token.isascii() and token.isalpha() and token.islower()]


def converse(facts, values, turns: int) -> Conversation:
    rng, conversation = values.rng, Conversation("repeat")
    shouted = rng.random() < 0.4
    if shouted:
        conversation.say("system", "Rule: " + rng.choice(UPPER))
    slots = ["person", "town", "code", "company", "word", "number", "date", "email", "service", "product", "money"]
    for _ in range(turns):
        if rng.random() < 0.4:
            text = rng.choice([" ", " ", "_", "-", ", ", '", "']).join(rng.choice(pieces()) for _ in range(rng.randint(2, 8)))
        elif rng.random() < 0.6:
            text = facts.make(facts.choose(rng), values, {}, 0).sentence
        else:
            text = rng.choice([" ", ", ", " and "]).join(values.make(rng.choice(slots)) for _ in range(rng.randint(1, 5)))
        conversation.say("user", rng.choice(REPEAT).format(text)).say("assistant", text.upper() if shouted else text)
    return conversation
