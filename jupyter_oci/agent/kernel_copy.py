"""Runs inside the user's kernel: try cells in a copy of it, so that they have the user's values and change none of them.

The copy is a fork: it shares memory until it writes, and ends without a word. It sends nothing to the page, and what reaches
beyond its own memory is refused by an audit hook (PEP 578). That is no wall, as native code is not seen by it: `stays_inside`
has looked at the cells, and all values that they use hold nothing but values, as far as a sample of them tells. The source of
this file is sent to the kernel, so it needs nothing but the standard library.
"""

from __future__ import annotations
import __future__

import contextlib
import gc
import io
import json
import os
import random
import select
import signal
import sys
import threading
import time
import types
import warnings
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial, reduce
from itertools import islice
from operator import or_
from typing import Any

COPY_BYTES = 4 << 30  # beyond those that the kernel has
LONGEST_TOLD = 10_000  # characters
BRIEFLY_SECONDS = 1.0  # of one change of many
_PLAIN = (
    *("abc", "bisect", "builtins", "calendar", "cmath", "collections", "copy", "dataclasses", "datetime", "decimal", "enum"),
    *("fractions", "functools", "hashlib", "heapq", "itertools", "json", "math", "numbers", "operator", "random", "re"),
    *("statistics", "string", "textwrap", "time", "typing", "unicodedata", "uuid", "warnings", "zoneinfo"),
)
_DATA = (*_PLAIN, "matplotlib", "numpy", "pandas", "patsy", "pytz", "scipy", "seaborn", "sklearn", "statsmodels")
_HOLDS_MORE = ("matplotlib.backend", "numpy.lib._npyio", "numpy.lib.npyio", "pandas.io")
# What has threads, devices or windows of its own does not live in a copy.
_WINDOWS = ("PyQt5", "PyQt6", "PySide6", "_tkinter", "gi", "wx")
_NOT_COPIED = ("grpc", "jax", "polars", "pyspark", "ray", "tensorflow", "torch", *_WINDOWS)
# By these, what is no container holds or calls something else.
_HELD_BY = ("base", "func", "args", "keywords", "pyfunc", "default_factory")
_CALLED_BY = ("__self__", "__func__", "__wrapped__", "__defaults__")
_SAMPLE = 50
_OUT_OF_MEMORY = ("the cell raises MemoryError", "the check raises MemoryError")  # the bound is ours
_REFUSED = ("os.", "shutil.", "socket.", "subprocess.", "sqlite3.", "ftplib.", "smtplib.", "http.", "urllib.", "fcntl.", "pty.")
_ALLOWED = ("os.listdir", "os.scandir", "os.walk", "os.fwalk", "os.putenv", "os.unsetenv")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

LATE = "it told nothing in time"
IMPOSSIBLE = "there can be no copy, or it would have more than data"


class NotCopied(Exception):  # noqa: N818 - nothing is wrong with the cells
    """They cannot be tried in a copy: of this kernel there is none, or they need what must not be in it."""


class Copy:
    """Tries cells in copies of the kernel that holds `names`, each for `seconds` at most."""

    def __init__(
        self, what_fails: Callable[..., str], run_check: Callable[..., None], names: dict[str, Any], seconds: float
    ) -> None:
        self._what_fails = what_fails
        self._run_check = run_check
        self._names = names
        self._seconds = seconds

    def must_be_data(self, needs: Collection[str], checked: Collection[str]) -> Copy:
        """Give itself, where there can be a copy and what the cells need of the kernel is data.

        Functions and classes of the user's may be needed if they are `checked`.

        Raises:
            NotCopied: there can be no copy of this kernel, or what is needed is more than data.
        """
        refused = [name for name in needs if name in self._names and not _is_data(self._names[name], checked)]
        if refused or not _can_fork():
            raise NotCopied(IMPOSSIBLE)
        return self

    def fails(self, cells: Sequence[str], check: str, *, briefly: bool = False) -> str:
        """Say what fails of the cells and the check; empty when nothing does.

        Raises:
            NotCopied: it told nothing in time, or reached for something outside or for more memory than a copy has.
        """
        tell = partial(self._what_fails, cells, check, self._run_check, self._names, _flags())
        return _in_copy(tell, min(BRIEFLY_SECONDS, self._seconds) if briefly else self._seconds)


def _can_fork() -> bool:
    return (
        sys.platform == "linux"
        and threading.current_thread() is threading.main_thread()
        and _session() is not None
        and not any(name in sys.modules for name in _NOT_COPIED)
    )


def _session() -> Any:
    """Give what the kernel sends messages with; None of a kernel that is not ipykernel's."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(getattr(shell, "kernel", None), "session", None)


def _flags() -> int:
    """Give the flags that the kernel compiles cells with: an earlier cell may have imported from `__future__`."""
    compiler = getattr(sys.modules["IPython"].get_ipython(), "compile", None)
    known: list[int] = [getattr(__future__, name).compiler_flag for name in __future__.all_feature_names]
    flags: int = getattr(compiler, "flags", 0)
    return flags & reduce(or_, known, 0)


def _is_data(value: Any, checked: Collection[str], depth: int = 4) -> bool:
    """Whether it holds nothing but values, as far as a sample of what it contains tells.

    What is taken item by item may take it from a file, and is refused.
    """
    kind = type(value)
    if isinstance(value, types.ModuleType):
        return _is_of_data(value.__name__)
    if hasattr(kind, "__next__") or kind.__name__ == "memmap":
        return False
    own = value if isinstance(value, (type, types.FunctionType)) else kind
    if own.__module__ == "__main__":
        known = own.__name__ in checked and hasattr(value, "__dict__")
    else:
        known = _is_of_data(str(getattr(own, "__module__", "")))
    return known and (depth == 0 or all(_is_data(each, checked, depth - 1) for each in _inside(value)))


def _is_of_data(module: str) -> bool:
    holds_more = module.startswith(_HOLDS_MORE) and not module.startswith("pandas.io.formats")
    return module.partition(".")[0] in _DATA and not holds_more


def _inside(value: Any) -> list[Any]:
    """Give what it holds or calls, or a sample of that."""
    kinds = (types.MethodType, types.BuiltinMethodType, types.FunctionType, partial, defaultdict)
    holds = isinstance(value, kinds) or type(value).__name__ in ("ndarray", "vectorize", "_lru_cache_wrapper")
    inner = [getattr(value, name, None) for name in (*_HELD_BY, *_CALLED_BY)] if holds else []
    if isinstance(value, types.FunctionType):
        inner += [cell.cell_contents for cell in value.__closure__ or () if cell != types.CellType()]
    elif type(value).__module__ == "__main__":
        inner += [*islice(vars(value).values(), _SAMPLE)]
    elif isinstance(value, Mapping):
        inner += [*islice(value.values(), _SAMPLE)]
    elif isinstance(value, (list, tuple, set, frozenset, deque)):
        inner += [*islice(value, _SAMPLE)]
    return inner


def _in_copy(tell: Callable[[], str], seconds: float) -> str:
    """Give what is told in a copy of this process.

    Raises:
        NotCopied: it told nothing in time, or reached for something outside.
    """
    reading, writing = os.pipe()
    state = random.getstate()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # in between, nobody would look after the copy
    child = -1
    try:
        child = _fork()
        if child == 0:
            try:
                os.close(reading)
                _end_after(seconds + 1)
                signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
                random.setstate(state)  # Python has given a fork another one
                _tell_from_copy(tell, writing)
            finally:
                os._exit(0)
        os.close(writing)
        writing = -1
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        told = _read(reading, time.monotonic() + seconds)
    except OSError as error:
        raise NotCopied(str(error)) from None
    finally:
        _tidy_up(child, reading, writing)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    if not told:
        raise NotCopied("it reached for something outside, or ended")
    return str(json.loads(told)["told"])


def _fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads: none of them is needed in the copy
        return os.fork()


def _end_after(seconds: float) -> None:
    """Have this process end by itself: the kernel may be gone by then."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _tidy_up(child: int, *descriptors: int) -> None:
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)
    if child > 0:
        with contextlib.suppress(OSError):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _read(reading: int, ends: float) -> bytes:
    """Read up to the end.

    Raises:
        NotCopied: that is not come to.
    """
    told = b""
    while select.select([reading], [], [], max(0.0, ends - time.monotonic()))[0]:
        part = os.read(reading, 1 << 16)
        if not part:
            return told
        told += part
    raise NotCopied(LATE)


def _tell_from_copy(tell: Callable[[], str], writing: int) -> None:
    refused: list[str] = []

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING and arguments[0] != os.devnull
        if writes or (event.startswith(_REFUSED) and event not in _ALLOWED):
            refused.append(event)
            raise PermissionError(f"a copy of the kernel may not do this: {event}")

    gc.disable()  # what is collected may tidy up outside
    _mute()
    _limit()
    sys.addaudithook(refuse)
    told = tell()
    if not refused and not told.startswith(_OUT_OF_MEMORY):
        os.write(writing, json.dumps({"told": told[:LONGEST_TOLD]}).encode())


def _mute() -> None:
    """Send nothing: no message, nothing printed, not by native code either."""
    _session().send = lambda *_, **__: None
    sys.stdout = sys.stderr = io.StringIO()
    sys.dont_write_bytecode = True
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)


def _limit() -> None:
    """Bound memory and files; where memory runs out all the same, it is the copy that the system ends."""
    import resource  # noqa: PLC0415 - not every system has it

    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[0])
    bound = pages * resource.getpagesize() + COPY_BYTES
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
