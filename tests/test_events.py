"""The words of a run: what Python says is what Python and the page read (src/__tests__/protocol.spec.ts reads the same file)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_oci.errors import ProtocolError
from jupyter_oci.events import EVENT_TYPES, from_json, to_json

LINES = (Path(__file__).parent / "protocol.jsonl").read_text().splitlines()
EXAMPLES: list[dict[str, Any]] = [json.loads(line) for line in LINES]


def test_there_is_one_example_of_every_event() -> None:
    assert [example["type"] for example in EXAMPLES] == list(EVENT_TYPES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["type"])
def test_an_event_survives_the_way_there_and_back(example: dict[str, Any]) -> None:
    stamped = {"seq": example["seq"], "time": example["time"], **to_json(from_json(example))}
    assert json.loads(json.dumps(stamped)) == example


@pytest.mark.parametrize(
    "value",
    [
        {"type": "unheard_of"},
        {},
        {"type": "text_delta"},
        {"type": "text_delta", "text": "x", "colour": "red"},
    ],
    ids=["unknown type", "no type", "missing field", "unknown field"],
)
def test_what_is_not_an_event_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        from_json(value)


def test_an_approval_that_an_earlier_version_kept_is_read() -> None:
    kept = {"type": "approval_resolved", "approval_id": "a", "decision": "run", "source": "x"}
    assert to_json(from_json(kept)) == {**kept, "comment": ""}
