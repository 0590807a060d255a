"""Bodies of requests: checked against a schema, then read into values."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from ..errors import ProtocolError
from ..request import Request, cell_from_json
from .runs import Ask

MAX_BODY_BYTES = 8 << 20
MAX_ROUNDS = 1000

_MODE = {"enum": ["suggest", "ask", "auto"]}
_TEXT = {"type": "string"}
_NAME = {"type": "string", "minLength": 1, "maxLength": 4096}
_CELL = {
    "type": "object",
    "required": ["id", "cell_type", "source"],
    "properties": {
        "id": {"type": "string", "maxLength": 64},
        "cell_type": {"enum": ["code", "markdown", "raw"]},
        "source": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
        "execution_count": {"type": ["integer", "null"]},
        "outputs": {"type": "array", "items": {"type": "object", "required": ["output_type"]}},
        "is_cut": {"type": "boolean"},
    },
}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


_ASK = _object(
    {
        "path": _NAME,
        "kernel_id": {"type": "string", "maxLength": 200},
        "prompt": {"type": "string", "maxLength": 100_000},
        "cells": {"type": "array", "items": _CELL, "maxItems": 200},
    },
    {
        "active_cell_id": {"type": ["string", "null"]},
        "selection": {"type": "string", "maxLength": 100_000},
        "language": {"type": "string", "maxLength": 100},
        "client_id": {"type": "string", "maxLength": 200},
        "mode": _MODE,
        "max_rounds": {"type": "integer", "minimum": 1, "maximum": MAX_ROUNDS},
        "intent": {"enum": ["ask", "edit", "fix", "explain", "hint"]},
        "target_cell_id": {"type": ["string", "null"]},
        "hint_only": {"type": "boolean"},
        "instructions": {"type": "string", "maxLength": 4000},
    },
)
# What is done with a cell may go without words.
_ABOUT_A_CELL = {"required": ["intent"], "properties": {"intent": {"enum": ["fix", "explain", "hint"]}}}
_HAS_WORDS = {"properties": {"prompt": {"minLength": 1}}}

_MAGIC_ASK = {key: _ASK["properties"][key] for key in ("kernel_id", "prompt", "cells")}
_MAGIC_OPTIONS = {key: _ASK["properties"][key] for key in ("active_cell_id", "max_rounds")}
_MESSAGE = _object({"role": {"enum": ["system", "user", "assistant"]}, "content": _TEXT})
_SAMPLING = {
    "type": "object",
    "properties": {
        "max_tokens": {"type": "integer", "minimum": 1},
        "temperature": {"type": "number", "minimum": 0},
        "top_p": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "seed": {"type": ["integer", "null"]},
    },
    "additionalProperties": False,
}

SCHEMAS: dict[str, dict[str, Any]] = {
    "ask": {**_ASK, "if": _ABOUT_A_CELL, "else": _HAS_WORDS},
    "preview": _ASK,
    "notebook": _object({"path": _NAME, "mode": _MODE}, {"waiting": _object({"approval_id": _TEXT, "source": _TEXT})}),
    "model": _object({"name": _NAME}),
    "magic_count": _object({"texts": {"type": "array", "items": _TEXT, "maxItems": 10_000}}),
    "magic_generate": _object(
        {
            "messages": {"type": "array", "items": _MESSAGE, "minItems": 1, "maxItems": 1000},
            "sampling": _SAMPLING,
            "drafts": {"type": "array", "items": _TEXT, "maxItems": 100},
        }
    ),
    # Code in a kernel may ask for less than the notebook's mode allows, not for more.
    "magic_run": _object(_MAGIC_ASK, {**_MAGIC_OPTIONS, "mode": {"enum": ["suggest"]}, "wait": {"type": "boolean"}}),
    "model_action": _object({"name": _NAME, "action": {"enum": ["download", "cancel", "load", "unload", "remove"]}}),
    "approve": _object(
        {"approval_id": _TEXT, "decision": {"enum": ["run", "skip", "another", "ran"]}, "source": _TEXT, "sha256": _TEXT},
        {"comment": {"type": "string", "maxLength": 2000}},
    ),
    "edited": _object({"cell_id": {"type": "string", "minLength": 1, "maxLength": 64}, "source": _TEXT}),
}


def read(kind: str, body: bytes) -> dict[str, Any]:
    """Read a body of one of the `SCHEMAS`.

    Raises:
        ProtocolError: it is too long, not JSON or not of that form; the message says where.
    """
    if len(body) > MAX_BODY_BYTES:
        raise ProtocolError(f"The request is too long: {len(body):,} bytes, {MAX_BODY_BYTES:,} at most.")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"The request is not JSON: {error}.") from error
    for wrong in _validator(kind).iter_errors(value):
        raise ProtocolError(_told(wrong))
    fields: dict[str, Any] = value
    return fields


def _told(wrong: ValidationError) -> str:
    """Say what a value must be."""
    if wrong.validator == "maxLength":
        name, length = wrong.json_path.removeprefix("$."), len(str(wrong.instance))
        return f"The {name} is too long: {length:,} characters, {wrong.validator_value:,} at most."
    return f"The request is not as expected at {wrong.json_path}: {wrong.message[:200]}."


def read_ask(kind: str, body: bytes) -> Ask:
    """Read what a client asks for, with the notebook's cells around it.

    Raises:
        ProtocolError: as in `read`.
    """
    return ask_from(read(kind, body))


def ask_from(fields: dict[str, Any]) -> Ask:
    """Make an `Ask` of fields that have been checked.

    Raises:
        ProtocolError: a cell is none.
    """
    request = Request(
        prompt=fields["prompt"],
        cells=tuple(cell_from_json(cell) for cell in fields["cells"]),
        active_cell_id=fields.get("active_cell_id"),
        selection=fields.get("selection", ""),
        language=fields.get("language", "python"),
        intent=fields.get("intent", "ask"),
        target_cell_id=fields.get("target_cell_id"),
        instructions=fields.get("instructions", ""),
    )
    if request.intent != "ask" and all(cell.cell_id != request.target_cell_id for cell in request.cells):
        raise ProtocolError("The cell that this is for is not among the cells that were sent. Click into it and ask again.")
    return Ask(
        path=fields["path"],
        kernel_id=fields["kernel_id"],
        client_id=fields.get("client_id", ""),
        request=request,
        mode=fields.get("mode"),
        max_rounds=fields.get("max_rounds"),
        hint_only=fields.get("hint_only", False),
    )


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[kind])
