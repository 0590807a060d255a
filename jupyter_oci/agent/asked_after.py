"""What is asked of the model after its code ran, with what the kernel knows of it."""

from __future__ import annotations

from ..kernel.base import ExecutionResult, Executor
from ..request import Request
from .cell_facts import only_defined, unshown
from .hints import failure_hint, silence_hint, unshown_hint
from .language import answer_language
from .output_text import output_text
from .problem import files_about
from .traceback_text import Failure
from .wording import after_failure, after_success, in_language


def asked_after(
    source: str, result: ExecutionResult, failure: Failure | None, executor: Executor, request: Request, *, last_cell: bool
) -> str:
    """Ask for a revision where the source failed, else for what is left of the request: in words where it was the last cell."""
    if failure is not None:
        return after_failure(
            failure, failure_hint(failure, executor.variables(source) or (), files_about(failure, executor.files))
        )
    shown = output_text(result.outputs)
    known = "" if shown else silence_hint(source, executor.variables(source) or ())
    asked = after_success(shown, request.prompt, only_defined(source), last_cell=last_cell)
    return unshown_hint(unshown(source)) + known + in_language(asked, answer_language(request))
