"""How a run can end: its status, and the sentence that says what to do next."""

from __future__ import annotations

from ..events import RunFinished, RunStatus
from ..kernel.base import ExecutionResult
from .reply import Reply

NO_INPUT = "StdinNotImplementedError"

_ENDINGS: dict[str, tuple[RunStatus, str]] = {
    "answered": ("done", "The request is answered: ask on, or undo what was written."),
    "checked": ("done", "What the request says must hold was checked, and holds."),
    "uncomputed": ("done", "Nothing was computed for this answer, so it may be a guess: ask for it to be computed."),
    "same_code": ("done", "The code ran well, and the model wrote nothing new."),
    "unfounded": (
        "done",
        "The code ran well. The model's summary did not fit what it shows, so it was left out: read the output.",
    ),
    "no_answer": ("gave_up", "The model said nothing: ask in other words."),
    "inserted": ("done", "The code was inserted and has not been run: run the cell when you want to."),
    "declined": ("done", "You skipped the code: it stays in its cell and was not run."),
    "ran": ("done", "You ran the cell yourself, so the agent did not: ask again to go on from its result."),
    "stopped": ("stopped", "You stopped the run: nothing more is written or run."),
    "interrupted": ("stopped", "The kernel was interrupted while the cell ran: run the cell yourself, or ask again."),
    "asks_input": ("done", "The code asks for input, which only you can give: run the cell yourself."),
    "timeout": (
        "gave_up",
        "The cell ran longer than the agent lets one run, and was stopped: run it yourself, which has no limit, or ask for less.",
    ),
    "round_limit": (
        "gave_up",
        "The cell still fails after {tries} tries: edit it yourself, or say more about what you want and ask again.",
    ),
    "same_error": (
        "gave_up",
        "A revision failed with the same error: edit the cell yourself, or ask again and say more.",
    ),
    "lacks_package": (
        "gave_up",
        "`{module}` is not installed in this kernel, and the model found no way without it: run `%pip install {package}` in a "
        "cell, then ask again.",
    ),
    "install_failed": (
        "gave_up",
        "`{module}` is not installed in this kernel, {told}, and the model found no way without it: install it yourself, then "
        "ask again.",
    ),
    "unrun_cell": ("gave_up", "{told}: run that cell, then ask again."),
    "asking_cell": ("gave_up", "Only you can give the input that {cell} asks for: run that cell, then ask again."),
    "awaited_failed": ("gave_up", "{told}, and it fails: fix that cell, then ask again."),
    "repeated_failure": ("gave_up", "The model wrote the failing code again: edit the cell yourself, or ask in other words."),
    "no_revision": ("gave_up", "The model explained the error but wrote no new code: edit the cell yourself, or ask again."),
    "cell_limit": ("gave_up", "The most cells for one request were written: ask again to go on from here."),
    "cut": ("gave_up", "The reply was cut at its longest, so its code was not run: ask for a smaller step."),
    "thought": (
        "gave_up",
        "The model thought for as long as it may and gave no answer: ask for a smaller step, or choose a model that thinks less.",
    ),
    "endless": (
        "gave_up",
        "The model repeated itself without end and was stopped; nothing was run: ask in other words.",
    ),
    "fixed": ("done", "The cell runs now, and what you expect of it holds."),
    "held_before": (
        "done",
        "The cell runs, and what you expect of it holds, as it did before: say more, so that the fix can be checked.",
    ),
    "fixed_own_check": (
        "done",
        "The cell runs now and passes a check of the agent's own: see whether that check is the right one.",
    ),
    "fixed_unchecked": ("done", "The cell runs now without an error; nothing checks whether its result is right."),
    "fix_inserted": ("done", "The change is in the cell and has not been run: run the cell when you want to."),
    "edited": ("done", "The cell is changed and ran without an error; nothing checks whether it does what you want."),
    "unchanged": ("gave_up", "The model left the cell as it is: say more about what is to change, or ask a larger model."),
    "no_edit": ("gave_up", "The model wrote no (other) code for the cell: ask in other words, or ask a larger model."),
    "rejected": ("done", "You rejected the change: the cell is as it was."),
    "cell_changed": (
        "stopped",
        "You changed the cell meanwhile, so nothing was written into it: ask again, for the cell as it is.",
    ),
    "waiting_changed": (
        "stopped",
        "The fix is in its cell and has run. You changed {cell} meanwhile, so that did not run: run it when you want to.",
    ),
    "waiting_unapproved": (
        "stopped",
        "The fix is in its cell and has run. You chose another mode meanwhile, so {cell} did not run: run it when you want to.",
    ),
    "waiting_long": (
        "stopped",
        "The fix is in its cell and has run. It needs {cell}, which is too long to be run from here: run that and this one.",
    ),
    "long_cell": (
        "gave_up",
        "Of {cell}, as long as it is, only the beginning and the end are read: put its data into a file, then ask again.",
    ),
    "locked_cell": (
        "gave_up",
        "The change would be in {cell}, which is locked, so it was not made: unlock that cell (its metadata say that it is not "
        "editable), or correct what it uses.",
    ),
    "fix_limit": (
        "gave_up",
        "After {tries} tries the cell still fails: undo takes the tries back, or say more about what you expect.",
    ),
    "check_limit": (
        "gave_up",
        "After {tries} tries the cell runs, but not as you expect ({check}): undo takes the tries back, or say more.",
    ),
    "own_check_limit": (
        "gave_up",
        "The cell runs, but a check of the agent's own fails ({check}): see which of the two is wrong, or say what you expect.",
    ),
    "no_fix": (
        "gave_up",
        "The model found no (other) change that fixes the cell: say what you expect of it, or ask a larger model.",
    ),
    "none_holds": (
        "gave_up",
        "None of the model's changes does what you expect ({check}), so none is proposed: say more, or ask a larger model.",
    ),
    "not_installed": (
        "gave_up",
        "Installing {package} failed, as pip says below the cell, which is as it was: it cannot run here without it.",
    ),
    "unknown_package": (
        "gave_up",
        "`{module}` is not installed, and which package provides it is not known: check the name, then install it yourself.",
    ),
    "no_cell": (
        "failed",
        "The cell to work on is not among the cells that were sent, or is no code: click into a code cell and ask again.",
    ),
    "explained": ("done", "Nothing in the notebook was changed."),
    "language": ("failed", "The agent writes Python, and this kernel speaks {language}: open a notebook with a Python kernel."),
}


def cut_short(result: ExecutionResult) -> str:
    """Give the reason for which an execution ends its run, whatever else it did; empty where it does not."""
    if result.ename == NO_INPUT:
        return "asks_input"
    return result.status if result.status in ("interrupted", "timeout") else ""


def ending(reason: str, rounds: int, **words: object) -> RunFinished:
    """Give the last event of a run that ends for this reason."""
    status, message = _ENDINGS[reason]
    return RunFinished(status, rounds, reason, message.format(**words))


def reason_to_end(reply: Reply, answered: str, *, revising: bool, has_run: bool, full: bool) -> str | None:
    """Give the reason for which a reply ends its run; None: it has code to be run.

    An answer in words is `answered`; where it is `full`, no more is run.
    """
    if reply.fault is not None:
        return reply.fault
    if reply.code is not None:
        again = "repeated_failure" if revising else "same_code"
        return again if reply.repeats else "cell_limit" if full else None
    if revising:
        return "no_revision"
    if reply.unfounded:
        return "unfounded"
    if reply.prose:
        return answered
    return "same_code" if has_run else "no_answer"
