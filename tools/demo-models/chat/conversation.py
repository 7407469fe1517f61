"""What the generator makes: a conversation, whose assistant turns are what the model learns, and the text that the model sees of it (template.jinja, written out)."""

import json
from dataclasses import dataclass, field


def to_json(value) -> str:
    return json.dumps(value, ensure_ascii=False)


@dataclass
class Turn:
    role: str
    content: str
    call: dict | None = None
    """{"name": ..., "arguments": {...}}: the assistant calls a tool."""
    source: str | None = None
    """The whole sentence, with its passage's number, that a short answer is taken from: what attention is told by."""

    @property
    def text(self) -> str:
        if self.call is None:
            return self.content
        return f'<tool_call>\n{{"name": {to_json(self.call["name"])}, "arguments": {to_json(self.call["arguments"])}}}\n</tool_call>'


@dataclass
class Conversation:
    skill: str
    turns: list[Turn] = field(default_factory=list)
    tools: list[dict] = field(default_factory=list)
    """OpenAI's form: {"type": "function", "function": {...}}."""

    def say(self, role: str, content: str, call: dict | None = None, source: str | None = None) -> "Conversation":
        self.turns.append(Turn(role, content, call, source))
        return self

    def messages(self) -> list[dict]:
        """As an OpenAI client sends them."""
        messages, calls = [], 0
        for turn in self.turns:
            message = {"role": turn.role, "content": turn.content}
            if turn.call is not None:
                calls += 1
                function = {"name": turn.call["name"], "arguments": to_json(turn.call["arguments"])}
                message = {"role": turn.role, "content": None, "tool_calls": [{"id": f"call_{calls}", "type": "function", "function": function}]}
            elif turn.role == "tool":
                message["tool_call_id"] = f"call_{calls}"
            messages.append(message)
        return messages

    def pieces(self) -> list[tuple[str, bool]]:
        """Text in order, and whether the model has to learn to write it."""
        pieces = []
        if self.tools:
            pieces.append(("<|im_start|>tools\n" + "".join(map(describe, self.tools)) + "<|im_end|>\n", False))
        for turn in self.turns:
            learned = turn.role == "assistant"
            pieces += [(f"<|im_start|>{turn.role}\n", False), (turn.text.strip() + "<|im_end|>", learned), ("\n", False)]
        return pieces


def describe(tool: dict) -> str:
    """One tool as the template shows it: a line for it, and one for each parameter."""
    function = tool["function"]
    lines = [f"{function['name']}: {function.get('description') or ''}\n"]
    schema = function.get("parameters") or {}
    required = schema.get("required") or []
    for name, parameter in (schema.get("properties") or {}).items():
        choices = ": " + ", ".join(parameter["enum"]) if parameter.get("enum") else ""
        optional = "" if name in required else ", optional"
        about = ": " + parameter["description"] if parameter.get("description") else ""
        lines.append(f"- {name} ({parameter.get('type') or 'string'}{choices}{optional}){about}\n")
    return "".join(lines)
