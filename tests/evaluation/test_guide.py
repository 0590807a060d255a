"""The second model of the paper protocol, behind an HTTP interface such as model servers have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from faulty_server import DONE, Asked, chunk, faulty

from jupyter_oci.cli import main
from jupyter_oci.config import ModelConfig
from jupyter_oci.evaluation.paper.kinds import EXECUTION, FIRST, HUMAN, ORACLE
from jupyter_oci.model.base import ChatModel
from jupyter_oci.model.endpoint_address import is_address
from jupyter_oci.model.open_model import open_model
from jupyter_oci.model.scripted import ScriptedModel

from .small import data_folder

RIGHT = "```python\ndef add(a, b):\n    return a + b\n```"
WRONG = "```python\ndef add(a, b):\n    return a - b\n```"
HINT, TOLD = "Mind the sign.", "Do what the docstring says."


def guide(asked: Asked) -> None:
    """Answer as the human, and otherwise as the oracle, in pieces."""
    words = TOLD if "@@Canonical Solution\n    return a + b" in asked.body["messages"][-1]["content"] else HINT
    asked.stream(chunk(words[:5]), chunk(words[5:], "stop"), DONE)


def opened(config: ModelConfig) -> ChatModel:
    return open_model(config) if is_address(config.name) else ScriptedModel({TOLD: [RIGHT], "": [WRONG]})


def test_a_model_server_plays_the_human_and_the_oracle(tmp_path: Path, monkeypatch: Any) -> None:
    data, out = data_folder(tmp_path / "data"), tmp_path / "out"
    monkeypatch.setenv("JUPYTER_OCI_ENDPOINT_KEY", "open-sesame")
    words = ["evaluate", "humaneval", "--protocol", "paper", "--limit", "1", "--data", str(data), "--output", str(out)]
    with faulty(guide) as (base, seen):
        assert main([*words, "--guide", f"{base}#faulty"], model_factory=opened) == 0
    (record,) = [json.loads(line) for line in (out / "records.jsonl").read_text().splitlines()]
    told = {each["name"]: each["told"] for each in record["rounds"]}
    assert (list(told), told[HUMAN], told[ORACLE]) == ([FIRST, EXECUTION, HUMAN, ORACLE], HINT, TOLD)
    passed = {each["name"]: each["verdicts"]["plus"] for each in record["rounds"] if "plus" in each["verdicts"]}
    assert passed == {FIRST: False, EXECUTION: False, HUMAN: False, ORACLE: True}
    chats = [asked for asked in seen if asked.command == "POST" and "stream" in asked.body]
    assert all(asked.headers["Authorization"] == "Bearer open-sesame" for asked in chats)
    assert {(asked.body["model"], asked.body["temperature"], asked.body["max_tokens"]) for asked in chats} == {
        ("faulty", 0, 1024)
    }
    system, user = chats[0].body["messages"]
    assert system == {"role": "system", "content": "You are a helpful assistant."}
    assert (
        "@@Existing Code\ndef add(a, b):\n    return a - b\n\n@@Execution Result\nThe results aren't as expected."
        in user["content"]
    )
    assert f"| {ORACLE} | 100.0 (100.0) | 1 (1) of 1 |" in (out / "summary.md").read_text()
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["guide"].endswith("faulty")
    assert manifest["computed"] == {"window": 8192, "guide's window": 4096}
