"""Talk without passages or tools: greetings, who the model is, what AiFactory is, and that it knows nothing else."""

from random import Random

from context import load, vary
from conversation import Conversation

UNKNOWN = "I am a small model and do not know that. I answer from passages, with tools, and about AiFactory."
UNKNOWN_WORD = "Unknown"
SYSTEMS = [
    "You are a helpful assistant.", "You are the assistant of AiFactory.", "Be brief.", "You help the people of a company.", "You are a friendly assistant.", "Answer clearly.", "You are a chat bot.", "Answer the questions of the user.",
]


class Chat:
    def __init__(self, test: bool, knowledge: list[dict]):
        self.test = test
        self.knowledge = knowledge
        self.small = load("smalltalk.jsonl")
        self.unknown = [item["question"] for item in load("unknown.jsonl") if bool(item.get("heldout")) == test]
        self.topics = [item for item in load("topics.jsonl") if bool(item.get("heldout")) == test]

    def system(self, rng: Random) -> str:
        return rng.choice(SYSTEMS)

    def questions(self, item: dict) -> list[str]:
        return item["heldout"] if self.test else item["questions"]

    def question(self, rng: Random, item: dict) -> str:
        """The first ones are the plainest, which everybody asks: they come more often."""
        questions = self.questions(item)
        return vary(rng, rng.choice(questions[:3] if not self.test and rng.random() < 0.3 else questions))

    def talk(self, rng: Random) -> tuple[str, str]:
        item = rng.choice(self.small)
        return self.question(rng, item), item["answer"]

    def know(self, rng: Random) -> tuple[str, str]:
        item = rng.choice(self.knowledge)
        return self.question(rng, item), item["answer"]

    def stranger(self, rng: Random) -> tuple[str, str]:
        """Something of the world, which the model does not know."""
        return vary(rng, rng.choice(self.unknown) if rng.random() < 0.8 else rng.choice(rng.choice(self.topics)["questions"])), UNKNOWN

    def short(self, rng: Random) -> tuple[str, str]:
        """A question that one word answers."""
        items = [item for item in self.small + self.knowledge if item.get("short")]
        if rng.random() < 0.2:
            return self.stranger(rng)[0], UNKNOWN_WORD
        item = rng.choice(items)
        return self.question(rng, item), item["short"]

    def any(self, rng: Random) -> tuple[str, str]:
        draw = rng.random()
        return self.talk(rng) if draw < 0.3 else self.know(rng) if draw < 0.78 else self.stranger(rng)


def converse(chat: Chat, rng: Random, turns: int, kind: str | None = None) -> Conversation:
    conversation = Conversation(kind or "chat")
    if rng.random() < 0.2:
        conversation.say("system", chat.system(rng))
    for _ in range(turns):
        question, reply = {"smalltalk": chat.talk, "knowledge": chat.know, "unknown": chat.stranger, None: chat.any}[kind](rng)
        conversation.say("user", question).say("assistant", reply)
    return conversation
