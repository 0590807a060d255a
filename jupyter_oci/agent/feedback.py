"""An ExecutionResult, as the model gets to read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..kernel.base import ExecutionResult
from .ineffective import ineffective, without_warnings
from .output_text import output_text
from .plain_text import cut_end, cut_middle, fenced
from .traceback_text import Failure, Frame, read_traceback

PREFIX = "Execution result:\n"
SILENT = "(no output)"  # no sentence: a small model says it again
_CHARACTERS_PER_TOKEN = 3
_LEAST = 200


def feedback(result: ExecutionResult, max_tokens: int, count_tokens: Callable[[Sequence[str]], list[int]]) -> str:
    """Tell the result in at most `max_tokens` of the model's tokens (never under some 200 characters)."""
    limit = max(_LEAST, max_tokens * _CHARACTERS_PER_TOKEN)
    text = feedback_within(result, limit)
    while count_tokens([text])[0] > max_tokens and limit > _LEAST:
        limit = max(_LEAST, limit * 2 // 3)
        text = feedback_within(result, limit)
    return text


def feedback_within(result: ExecutionResult, limit: int) -> str:
    """Tell the result in about `limit` characters: error line and failing lines first, then what was printed."""
    printed = output_text(result.outputs)
    failure = failure_of(result)
    if failure is None:
        return PREFIX + (_printed(printed, result.dropped_bytes, limit) or SILENT)
    printed = without_warnings(printed)
    told = failure_text(failure, limit if not printed else max(limit * 2 // 3, limit - len(printed)))
    before = _printed(printed, result.dropped_bytes, limit - len(told))
    return PREFIX + "\n".join(part for part in (before, fenced(told)) if part)


def failure_of(result: ExecutionResult) -> Failure | None:
    """Read what went wrong; None when nothing did. Code that pandas says did nothing counts as failed."""
    if result.status == "ok":
        return ineffective(output_text(result.outputs))
    return read_traceback(result.ename, result.evalue, result.traceback)


def failure_text(failure: Failure, limit: int) -> str:
    """Tell a failure in `limit` characters: the error and the innermost failing line always stay, context goes first."""
    inner = failure.failing
    error_limit = limit if inner is None else max(limit // 2, limit - 400)
    error = cut_middle(failure.error, error_limit)
    if inner is None:
        return error
    rows = _frame_rows(inner, limit - len(error) - 1)
    left = limit - len(error) - len(rows) - 2
    for frame in reversed(failure.frames[:-1]):
        outer = _marked(frame)
        if len(outer) >= left:
            break
        rows, left = f"{outer}\n{rows}", left - len(outer) - 1
    return f"{rows}\n{error}"


def _frame_rows(frame: Frame, limit: int) -> str:
    """Give the frame with the lines around the failing one where they fit, else the failing line alone."""
    whole = "\n".join((frame.head, *(row.rstrip() for row in frame.body))).rstrip()
    if len(whole) <= limit:
        return whole
    marked = _marked(frame)
    return marked if len(marked) <= limit else _marked_row(frame, limit)


def _marked(frame: Frame) -> str:
    return f"{cut_end(frame.head, 100)}\n{_marked_row(frame, 300)}"


def _marked_row(frame: Frame, limit: int) -> str:
    return cut_end(f"----> {frame.line or ''} {frame.code}", limit)


def _printed(text: str, dropped_bytes: int, limit: int) -> str:
    if not text and not dropped_bytes:
        return ""
    more = f"\n({dropped_bytes:,} more bytes were printed and not kept)" if dropped_bytes else ""
    return fenced(cut_middle(text, max(0, limit - len(more))) + more)
