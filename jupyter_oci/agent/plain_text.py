"""Make any text harmless to read on: no terminal codes, nothing invisible, long ones cut in the middle."""

from __future__ import annotations

import re

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
# Zero-width and bidirectional marks, tag characters, lone surrogates, private controls: what a reader cannot see.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U000e0000-\U000e0fff\ud800-\udfff]"
)

# How letters of Arabic script and of India's scripts, and parts of emoji, are joined or kept apart: this is seen.
_JOINING, _EMOJI = "\u0600-\u08ff\u0900-\u0dff", "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_SEEN = re.compile(f"(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}])|(?<=[{_EMOJI}])\u200d(?=[{_EMOJI}])|\ufe0f")
_STRIPPED = re.compile(f"({_SEEN.pattern})|{INVISIBLE.pattern}")
_UNSEEN = re.compile(rf"{INVISIBLE.pattern}|[\n\r\t]")


def has_invisible(text: str) -> bool:
    """Whether a reader cannot see all of it."""
    return INVISIBLE.search(_SEEN.sub("", text)) is not None


def escaped(text: str) -> str:
    """Write what a reader cannot see as Python does in a text's literal: names that have it are copied from here."""
    return _UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def plain(text: str) -> str:
    """Strip ANSI codes and invisible characters, and show of overwritten lines (progress bars) the last state."""
    text = _ANSI.sub("", text).replace("\r\n", "\n")
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return _STRIPPED.sub(lambda match: match[1] or "", text)


def cut_middle(text: str, limit: int) -> str:
    """Keep start and end within `limit` characters: the start says what ran, the end says what came of it."""
    if len(text) <= limit:
        return text
    note = f"\n... ({len(text):,} characters, the middle left out) ...\n"
    kept = limit - len(note)
    if kept < 40:
        return text[: max(0, limit - 3)] + "..." if limit > 3 else ""
    head = kept // 2
    return text[:head] + note + text[len(text) - (kept - head) :]


def cut_end(text: str, limit: int) -> str:
    """Keep the start of one line."""
    return text if len(text) <= limit else text[: max(0, limit - 3)] + "..."


def fenced(text: str, name: str = "") -> str:
    """Frame the text so that nothing in it can end the frame."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    mark = "`" * max(3, longest + 1)
    return f"{mark}{name}\n{text}\n{mark}"
