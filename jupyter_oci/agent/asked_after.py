"""What is asked of the model after its code ran, with what the kernel knows of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..kernel.base import Executor
from ..request import Request
from .cell_facts import only_defined, unshown
from .declined import spoken_of
from .feedback import failure_of, feedback
from .hints import failure_hint, silence_hint, unshown_hint
from .language import answer_language
from .output_text import output_text
from .problem import files_about
from .trail import Try
from .wording import AFTER_KIND, after_failure, after_success, in_language

_KIND = re.compile(r"\s*<[\w.]+ object at 0x[0-9a-fA-F]+>\s*")


def result_told(tried: Try, max_tokens: int, count_tokens: Callable[[Sequence[str]], list[int]]) -> str:
    """Tell what came of the code as it ran, in at most so many tokens, what does not hold of it, and whose it was then."""
    told = feedback(tried.result, max_tokens, count_tokens)
    unmet = f"\nBut {tried.error}." if tried.failure and failure_of(tried.result) is None else ""
    return f"{told}{unmet}{spoken_of(tried.corrected, edited=tried.source != tried.reply.code)}"


def asked_after(tried: Try, executor: Executor, request: Request, *, last_cell: bool) -> str:
    """Ask for a revision of what failed, else for what is left of the request: in words where it was the last cell."""
    source, result, failure = tried.source, tried.result, tried.failure
    if failure is not None:
        return after_failure(
            failure, failure_hint(failure, executor.variables(source) or (), files_about(failure, executor.files))
        )
    shown = output_text(result.outputs)
    if _KIND.fullmatch(shown) and not last_cell:
        return AFTER_KIND
    known = "" if shown else silence_hint(source, executor.variables(source) or ())
    asked = after_success(shown, request.prompt, only_defined(source), last_cell=last_cell)
    return unshown_hint(unshown(source)) + known + in_language(asked, answer_language(request))
