"""Asks a running model the held-out cases, through OpenAI's API, and prints the score of each skill.

    python3 evaluate.py --write ../../../tests/AiFactory.Inference.Tests/ShippedModels/cases.jsonl --count 30
    python3 evaluate.py --url http://localhost:8080/v1 --model demo-chat [--count 300] [--skills context,tool] [--failures failures.txt]

The key is read from AIFACTORY_API_KEY. A case is right when the answer is exactly the expected one: the text, or the tool's name and arguments. It must also end by itself.
"""

import argparse
import json
import os
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from corpus import Corpus

BARS = {"context": 0.90, "absent": 0.85, "tool": 0.90, "result": 0.85, "rule-upper": 0.85, "rule-word": 0.85, "rule-refuse": 0.85}
ENDS = 0.99


def complete(url: str, body: dict) -> dict:
    headers = {"content-type": "application/json", "authorization": "Bearer " + os.environ.get("AIFACTORY_API_KEY", "")}
    request = urllib.request.Request(url + "/chat/completions", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{error.code}: {error.read().decode()[:500]}") from None


def request_of(case, model: str) -> dict:
    body = {"model": model, "messages": case.messages()[:-1], "temperature": 0, "max_tokens": 200}
    return body | ({"tools": case.tools} if case.tools else {})


def right(case, message: dict) -> bool:
    expected = case.turns[-1]
    if expected.call is None:
        return (message.get("content") or "").strip() == expected.content and not message.get("tool_calls")
    calls = message.get("tool_calls") or []
    if len(calls) != 1 or calls[0]["function"]["name"] != expected.call["name"]:
        return False
    try:
        return json.loads(calls[0]["function"]["arguments"]) == expected.call["arguments"]
    except ValueError:
        return False


def write(options):
    """One case a line: {"skill", "request", "expected": {"content"} or {"name", "arguments"}}."""
    corpus = Corpus(test=True)
    with open(options.write, "w") as file:
        for skill in options.skills.split(","):
            for case in corpus.cases(skill, options.count):
                request = request_of(case, options.model)
                expected = case.turns[-1].call or {"content": case.turns[-1].content}
                file.write(json.dumps({"skill": skill, "request": request, "expected": expected}, ensure_ascii=False) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="http://localhost:8080/v1")
    parser.add_argument("--model", default="demo-chat")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--skills", default=",".join(Corpus.SKILLS))
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--failures", help="a file for what went wrong")
    parser.add_argument("--write", help="ask nothing, and write the cases to this file, for a test that asks them itself")
    options = parser.parse_args()
    if options.write:
        write(options)
        return
    corpus, ended, asked, failures = Corpus(test=True), 0, 0, []
    for skill in options.skills.split(","):
        cases = corpus.cases(skill, options.count)
        with ThreadPoolExecutor(options.parallel) as pool:
            choices = list(pool.map(lambda case: complete(options.url, request_of(case, options.model))["choices"][0], cases))
        good = 0
        for case, choice in zip(cases, choices):
            ended += choice["finish_reason"] in ("stop", "tool_calls")
            if right(case, choice["message"]):
                good += 1
            else:
                failures.append(f"=== {skill}\n{''.join(text for text, _ in case.pieces())}--- {json.dumps(choice, ensure_ascii=False)}\n")
        asked += len(cases)
        print(f"{skill:12} {good:4} of {len(cases)}  {good / len(cases):6.1%}" + (f"  bar {BARS[skill]:.0%}" if skill in BARS else ""), flush=True)
    print(f"{'ends':12} {ended:4} of {asked}  {ended / asked:6.1%}  bar {ENDS:.0%}")
    if options.failures:
        with open(options.failures, "w") as file:
            file.write("\n".join(failures))


if __name__ == "__main__":
    main()
