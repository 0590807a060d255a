"""Bound what one execution prints: the head as it comes, the tail at its end, and how much was left out between."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

Output = dict[str, Any]
"""One IOPub message as {msg_type, content, metadata}."""

TAIL_SHARE = 4
ERROR_SHARE = 8
ENVELOPE = 100
LONGEST_CHARACTER = 6  # bytes of one character as JSON: \\u0000
UPDATES = ("display_data", "update_display_data", "execute_result")


class OutputBudget:
    """Keep at most `limit` bytes of messages, whatever is printed.

    Three quarters are for the head, which passes at once. What follows is held in a window that keeps the newest quarter; a
    `clear_output` empties the window, so an animation ends on its last picture. Errors pass always, cut in the middle.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._head_left = limit - limit // TAIL_SHARE
        self._tail: deque[tuple[Output, int]] = deque()
        self._tail_bytes = 0
        self.holding = False
        self.dropped_bytes = 0

    def admit(self, output: Output) -> Output | None:
        """Take one output; give what may be shown now, None while the tail is held."""
        if output["msg_type"] == "error":
            return {**output, "content": shorten_error(output["content"], self._limit // ERROR_SHARE)}
        size = measure(output)
        if size > self._limit // TAIL_SHARE:
            fitting = shrink(output, self._limit // TAIL_SHARE)
            self.dropped_bytes += size - measure(fitting)
            output, size = fitting, measure(fitting)
        if not self.holding and size <= self._head_left:
            self._head_left -= size
            return output
        self.holding = True
        self._hold(output, size)
        return None

    def count_dropped(self, size: int) -> None:
        """Count bytes that were never unpacked."""
        self.dropped_bytes += size

    def finish(self) -> list[Output]:
        """Give the held tail, after a line that says how much was left out."""
        outputs = [output for output, _ in self._tail]
        if self.dropped_bytes:
            note = f"\n[jupyter-oci: {self.dropped_bytes:,} bytes of output left out]\n"
            outputs.insert(0, {"msg_type": "stream", "content": {"name": "stderr", "text": note}, "metadata": {}})
        self._tail.clear()
        return outputs

    def _hold(self, output: Output, size: int) -> None:
        if output["msg_type"] == "clear_output":
            self._tail.clear()
            self._tail_bytes = 0
        self._tail.append((output, size))
        self._tail_bytes += size
        while self._tail_bytes > self._limit // TAIL_SHARE:
            _, oldest = self._tail.popleft()
            self._tail_bytes -= oldest
            self.dropped_bytes += oldest


def measure(output: Output) -> int:
    """Size of the message as JSON in bytes, with a little for its envelope, so that many empty ones count too."""
    return _num_bytes(output["content"]) + _num_bytes(output["metadata"]) + ENVELOPE


def shorten(text: str, limit: int) -> str:
    """Cut the middle to at most `limit` characters: the start says what ran, the end says what broke."""
    if len(text) <= limit:
        return text
    half = max(limit // 2 - 20, 0)
    return f"{text[:half]}\n[... {len(text) - 2 * half:,} characters ...]\n{text[len(text) - half :]}"


def shorten_error(content: dict[str, Any], limit: int) -> dict[str, Any]:
    """Cut an error's fields; `limit` is characters for the value and for the whole traceback each."""
    lines = [str(line) for line in content.get("traceback") or ()]
    if sum(map(len, lines)) > limit:
        lines = shorten("\n".join(lines), limit).split("\n")
    ename, evalue = str(content.get("ename", "")), str(content.get("evalue", ""))
    return {**content, "ename": shorten(ename, 200), "evalue": shorten(evalue, limit), "traceback": lines}


def shrink(output: Output, limit: int) -> Output:
    """Make one message fit in `limit` bytes: cut a stream, drop large MIME entries and metadata, cut plain text."""
    content = output["content"]
    if output["msg_type"] == "stream":
        small = {"name": content["name"], "text": shorten(content["text"], limit // LONGEST_CHARACTER - ENVELOPE)}
        return {**output, "content": small, "metadata": {}}
    if output["msg_type"] not in UPDATES:
        return {"msg_type": "clear_output", "content": {"wait": bool(content.get("wait"))}, "metadata": {}}
    small = {key: content[key] for key in ("execution_count", "transient") if key in content}
    small |= {"data": _fitting_data(content.get("data", {}), limit // 2), "metadata": {}}
    return {**output, "content": small, "metadata": {}}


def _fitting_data(data: dict[str, Any], limit: int) -> dict[str, Any]:
    sizes = {mime: _num_bytes({mime: item}) for mime, item in data.items()}
    kept = {mime: data[mime] for mime, size in sizes.items() if size <= limit // len(data)}
    if "text/plain" not in kept:
        left_out = ", ".join(f"{mime} ({size:,} bytes)" for mime, size in sizes.items() if mime not in kept)
        plain = data.get("text/plain")
        text = plain if isinstance(plain, str) else f"[left out: {left_out}]"
        kept["text/plain"] = shorten(text, limit // LONGEST_CHARACTER - ENVELOPE)
    return kept


def _num_bytes(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
