"""What a cell installs: which packages, whether that failed, and what the model is told where one cannot be had."""

from __future__ import annotations

import re
from collections.abc import Generator

from ..events import Decision, RunEvent, RunFinished, SourceFinished, TextDelta
from ..kernel.base import ExecutionResult, Executor
from .checks import Check
from .effects import packages_in
from .elsewhere import Proposal
from .endings import ending
from .known_causes import missing_package
from .packages import distribution_of, missing_import, substitute_for
from .plain_text import plain
from .problem import Problem
from .python_text import magics
from .reply import sha256
from .run_check import run_check
from .traceback_text import Failure, Frame
from .trail import Try

MAY_SKIP = "Skip it, and the model is asked to do without."
REFUSED = "The user does not want {module} installed."
_LEADS_NOWHERE = ("same_error", "repeated_failure", "no_revision")
_FAILED = "installing {packages} failed{said}"
INSTEAD = "`{module}` is installed: use it instead."
_OFFLINE = "pip reached no package index: is there a network?"
_NO_INDEX = re.compile(r"^WARNING: Retrying ", re.MULTILINE)
_ERROR = re.compile(r"^ERROR: (?P<said>.+)", re.MULTILINE)
_SUCCEEDED = Check("assert globals().get('_exit_code', 0) == 0")
_AUTOMAGIC = re.compile(r"pip3? install [^\n]*")
_INSTALLS = re.compile(r"\b(?:install|add)\b")
_MORE = re.compile(r"[;|]|(?<!>)&|\s(?:-U|--upgrade|--force-reinstall)\b")
_ASIDE = re.compile(r"\s#.*|\s[\d&]?>+(?!=)\s*\S+")  # a comment, and where output goes
_FOR_THE_SHELL = re.compile(r"\s*(?:!|%%?(?:pip|conda|mamba|uv|sx|system|sc)\b|pip3? )")
_PASS = re.compile(r"^(\s*).*")
_VERSION = re.compile(r"[\[<>=!~;@].*")


def installs(source: str) -> dict[int, list[str]]:
    """Give the packages that lines of a cell install by a magic or in the shell, by the numbers of the lines from 0 on."""
    lines = source.splitlines()
    numbers = [0] if _AUTOMAGIC.fullmatch(source.strip()) and len(lines) == 1 else magics(source)
    found = {number: packages_in(_ASIDE.sub("", lines[number])) for number in numbers if _INSTALLS.search(lines[number])}
    return {number: [_normal(name) for name in names] for number, names in found.items() if names}


def packages_of(source: str) -> set[str]:
    """Give all the packages that a cell installs, without their versions."""
    return {_plain_name(package) for packages in installs(source).values() for package in packages}


def install_failure(
    executor: Executor, cell_id: str, source: str, result: ExecutionResult
) -> Generator[RunEvent | None, None, Failure | None]:
    """Say that what the source installs failed as it ran: that raises nothing. None: it did not fail, or it installs nothing.

    A line within a block may not have run: it counts where pip is seen to complain.
    """
    lines, found = source.splitlines(), installs(source)
    if not found:
        return None
    printed, last = _streamed(result), max(found)
    later = any(_FOR_THE_SHELL.match(lines[number]) for number in magics(source) if number > last)  # the exit code is theirs
    is_run = any(lines[number][:1].strip() for number in found) and not later
    if not is_run and not _ERROR.search(printed):
        return None
    if not (yield from run_check(executor, cell_id, _SUCCEEDED)):
        return None
    number, packages = [*found.items()][-1]
    frame = Frame(f"Line {number + 1} of the cell", number + 1, lines[number].strip(), ())
    return Failure((frame,), _FAILED.format(packages=", ".join(packages), said=_said(printed)), 0)


class Installing:
    """The packages that one run lacks: each is asked for once, however that ends."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._asked: set[str] = set()
        self._failed: dict[str, str] = {}

    def proposal(self, problem: Problem) -> Proposal | None:
        """Give the cell that begins by installing what it lacks, unless that was asked before."""
        change = missing_package(problem)
        asked = {_plain_name(name) for name in self._asked}
        return change if change and _plain_name(change.package) not in asked else None

    def left_out(self, source: str) -> str:
        """Leave out the lines that do nothing but install what was asked before, in the same version; a block stays one."""
        lines = source.split("\n")
        asked = {number for number, names in installs(source).items() if self._asked.issuperset(names)}
        left_out = {number for number in asked if not _MORE.search(_ASIDE.sub("", lines[number]))}
        kept = [_PASS.sub(r"\1pass", line) if number in left_out else line for number, line in enumerate(lines)]
        return "\n".join(line for number, line in enumerate(kept) if number not in left_out or line[:1].isspace())

    def decided(self, source: str, decision: Decision) -> None:
        """Take what a source installs, unless the user wants other code: what that installs is asked about as ever."""
        if decision.decision != "another":
            self._asked.update(*installs(source).values())

    def failure(self, cell_id: str, source: str, result: ExecutionResult) -> Generator[RunEvent | None, None, Failure | None]:
        """See `install_failure`; take note of it."""
        failure = yield from install_failure(self._executor, cell_id, source, result)
        if failure:
            self._failed |= dict.fromkeys(packages_of(source), failure.error)
        return failure

    def without(self, cell_id: str, tried: Try, failed: str) -> Generator[RunEvent | None, None, str]:
        """Put back the code that was tried before; give what the model is told of the package that it lacks.

        Installing it `failed`; where that is nothing, it is not wanted.
        """
        module = missing_import(tried.error) or ""
        if failed:
            yield TextDelta(f"Then {failed}: the line is taken out again.")
        yield SourceFinished(cell_id, tried.source, sha256(tried.source))
        other = substitute_for(module)
        found = Check(f"from importlib.util import find_spec\nassert find_spec({other!r})")
        lacks_it = (yield from run_check(self._executor, cell_id, found)) if other else "unknown"
        why = f"{failed[:1].upper()}{failed[1:]}." if failed else REFUSED.format(module=module)
        return why if lacks_it else f"{why} {INSTEAD.format(module=other)}"

    def blamed(self, module: str | None, end: RunFinished) -> RunFinished:
        """Give the end of a run; it tells of the module that was lacking where it found no way without it."""
        if module is None or end.reason not in _LEADS_NOWHERE:
            return end
        package = distribution_of(module) or "..."
        told = self._failed.get(_plain_name(package))
        return ending("install_failed" if told else "lacks_package", end.rounds, module=module, package=package, told=told)


def _streamed(result: ExecutionResult) -> str:
    """Give what was printed, all of it: of what pip prints the model reads only a part."""
    texts = [output["text"] for output in result.outputs if output.get("output_type") == "stream"]
    return plain("".join(text if isinstance(text, str) else "".join(text) for text in texts))


def _said(printed: str) -> str:
    """Give what pip says last, in brackets."""
    errors = [match["said"] for match in _ERROR.finditer(printed)]
    said = _OFFLINE if _NO_INDEX.search(printed) else errors[-1] if errors else ""
    return f" ({said})" if said else ""


def _normal(package: str) -> str:
    """Give what is required: a package's name, as indexes compare it, and what follows it."""
    more = _VERSION.search(package.strip("'\""))
    return _plain_name(package) + (more[0] if more else "")


def _plain_name(package: str) -> str:
    """Give a package's name without its version, as indexes compare it."""
    return re.sub(r"[-_.]+", "-", _VERSION.sub("", package.strip("'\""))).lower()
