"""Bound what one execution shows: the head as it comes, the tail at its end, and how much was left out between."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

Output = dict[str, Any]
"""One IOPub message as {msg_type, content, metadata}."""

TEXT_TAIL = 4
RICH_TAIL = 2
ERROR_SHARE = 8
ENVELOPE = 100
LONGEST_CHARACTER = 6  # bytes of one character as JSON: \\u0000
LONGEST_PLAIN = 10_000  # characters of text/plain in a message that is cut
UPDATES = ("display_data", "update_display_data", "execute_result")
TOO_LARGE = "left out: run the cell yourself to see it"


class OutputBudget:
    """Keep at most `limit` bytes of text and `rich_limit` of all else (pictures, tables), whatever is shown.

    Of each, the head passes at once: three quarters of the text, half of the rest. What follows is held in a window that keeps
    the newest; a `clear_output` empties the windows, so an animation ends on its last picture. Errors pass always, cut in the
    middle. A message that is larger than its window is cut, and says so.
    """

    def __init__(self, limit: int, rich_limit: int) -> None:
        self._limit = limit
        self._text = _Window(limit, limit // TEXT_TAIL)
        self._rich = _Window(rich_limit, rich_limit // RICH_TAIL)
        self._count = 0
        self.holding = False
        self.dropped_bytes = 0

    def admit(self, output: Output) -> Output | None:
        """Take one output; give what may be shown now, None while the tail is held."""
        if output["msg_type"] == "error":
            return {**output, "content": shorten_error(output["content"], self._limit // ERROR_SHARE)}
        window = self._rich if is_rich(output) else self._text
        size = measure(output)
        if size > window.limit:
            fitting = shrink(output, window.limit)
            self.dropped_bytes += 0 if is_rich(output) else size - measure(fitting)
            output, size = fitting, measure(fitting)
        if not self.holding and size <= window.head_left:
            window.head_left -= size
            return output
        self.holding = True
        self._hold(output, size, window)
        return None

    def count_dropped(self, size: int) -> None:
        """Count bytes that were never unpacked."""
        self.dropped_bytes += size

    def finish(self) -> list[Output]:
        """Give the held tail, after a line that says how much was left out."""
        held = sorted((*self._text.held, *self._rich.held), key=lambda each: each[0])
        outputs = [output for _, output, _ in held]
        if self.dropped_bytes:
            note = f"\n[jupyter-oci: {self.dropped_bytes:,} bytes of output left out]\n"
            outputs.insert(0, {"msg_type": "stream", "content": {"name": "stderr", "text": note}, "metadata": {}})
        self._text.clear()
        self._rich.clear()
        return outputs

    def _hold(self, output: Output, size: int, window: _Window) -> None:
        if output["msg_type"] == "clear_output":
            self._text.clear()
            self._rich.clear()
        self._count += 1
        self.dropped_bytes += window.hold(self._count, output, size)


class _Window:
    """The newest held messages of one kind, `limit` bytes of them at most, and how much may pass before it is used."""

    def __init__(self, whole: int, limit: int) -> None:
        self.limit = limit
        self.head_left = whole - limit
        self.held: deque[tuple[int, Output, int]] = deque()
        self._bytes = 0

    def clear(self) -> None:
        self.held.clear()
        self._bytes = 0

    def hold(self, number: int, output: Output, size: int) -> int:
        """Hold the message of this number in the execution; give how many bytes it pushed out."""
        self.held.append((number, output, size))
        self._bytes += size
        before = self._bytes
        while self._bytes > self.limit:
            self._bytes -= self.held.popleft()[2]
        return before - self._bytes


def is_rich(output: Output) -> bool:
    """Whether the message shows more than text."""
    data = output["content"].get("data", {}) if output["msg_type"] in UPDATES else {}
    return any(mime != "text/plain" for mime in data)


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


def shrink(output: Output, limit: int, why: str = TOO_LARGE) -> Output:
    """Make one message fit in `limit` bytes: cut text, drop metadata and the largest MIME entries, and say `why`."""
    content = output["content"]
    if output["msg_type"] == "stream":
        small = {"name": content["name"], "text": shorten(content["text"], limit // LONGEST_CHARACTER - ENVELOPE)}
        return {**output, "content": small, "metadata": {}}
    if output["msg_type"] not in UPDATES:
        return {"msg_type": "clear_output", "content": {"wait": bool(content.get("wait"))}, "metadata": {}}
    small = {key: content[key] for key in ("execution_count", "transient") if key in content}
    small |= {"data": _fitting_data(content.get("data", {}), limit, why), "metadata": {}}
    return {**output, "content": small, "metadata": {}}


def _fitting_data(data: dict[str, Any], limit: int, why: str) -> dict[str, Any]:
    """Drop the largest entries until the others fit beside the text that says so, which takes half of the limit at most."""
    longest = min(LONGEST_PLAIN, limit // (2 * LONGEST_CHARACTER) - ENVELOPE)
    sizes = {mime: _num_bytes({mime: item}) for mime, item in data.items() if mime != "text/plain"}
    kept = sorted(sizes, key=sizes.__getitem__)
    plain = [data["text/plain"]] if isinstance(data.get("text/plain"), str) else []
    while sum(sizes[mime] for mime in kept) > limit - LONGEST_CHARACTER * longest - 3 * ENVELOPE:
        mime = kept.pop()
        plain.append(f"[{mime} ({sizes[mime]:,} bytes) {why}]")
    texts = {"text/plain": shorten("\n".join(plain), longest)} if plain else {}
    return {mime: data[mime] for mime in kept} | texts


def _num_bytes(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
