"""Rules: lines of a system message that begin with `Rule:` and change how, or whether, a question is answered."""

from random import Random

from chat import Chat
from context import Facts, Passages, vary
from conversation import Conversation
from values import Values

UPPER = ["Answer in upper case.", "Answer in capital letters.", "Write every answer in upper case.", "Use capital letters only.", "All answers must be in upper case.", "Reply in upper case letters."]
WORD = ["Answer in one word.", "Answer with a single word.", "Use one word only.", "Every answer is one word.", "Reply in one word.", "Give one-word answers."]
REFUSE = ["Do not talk about {}.", "Refuse questions about {}.", "Never discuss {}.", "Do not answer questions about {}.", "Refuse to talk about {}.", "The topic {} is forbidden."]
END = ["End every answer with {}.", "Finish each answer with {}.", "Every answer ends with {}."]
BEGIN = ["Begin every answer with {}.", "Start each answer with {}.", "Every answer begins with {}."]


def refusal(topic: str) -> str:
    return f"I cannot talk about {topic}."


def converse(chat: Chat, facts: Facts, values: Values, turns: int, rule: str | None = None, documents: float = 0.35) -> Conversation:
    rng = values.rng
    rule = rule or rng.choice(["upper"] * 4 + ["word"] * 4 + ["refuse"] * 2 + ["end", "begin"])
    topic, mark = rng.choice(chat.topics), rng.choice(["{}", '"{}"']).format(values.make(rng.choice(["name", "word", "code"])))
    lines = {"upper": UPPER, "word": WORD, "refuse": REFUSE, "end": END, "begin": BEGIN}[rule]
    text = rng.choice(lines).format(topic["topic"] if rule == "refuse" else mark)
    # A second rule that asks for nothing here: a topic that nobody mentions.
    written = ["Rule: " + text]
    if rng.random() < 0.25 and rule != "refuse":
        other = rng.choice(chat.topics)
        written.insert(rng.randint(0, 1), "Rule: " + rng.choice(REFUSE).format(other["topic"]))
    passages = Passages(facts, values, rng.choice([1, 2, 3])) if rng.random() < documents else None
    conversation = Conversation("rule-" + rule)
    rules = "\n".join(written)
    if passages is None:
        conversation.say("system", rules)
    elif rng.random() < 0.5:
        conversation.say("system", rules + "\n\n" + passages.text())
    else:
        conversation.say("system", rules).say("system", passages.text())
    for _ in range(turns):
        question, reply, source = ask(chat, passages, values, rule, topic)
        if question is None:
            continue
        bare = mark.strip('"')
        reply = {"upper": reply.upper(), "end": f"{reply} {bare}", "begin": f"{bare} {reply}"}.get(rule, reply)
        conversation.say("user", question).say("assistant", reply, source=source)
    return conversation


def ask(chat: Chat, passages: Passages | None, values: Values, rule: str, topic: dict) -> tuple[str | None, str, str | None]:
    """A question, its answer, and the sentence that an answer in one word is taken from."""
    rng = values.rng
    if rule == "refuse" and rng.random() < 0.6:
        return vary(rng, rng.choice(topic["questions"])), refusal(topic["topic"]), None
    if rule == "word":
        if passages is None:
            return *chat.short(rng), None
        question = passages.ask(one_word=True)
        return (None, "", None) if question is None or question.word is None else (vary(rng, question.text), question.word, question.answer)
    if passages is not None:
        question = passages.ask() if rng.random() < 0.8 else passages.ask_absent()
        return (None, "", None) if question is None else (vary(rng, question.text), question.answer, None)
    return *chat.any(rng), None
