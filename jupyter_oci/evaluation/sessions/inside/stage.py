"""Stage: sees one answer and then the reference's in the same state of the kernel, and judges."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from IPython import get_ipython

from .calls import Tests, tested
from .namespace import changes, copied, put_back, users_names
from .outcome import Outcome
from .seal import Seal
from .validators import findings


class Stage:
    """The state before a problem, and what was run since.

    `shell` is the kernel's IPython shell. The answer's cells run on the user's own objects; the reference's on copies, which
    stay as the state that the next problem finds.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._ran: list[Any] = []
        shell.events.register("post_run_cell", self._note)
        self._mark()

    def close(self) -> None:
        """Watch no longer."""
        self._shell.events.unregister("post_run_cell", self._note)

    def take(self, counts: Collection[int], stream: str, tests: Sequence[Tests], seconds: float) -> Outcome:
        """Give what the cells of these execution counts left behind; then put the state back to what it was before."""
        outcome = self._outcome(counts, stream, tests, seconds)
        put_back(self._shell.user_ns, copied(self._before), self._hidden)
        os.chdir(self._folder)
        self._mark()
        return outcome

    def judge(self, found: Outcome, validators: Mapping[str, Any], **ran: Any) -> str:
        """Compare with what the reference's cell, which `ran` as `take` is told, has left by now; return the findings as JSON."""
        expected = self._outcome(**ran)
        broken = expected.error or next((call.error for calls in expected.calls.values() for call in calls if call.error), "")
        found_all = findings(expected, found, validators) if not broken else []
        return json.dumps({"reference_error": broken, "findings": [dataclasses.asdict(finding) for finding in found_all]})

    def _mark(self) -> None:
        self._ran.clear()
        self._folder = Path.cwd()
        names = self._names()
        self._ids = {name: id(value) for name, value in names.items()}
        self._before = copied(names)

    def _note(self, result: Any) -> None:
        if result.info is not None and result.info.store_history:
            self._ran.append(result)

    def _outcome(self, counts: Collection[int], stream: str, tests: Sequence[Tests], seconds: float) -> Outcome:
        kept = [result for result in self._ran if result.execution_count in counts]
        shown = [result.result for result in kept if result.result is not None]
        errors = [error for result in kept if (error := result.error_before_exec or result.error_in_exec) is not None]
        names = self._names()
        return Outcome(
            result=shown[-1] if shown else None,
            error=f"{type(errors[-1]).__name__}: {errors[-1]}" if errors else "",
            stream=stream,
            names=names,
            changes=changes(self._before, self._ids, names),
            calls=tested(names, tests, seconds),
        )

    def _names(self) -> dict[str, Any]:
        return users_names(self._shell.user_ns, self._hidden)

    @property
    def _hidden(self) -> frozenset[str]:
        return frozenset(self._shell.user_ns_hidden)


class _Open:
    """The stage of this kernel, and the answer that waits for the reference: they outlive the executions that speak of them."""

    stage: Stage | None = None
    found: Outcome | None = None
    seal: Seal | None = None


def begin() -> None:
    """Take the kernel's state as that before a problem."""
    if _Open.stage is not None:
        _Open.stage.close()
    _Open.seal = _Open.seal or Seal()
    _Open.stage = Stage(get_ipython())


def take(request: str) -> None:
    """Take the answer; `request` is a JSON file with `counts`, `stream`, `tests` and `seconds`.

    Raises:
        RuntimeError: the answer changed a function that tells right from wrong.
    """
    stage = _stage()
    _Open.found = stage.take(**_read(request))
    if _Open.seal is not None and (changed := _Open.seal.broken()):
        raise RuntimeError(f"The answer changed {changed}.")


def judge(request: str, verdict: str) -> None:
    """Judge the answer that was taken; `request` is a JSON file that also has `validators`, `verdict` the file to write."""
    stage, found = _stage(), _Open.found
    if found is None:
        raise RuntimeError("No answer was taken.")
    text = stage.judge(found, **_read(request))
    _Open.found = None
    Path(verdict).write_text(text, encoding="utf-8")


def _stage() -> Stage:
    if _Open.stage is None:
        raise RuntimeError("No problem has begun.")
    return _Open.stage


def _read(request: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(Path(request).read_text(encoding="utf-8"))
    return read
