"""Read an IPython traceback: which lines of the user's failed, and with what error. Library frames are passed over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .plain_text import plain

_CELL = re.compile(r"(?:Cell In|Input In|<ipython-input|.*[\\/]ipykernel_\d+[\\/])")
_CELL_LINE = re.compile(r"(?:Cell In ?\[\d*\]|Input In \[\d*\]),? (?:line |in <cell line: )(?P<line>\d+)")
_FRAME = re.compile(r"\s*(?:File |Cell In|Input In|<ipython-input)")
_LIBRARY = re.compile(r"[\\/](?:site-packages|dist-packages|lib[\\/]python\d|Lib[\\/])|^\s*File (?:<|[^\s:]+\.(?:pyx|pxi|pxd))")
_PLACE = re.compile(r" \([^()\s]*, line \d+\)$")  # of a SyntaxError: the frame says it better
_ARROW = re.compile(r"-+>\s*(?P<line>\d+) ?(?P<code>.*)")
_TEXT = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_MAGIC = re.compile(
    rf"get_ipython\(\)\.(?P<kind>run_line_magic|run_cell_magic|system|getoutput)\((?P<words>{_TEXT}(?:, {_TEXT})*)\)"
)
_SIGNS = {"run_line_magic": "%", "run_cell_magic": "%%"}


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame in the user's own code: its head, the line marked `---->` in it, and the marked line with its neighbours."""

    head: str
    line: int | None
    code: str
    body: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A traceback as far as it is the user's: frames from the outermost to the innermost, then the error."""

    frames: tuple[Frame, ...]
    error: str
    left_out: int

    @property
    def failing(self) -> Frame | None:
        """Give the innermost frame of the user's."""
        return self.frames[-1] if self.frames else None


def read_traceback(ename: str, evalue: str, traceback: Sequence[str]) -> Failure:
    """Sort a traceback (as the kernel sends it, ANSI codes and all) into the user's frames and the error."""
    entries = [entry for item in traceback for entry in _entries(_MAGIC.sub(_as_typed, plain(item)))]
    error = _PLACE.sub("", plain(f"{ename}: {evalue}" if evalue else ename))
    frames = [entry for entry in entries if _FRAME.match(entry)]
    users = dict.fromkeys(_frame(entry) for entry in frames if not _LIBRARY.search(entry.split("\n", 1)[0]))
    return Failure(tuple(users), error, len(frames) - len(users))


def _as_typed(call: re.Match[str]) -> str:
    """Give the magic or shell line for what IPython makes of it, which nobody typed; of a cell magic the first line."""
    words = ast.literal_eval(f"({call['words']},)")[:2]
    return f"{_SIGNS.get(call['kind'], '!')}{' '.join(words)}".rstrip()


def _entries(text: str) -> Iterator[str]:
    """Cut at the heads of frames: a custom handler may send several in one string."""
    entry: list[str] = []
    for line in text.strip("\n").split("\n"):
        if entry and _FRAME.match(line) and not line.startswith("   "):
            yield "\n".join(entry)
            entry = []
        entry.append(line)
    yield "\n".join(entry)


def _frame(entry: str) -> Frame:
    head, *body = entry.split("\n")
    for row in body:
        if match := _ARROW.match(row):
            return Frame(head.strip(), int(match["line"]), match["code"].strip(), tuple(body))
    return _syntax_frame(head, body)


def _syntax_frame(head: str, body: Sequence[str]) -> Frame:
    """Read a SyntaxError: it shows its line without an arrow, then a caret, then the error."""
    match = _CELL_LINE.search(head)
    code = next((row.strip() for row in body if row.strip()), "")
    rows = [row for row in body if row.strip() and not re.match(r"\w*(?:Error|Exception|Warning)\b", row)]
    return Frame(head.strip(), int(match["line"]) if match else None, code, tuple(rows))
