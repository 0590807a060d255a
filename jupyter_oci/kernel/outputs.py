"""Fold IOPub messages into notebook outputs, as a frontend does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

Output = dict[str, Any]
"""An nbformat output."""

HANDLED = frozenset({"stream", "display_data", "update_display_data", "execute_result", "error", "clear_output"})
"""The IOPub messages that a frontend's output area handles."""

SAME_LINE = re.compile(r"\r+\n")


class OutputFold:
    """The outputs of one cell, from its messages in order."""

    def __init__(self) -> None:
        self._outputs: list[Output] = []
        self._display_ids: dict[int, str] = {}
        self._clear_on_next = False

    def add(self, message: Mapping[str, Any]) -> None:
        """Take one IOPub message {msg_type, content, metadata}; those that are no output are passed over."""
        kind, content = message["msg_type"], message["content"]
        if kind == "clear_output":
            self._clear(wait=bool(content.get("wait")))
        elif kind == "update_display_data":
            self._update(content)
        elif kind in HANDLED:
            self._append(kind, content)

    def outputs(self) -> tuple[Output, ...]:
        """Give the outputs as nbformat has them."""
        return tuple(_settled(output) for output in self._outputs)

    def _clear(self, *, wait: bool) -> None:
        self._clear_on_next = wait
        if not wait:
            self._outputs.clear()
            self._display_ids.clear()

    def _append(self, kind: str, content: Mapping[str, Any]) -> None:
        if self._clear_on_next:
            self._clear(wait=False)
        if kind == "stream" and self._merge(content):
            return
        display_id = (content.get("transient") or {}).get("display_id")
        if display_id:
            self._display_ids[len(self._outputs)] = display_id
        self._outputs.append(_output(kind, content))

    def _merge(self, content: Mapping[str, Any]) -> bool:
        last = self._outputs[-1] if self._outputs else {}
        if last.get("output_type") != "stream" or last["name"] != content["name"]:
            return False
        last["pieces"].append(content["text"])
        return True

    def _update(self, content: Mapping[str, Any]) -> None:
        """Update displays of this cell; those of other cells have other folds."""
        display_id = (content.get("transient") or {}).get("display_id")
        for place, known in self._display_ids.items():
            if known == display_id:
                new = {"data": dict(content["data"]), "metadata": dict(content.get("metadata") or {})}
                self._outputs[place] = {**self._outputs[place], **new}


def fold(messages: Iterable[Mapping[str, Any]]) -> tuple[Output, ...]:
    """Fold all messages of one execution into nbformat outputs."""
    folded = OutputFold()
    for message in messages:
        folded.add(message)
    return folded.outputs()


def overwrite(text: str) -> str:
    """Let carriage returns and backspaces overwrite, as a terminal and a frontend do."""
    text = SAME_LINE.sub("\n", _erased(text) if "\b" in text else text)
    return "\n".join(_overwritten_line(line) if "\r" in line else line for line in text.split("\n"))


def _erased(text: str) -> str:
    kept: list[str] = []
    for character in text:
        if character != "\b":
            kept.append(character)
        elif kept and kept[-1] != "\n":
            kept.pop()
    return "".join(kept)


def _overwritten_line(line: str) -> str:
    shown: list[str] = []
    for piece in line.split("\r"):
        shown[: len(piece)] = piece
    return "".join(shown)


def _output(kind: str, content: Mapping[str, Any]) -> Output:
    if kind == "stream":
        return {"output_type": "stream", "name": content["name"], "pieces": [content["text"]]}
    if kind == "error":
        return {"output_type": "error", **{key: content[key] for key in ("ename", "evalue", "traceback")}}
    output: Output = {"output_type": kind, "data": dict(content["data"]), "metadata": dict(content.get("metadata") or {})}
    if kind == "execute_result":
        output["execution_count"] = content.get("execution_count")
    return output


def _settled(output: Output) -> Output:
    if output["output_type"] != "stream":
        return dict(output)
    return {"output_type": "stream", "name": output["name"], "text": overwrite("".join(output["pieces"]))}
