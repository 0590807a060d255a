"""Split a reply into prose and Python code while it streams in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Union

from .fences import END_TAG, Fence, dedent, may_open, may_open_within, opening, opening_within, typed, without_tag
from .python_text import ends_inside_string, is_runnable, may_become_python, parses, reads_as_prose


@dataclass(frozen=True, slots=True)
class Prose:
    """Text outside the code, to be appended."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Text of the open block, to be appended."""

    text: str


@dataclass(frozen=True, slots=True)
class BlockClosed:
    """The block's whole code. `complete` is False when the reply ended before the block did."""

    code: str
    complete: bool = True


Piece = Union[Prose, Code, BlockClosed]


class BlockSplitter:
    """Takes a reply as it comes (`feed`, at the end `finish`) and gives its pieces in order.

    Python blocks are passed on as they are written; what may turn out to be code or prose (a block without a language, a reply
    that begins like code) is held until that is known. Blocks in other languages are prose.
    """

    def __init__(self) -> None:
        self._line = ""
        self._line_begun = False
        self._fence: Fence | None = None
        self._held: str | None = ""
        self._code = ""
        self._shown = 0
        self._cut_at: int | None = None

    @property
    def code(self) -> str:
        """Give the code of the block that is open, as far as it has come; empty outside one."""
        return self._code if self._fence is not None else self._held or ""

    def feed(self, text: str) -> Iterator[Piece]:
        """Take more of the reply."""
        self._line += text
        while "\n" in self._line:
            line, _, self._line = self._line.partition("\n")
            yield from self._take(line + "\n")
            self._line_begun = False
        yield from self._take_part()

    def finish(self) -> Iterator[Piece]:
        """Take the end of the reply."""
        while self._line:
            line, self._line = self._line, ""
            yield from self._take(line)
            yield from self.feed("")
        if self._fence is not None:
            yield from self._close(complete=False)
        elif self._held is not None:
            yield from self._settle_bare(self._held)

    # A line, or what of it can be told before its end

    def _take(self, line: str) -> Iterator[Piece]:
        if self._fence is not None:
            yield from self._take_in_block(self._fence, line)
        elif self._held is not None:
            self._take_bare(line)
        elif not self._line_begun and (fence := opening(line)):
            yield from self._open(fence, line)
        elif within := opening_within(line):
            yield from [Prose(within[0])] if within[0] else ()
            yield from self._open(within[1], line)
        else:
            yield Prose(line)

    def _take_part(self) -> Iterator[Piece]:
        """Pass on the unfinished line as soon as it can be nothing but what it looks like."""
        part = self._line
        if not part or self._waits(part):
            return
        if self._held is not None and self._fence is None:
            if reads_as_prose(self._held + part):
                self._give_up_bare()
                yield from self.feed("")
            return
        self._line = ""
        yield from self._take(part)
        self._line_begun = True

    def _waits(self, part: str) -> bool:
        fence = self._fence
        if fence is None:
            return self._held is None and (may_open_within(part) or (not self._line_begun and may_open(part)))
        if fence.mark == END_TAG:
            return END_TAG[0] in part or (not self._line_begun and may_open(part))
        return not fence.python or (not self._line_begun and fence.may_close(part))

    # A reply that begins like code

    def _take_bare(self, line: str) -> None:
        self._held = (self._held or "") + line
        if opening(line) or not may_become_python(self._held):
            self._give_up_bare()

    def _give_up_bare(self) -> None:
        """Read it again as prose, or as prose with blocks."""
        self._line, self._held = (self._held or "") + self._line, None

    def _settle_bare(self, text: str) -> Iterator[Piece]:
        self._held = None
        if is_runnable(text):
            yield from self._whole(text, complete=False)
        elif text:
            yield Prose(text)

    # Blocks

    def _open(self, fence: Fence, line: str) -> Iterator[Piece]:
        self._fence, self._code, self._shown, self._cut_at = fence, "", 0, None
        if fence.mark == END_TAG:
            yield from self._take_in_block(fence, without_tag(line))
        elif not fence.python:
            self._held = line
        self._line_begun = False

    def _take_in_block(self, fence: Fence, line: str) -> Iterator[Piece]:
        if self._held is not None:
            yield from self._take_held(fence, line)
        elif fence.mark == END_TAG:
            yield from self._take_tagged(line)
        elif self._line_begun:
            yield from self._write_code(line)
        elif (closes := fence.closes(line)) or opening(line):
            yield from self._end_or_write(line, reopens=not closes)
        else:
            yield from self._write_code(dedent(line, fence.indent))

    def _end_or_write(self, line: str, *, reopens: bool) -> Iterator[Piece]:
        """End the block at a fence, unless a string of the code is still open there."""
        if ends_inside_string(self._code):
            self._cut_at = len(self._code) if self._cut_at is None else self._cut_at
            yield from self._write(line)
            return
        yield from self._close(complete=True)
        if reopens:
            yield from self._take(line)

    def _take_tagged(self, line: str) -> Iterator[Piece]:
        inner = opening(line)
        if inner and inner.python and not self._code.strip():
            self._fence = inner
            return
        code, tag, rest = line.partition(END_TAG)
        yield from self._write(code)
        if tag:
            yield from self._close(complete=True)
            yield from self._take(rest) if rest.strip() else ()

    def _take_held(self, fence: Fence, line: str) -> Iterator[Piece]:
        self._held = (self._held or "") + line
        if fence.closes(line):
            yield from self._close(complete=True)
        else:
            self._code += dedent(line, fence.indent)

    def _write_code(self, line: str) -> Iterator[Piece]:
        """Add a line, or a part of one; a fence at its end closes the block where it is no part of the code."""
        yield from self._write(line)
        if line.endswith("\n") and _unfenced(self._code) is not None:
            yield from self._close(complete=True)

    def _write(self, text: str) -> Iterator[Piece]:
        """Add to the block; blank lines at its start and line ends at its end are not shown."""
        self._code = (self._code + text).lstrip("\n")
        visible = self._code.rstrip("\n")
        if len(visible) > self._shown:
            yield Code(visible[self._shown :])
            self._shown = len(visible)

    def _close(self, *, complete: bool) -> Iterator[Piece]:
        held, fence, code = self._held, self._fence, self._code
        self._fence = self._held = None
        if (bare := _unfenced(code)) is not None:
            code, complete = bare, True
        if held is not None:
            code = typed(code) if fence and fence.console else code
            may_be_code = fence is not None and (fence.console or not fence.name)
            yield from self._whole(code, complete=complete) if may_be_code and is_runnable(code) else (Prose(held),)
        elif code.strip():
            if not complete and self._cut_at is not None and not parses(code):
                code, complete = code[: self._cut_at], True
            yield BlockClosed(code.strip("\n"), complete)

    def _whole(self, code: str, *, complete: bool) -> Iterator[Piece]:
        yield Code(code.strip("\n"))
        yield BlockClosed(code.strip("\n"), complete)


def _unfenced(code: str) -> str | None:
    """Give the code without the fence at the end of its last line; None: there is none, or it belongs to the code."""
    text = code.rstrip()
    bare = text.rstrip("`")
    is_fence = len(text) - len(bare) >= 3 and not parses(code) and parses(bare)
    return bare.rstrip() if is_fence and bare.strip() else None


def extract(reply: str) -> str | None:
    """Give all Python of a whole reply as one program, blocks in order and repeats left out; None if it has none."""
    splitter = BlockSplitter()
    pieces = [*splitter.feed(reply), *splitter.finish()]
    blocks = dict.fromkeys(piece.code for piece in pieces if isinstance(piece, BlockClosed))
    return "\n\n".join(blocks) or None
