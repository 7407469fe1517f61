"""The mixture of skills that the model learns from, and the cases that it is tested with: the two share no family, tool, phrasing or name."""

from random import Random

import chat
import context
import repeat
import rules
import tools
from conversation import Conversation
from values import Values


class Corpus:
    def __init__(self, test: bool = False):
        knowledge = context.load("knowledge.jsonl")
        self.test = test
        self.facts = context.Facts(test, knowledge)
        self.tools = tools.Tools(test)
        self.chat = chat.Chat(test, knowledge)

    def conversation(self, rng: Random, early: bool = False, middle: bool = False) -> Conversation:
        """One conversation of the mixture. Early in a training half of them only copy, and passages are short: it learns faster so. Then finding comes before understanding."""
        values, draw = Values(rng, self.test), rng.random()
        if middle and rng.random() < 0.4:
            return context.converse(self.facts, values, rng.choice([3, 4, 5, 6]), 0.1, size=rng.choice([2, 2, 3, 4]), find=0.7)
        if rng.random() < (0.6 if early else 0.08):
            return repeat.converse(self.facts, values, rng.choice([1, 2, 3, 4]))
        if early and draw < 0.40:
            return context.converse(self.facts, values, rng.choice([1, 2, 3]), 0.25, size=rng.choice([1, 2]))
        if draw < 0.03:
            return context.converse(self.facts, values, 6, 0.3, size=rng.randint(10, 28))
        if draw < 0.09:
            # As the template asks over the seeded documents: AiFactory's facts among its prose.
            return context.converse(self.facts, values, rng.choice([3, 4, 5, 6]), 0.2, size=4, home=0.9)
        if draw < 0.28:
            return context.converse(self.facts, values, rng.choice([2, 3, 4, 5, 6]), 0.33, find=0.15, chat=self.chat)
        if draw < 0.56:
            return tools.converse(self.tools, values, rng.choice([2, 3, 4, 5]), 0.15, self.chat)
        if draw < 0.60:
            return tools.look_up(self.facts, self.tools, values, rng.choice([1, 1, 2]))
        if draw < 0.85:
            return rules.converse(self.chat, self.facts, values, rng.choice([4, 6, 8, 12]), documents=0.5)
        return chat.converse(self.chat, rng, rng.choice([1, 4, 8, 12, 16]))

    def cases(self, skill: str, count: int, seed: int = 7) -> list[Conversation]:
        """Conversations that end with the answer which is asked for: the test of a skill. Deterministic."""
        rng, cases, seen = Random(f"{skill}-{seed}"), [], set()
        while len(cases) < count:
            case = self._case(skill, rng)
            if case is None or not case.turns or case.turns[-1].role != "assistant":
                continue
            key = repr(case.messages()[:-1])
            if key not in seen:
                seen.add(key)
                cases.append(case)
        return cases

    SKILLS = ["smalltalk", "knowledge", "unknown", "context", "absent", "tool", "result", "no-tool", "look-up", "rule-upper", "rule-word", "rule-refuse"]

    def _case(self, skill: str, rng: Random) -> Conversation | None:
        values = Values(rng, self.test)
        if skill in ("smalltalk", "knowledge", "unknown"):
            return chat.converse(self.chat, rng, 1, skill)
        if skill in ("context", "absent"):
            case = context.converse(self.facts, values, 1, float(skill == "absent"), skill=skill)
            return case if len(case.turns) == 3 else None
        if skill.startswith("rule-"):
            case = rules.converse(self.chat, self.facts, values, 1, skill[5:])
            if skill == "rule-refuse" and not case.turns[-1:][0].content.startswith("I cannot talk"):
                return None
            return case
        if skill == "look-up":
            return tools.look_up(self.facts, self.tools, values, 1)
        if skill == "no-tool":
            case = tools.converse(self.tools, values, 1, 1.0, self.chat, skill)
        else:
            case = tools.converse(self.tools, values, 1, 0.0, self.chat, skill)
            calls = [index for index, turn in enumerate(case.turns) if turn.call is not None]
            if not calls:
                return None
            if skill == "tool":
                case.turns = case.turns[: calls[0] + 1]
        return case
