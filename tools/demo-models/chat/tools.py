"""Tool calling: which of the tools, with which arguments; then an answer made of what the tool gave back."""

import re
from random import Random

from context import SLOT, Facts, Passages, fill, load, vary
from conversation import Conversation, to_json
from values import Values, held_out, words

NONE_FITS = "I have no tool for that."
INTEGERS = {"small_number", "number", "year", "port"}

# Parameters that a composed tool may have: name, description, kind of value, and how a sentence joins it.
GENERIC = [
    ("city", "Name of the city", "town", ["in {}", "for {}", "near {}"]), ("place", "Place", "town", ["in {}", "at {}"]), ("location", "Where", "town", ["in {}", "around {}"]),
    ("name", "Name", "name", ["called {}", "named {}", "with the name {}"]), ("customer", "Customer's name", "person", ["for {}", "of {}", "for the customer {}"]),
    ("person", "Person's name", "person", ["for {}", "of {}", "by {}"]), ("email", "Email address", "email", ["to {}", "for {}", "with the email {}"]),
    ("order_id", "Order number", "code", ["with order {}", "for order {}", "of {}"]), ("id", "Identifier", "code", ["{}", "with id {}", "number {}"]), ("reference", "Reference code", "code", ["with reference {}", "{}"]),
    ("date", "Date", "date", ["on {}", "for {}"]), ("time", "Time of day", "time", ["at {}", "for {}"]), ("day", "Day of the week", "weekday", ["on {}", "for {}"]), ("month", "Month", "month", ["in {}", "for {}"]), ("year", "Year", "year", ["in {}", "of {}", "for the year {}"]),
    ("count", "How many", "small_number", ["with a count of {}", "{} times"]), ("amount", "Amount", "number", ["with an amount of {}", "of {}"]), ("limit", "Most results", "small_number", ["at most {}", "with a limit of {}"]), ("price", "Price", "decimal", ["at a price of {}", "for {}"]),
    ("company", "Company name", "company", ["from {}", "for {}", "at {}"]), ("product", "Product name", "product", ["for the {}", "of the {}"]), ("service", "Service name", "service", ["of {}", "for {}", "on {}"]), ("file", "File name", "file", ["from {}", "in {}", "as {}"]), ("path", "Path", "url_path", ["at {}", "under {}"]),
    ("language", "Language", "language", ["in {}", "into {}"]), ("colour", "Colour", "colour", ["in {}", "with the colour {}"]), ("topic", "Topic", "word", ["about {}", "on {}"]), ("query", "What to look for", "word", ["matching {}", "for {}"]), ("text", "What to look for", "phrase", ["for {}", "about {}", "on {}"]), ("tag", "Tag", "word", ["tagged {}", "with the tag {}"]),
    ("room", "Room", "room", ["in {}", "for {}"]), ("duration", "Duration", "duration", ["for {}", "lasting {}"]), ("version", "Version", "version", ["in version {}", "at {}"]), ("port", "Port", "port", ["on port {}", "at port {}"]), ("host", "Host address", "ip", ["on {}", "at {}"]), ("project", "Project name", "project", ["in {}", "of the project {}"]),
]
OPENINGS = ["{}.", "{}.", "Please {}.", "Can you {}?", "Could you {}?", "I want you to {}.", "I need to {}.", "{}, please.", "Would you {}?", "Let us {}.", "Go and {}."]


def restyle(rng: Random, name: str) -> str:
    """get_weather, getWeather, get-weather: clients name their tools as they like (OpenAI takes letters, digits, underscores and hyphens)."""
    parts = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name.replace("_", " ").replace("-", " ").replace(".", " "))
    parts = [part.lower() for part in parts]
    style = rng.random()
    if style < 0.7:
        return "_".join(parts)
    if style < 0.85:
        return parts[0] + "".join(part[:1].upper() + part[1:] for part in parts[1:])
    return "-".join(parts)


class Tool:
    """A tool, and how people ask for it."""

    def __init__(self, family: dict, rng: Random):
        self.family = family
        self.name = restyle(rng, family["name"]) if rng.random() < 0.5 else family["name"].replace(".", "_")
        self.parameters = family["parameters"]

    def schema(self) -> dict:
        properties = {}
        for parameter in self.parameters:
            entry = {"type": parameter["type"], "description": parameter["description"]}
            if "enum" in parameter:
                entry["enum"] = parameter["enum"]
            properties[parameter["name"]] = entry
        required = [parameter["name"] for parameter in self.parameters if parameter.get("required")]
        return {"type": "function", "function": {"name": self.name, "description": self.family["description"], "parameters": {"type": "object", "properties": properties, "required": required}}}

    def ask(self, values: Values) -> tuple[str, dict, dict[str, str]]:
        """A question, the arguments of the call that it wants, and the values behind them."""
        rng = values.rng
        question = rng.choice(self.family["questions"])
        given = set(question.get("with", [])) | set(SLOT.findall(question["text"]))
        texts, arguments = {}, {}
        for parameter in self.parameters:
            name = parameter["name"]
            if name in question.get("set", {}):
                arguments[name] = question["set"][name]
                texts[name] = to_json(arguments[name])
                continue
            if name not in given:
                continue
            text = rng.choice(parameter["enum"]) if "enum" in parameter else values.make(parameter["slot"])
            texts[name] = text
            arguments[name] = int(text) if parameter["type"] == "integer" else float(text) if parameter["type"] == "number" else text
        return fill(question["text"], texts), arguments, texts

    def result(self, values: Values, texts: dict[str, str]) -> object:
        """What the tool gives back: an object, or a sentence."""
        return self._draw(values.rng.choice(self.family["results"]), values, texts)

    def _draw(self, template, values: Values, texts: dict[str, str]):
        if isinstance(template, dict):
            return {key: self._draw(value, values, texts) for key, value in template.items()}
        if not isinstance(template, str):
            return template
        slots = SLOT.findall(template)
        filled = fill(template, {slot: texts.get(slot) or values.make(slot if slot not in {p["name"] for p in self.parameters} else self._slot(slot)) for slot in slots})
        if len(slots) == 1 and template == "{" + slots[0] + "}":
            if slots[0] in INTEGERS and re.fullmatch(r"\d+", filled):
                return int(filled)
            if filled in ("true", "false"):
                return filled == "true"
        return filled

    def _slot(self, name: str) -> str:
        parameter = next(p for p in self.parameters if p["name"] == name)
        return parameter.get("slot") or "word"


def answer(result) -> str:
    """A tool's result in words: a sentence as it is, an object as one sentence for each of its members."""
    if not isinstance(result, dict):
        return str(result)
    if set(result) == {"error"}:
        return f"The tool reports an error: {result['error']}."
    return " ".join(f"The {plain(key)} is {spoken(value)}." for key, value in result.items())


def plain(key: str) -> str:
    """wind_speed, windSpeed -> wind speed"""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key).replace("_", " ").replace("-", " ").lower()


def spoken(value) -> str:
    return {True: "yes", False: "no", None: "unknown"}[value] if isinstance(value, bool) or value is None else str(value)


class Tools:
    """Tools written by hand and tools composed of a verb, a noun and parameters. Some of both are the test's alone."""

    def __init__(self, test: bool):
        self.test = test
        self.written = [family for family in load("tools*.jsonl") if held_out(family["name"], 8) == test]

    def draw(self, values: Values) -> Tool:
        rng = values.rng
        return Tool(rng.choice(self.written) if rng.random() < 0.5 else self.compose(values), rng)

    def compose(self, values: Values, noun: str | None = None) -> dict:
        rng, lists = values.rng, words()
        while True:
            verb, thing = rng.choice(lists["verbs"]), noun or rng.choice(lists["nouns"])
            if rng.random() < 0.3:
                thing = f"{rng.choice(lists['adjectives'])} {thing}"
            if held_out(f"{verb} {thing}", 6) == self.test:
                break
        chosen = rng.sample(GENERIC, rng.choice([0, 1, 1, 1, 2, 2, 3]))
        parameters, asks = [], [[], []]
        for name, about, slot, joins in chosen:
            if not self.test and rng.random() < 0.5:
                # Any word may be a parameter's name: it is copied from the tool, and need not be known.
                name = "_".join(rng.sample(lists["nouns"], rng.choice([1, 1, 2]))).replace(" ", "_").replace("-", "_")
                about, joins = rng.choice([about, f"The {plain(name)}"]), rng.choice([joins, [f"with the {plain(name)} {{}}", f"with {plain(name)} {{}}", f"{plain(name)} {{}}"]])
            required = rng.random() < 0.75
            kind = "integer" if slot in INTEGERS else "number" if slot == "decimal" else "string"
            parameters.append({"name": name, "type": kind, "description": about, "slot": slot, "required": required})
            join = rng.choice(joins).replace("{}", "{" + name + "}")
            asks[0].append((name, join))
            if required:
                asks[1].append((name, join))
        article = rng.choice(["the", "an" if thing[0] in "aeiou" else "a", "the"])
        questions = []
        for ask in asks:
            ask = rng.sample(ask, len(ask))
            text = rng.choice(OPENINGS).format(f"{verb} {article} {thing}" + "".join(" " + join for _, join in ask))
            questions.append({"with": [name for name, _ in ask], "text": text[:1].upper() + text[1:]})
        keys = rng.sample(lists["nouns"], rng.choice([1, 1, 2, 3]))
        slots = ["code", "number", "word", "percent", "money", "date", "person", "boolean", "duration", "town", "time", "colour"]
        about = rng.choice(["{v} {a} {n}.", "{v} {a} {n} in the system.", "{v} {a} {n} and report what happened.", "Use this to {w} {a} {n}."])
        return {
            "name": f"{verb}_{thing}".replace(" ", "_").replace("-", "_"),
            "description": about.format(v=verb[:1].upper() + verb[1:], w=verb, a=article, n=thing),
            "parameters": parameters,
            "questions": questions,
            "results": [
                {key.replace(" ", "_"): "{" + rng.choice(slots) + "}" for key in keys},
                rng.choice(["The {n} is done under {{code}}.", "{{person}} has to {v} the {n} by {{date}}.", "{{number}} of {{number}} are ready.", "Done, the reference is {{code}}."]).format(n=thing, v=verb),
                {"error": rng.choice(["not found", "the {noun} is missing", "no permission", "{code} is unknown", "try again after {time}"])},
            ],
        }

    def some(self, values: Values, count: int) -> list[Tool]:
        """Tools of different names; sometimes neighbours that differ in the verb only."""
        rng, tools = values.rng, []
        noun = rng.choice(words()["nouns"]) if rng.random() < 0.15 else None
        while len(tools) < count:
            tool = Tool(self.compose(values, noun), rng) if noun else self.draw(values)
            if all(tool.name != other.name and tool.family is not other.family for other in tools):
                tools.append(tool)
        return tools


def converse(tools: Tools, values: Values, turns: int, unfit: float, chat, skill: str = "tool") -> Conversation:
    """Each turn: a question, a call, a result, an answer. Now and then no tool fits, or the user only chats."""
    rng = values.rng
    offered = tools.some(values, rng.choice([1, 1, 2, 2, 3, 4]))
    conversation = Conversation(skill, tools=[tool.schema() for tool in offered])
    if rng.random() < 0.15:
        conversation.say("system", chat.system(rng))
    for _ in range(turns):
        draw = rng.random()
        if draw < unfit:
            others = {tool.family["name"] for tool in offered}
            stranger = tools.draw(values)
            if stranger.family["name"] not in others:
                conversation.say("user", vary(rng, stranger.ask(values)[0])).say("assistant", NONE_FITS)
        elif draw < unfit + 0.08:
            question, reply = chat.talk(rng)
            conversation.say("user", question).say("assistant", reply)
        else:
            tool = rng.choice(offered)
            question, arguments, texts = tool.ask(values)
            result = tool.result(values, texts)
            conversation.say("user", vary(rng, question)).say("assistant", "", {"name": tool.name, "arguments": arguments})
            conversation.say("tool", to_json(result) if isinstance(result, dict) else str(result)).say("assistant", answer(result))
    return conversation


SEARCHED = "Searched for: "
LOOK_UP = ["{}", "{}", "{}", "{}", "Look this up: {}", "Search the documents: {}", "Find out: {}", "Please look it up. {}"]


def look_up(facts: Facts, tools: Tools, values: Values, turns: int) -> Conversation:
    """A knowledge base as a tool, as the builder's agents have it: the question is searched for, and what comes back are numbered passages and, last, the question."""
    rng = values.rng
    base = rng.choice(["aifactory", "documents", "manual", "handbook", values.make("noun").replace(" ", "-"), values.make("noun").replace(" ", "-")])
    query = {"query": {"type": "string", "description": "what to search for"}}
    search = {"name": f"search_{base}", "description": f"Searches the knowledge base '{base}'. Cite what you use of it as [n].", "parameters": {"type": "object", "properties": query, "required": ["query"]}}
    offered = [{"type": "function", "function": search}] + [tool.schema() for tool in tools.some(values, rng.choice([0, 0, 0, 1, 2]))]
    rng.shuffle(offered)
    conversation, first = Conversation("look-up", tools=offered), 1
    if rng.random() < 0.5:
        conversation.say("system", rng.choice(["You help the people of a company.", "Answer from the documents.", "You are a helpful assistant.", "Look it up before you answer."]))
    for _ in range(turns):
        passages = Passages(facts, values, rng.choice([2, 3, 4]), first)
        first += len(passages.passages)
        question = passages.ask() if rng.random() < 0.75 else passages.ask_absent()
        if question is not None:
            asked = vary(rng, question.text)
            conversation.say("user", rng.choice(LOOK_UP).format(asked)).say("assistant", "", {"name": search["name"], "arguments": {"query": asked}})
            conversation.say("tool", f"{passages.lines()}\n{SEARCHED}{asked}").say("assistant", question.answer)
    return conversation
