"""The examiner's side of the line: calls with a deadline, and stand-ins for what stays in the candidate's process."""

from __future__ import annotations

import builtins
import socket
import time
from collections.abc import Iterator
from typing import Any

from .verdict import Status, Verdict
from .wire import MAX_FRAME, decode, encode, from_line, to_line


class Broken(BaseException):
    """The candidate is lost: too late, dead or talking nonsense. No check may catch it as an error of the code."""

    def __init__(self, status: Status, detail: str) -> None:
        super().__init__(detail)
        self.status: Status = status


class Raised:
    """What the code raised: names of its classes, outermost last; traceback; message."""

    def __init__(self, frame: dict[str, Any]) -> None:
        self.kinds = [str(kind) for kind in frame["raised"]]
        self.text = str(frame["text"])
        self.message = str(frame["message"])

    def as_exception(self) -> Exception:
        """Give the nearest built-in exception, so that a check that expects one can catch it."""
        kind = next((k for k in map(self._builtin, self.kinds) if k is not None), RuntimeError)
        try:
            error = kind(self.message)
        except TypeError:  # UnicodeDecodeError and its like want more than a message
            error = RuntimeError(self.message)
        error.raised = self  # type: ignore[attr-defined]
        return error

    def verdict(self) -> Verdict:
        """Give what it means for the code under test."""
        return Verdict("memory" if "MemoryError" in self.kinds else "error", self.text)

    @staticmethod
    def _builtin(name: str) -> type[Exception] | None:
        kind = getattr(builtins, name, None)
        return kind if isinstance(kind, type) and issubclass(kind, Exception) else None


class Line:
    """Ask the candidate, one thing at a time. Once broken, always broken: `broken` has the last word on the verdict."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._unread = b""
        self._deadline = 0.0
        self.broken: Broken | None = None

    def until(self, deadline: float) -> None:
        """Set the moment (monotonic) by which whatever is asked next has to be answered."""
        self._deadline = deadline

    def ask(self, what: str, *args: object, seconds: float | None = None) -> Any:
        """Have something done over there; give its value, or what it raised as `Raised`. `seconds` limits this call alone.

        Raises:
            Broken: there was no proper answer in time.
            TypeError: an argument cannot be handed over.
        """
        if self.broken:
            raise self.broken
        request = to_line({"do": what, "args": encode(list(args), _number_of)})
        end = self._deadline if seconds is None else min(self._deadline, time.monotonic() + seconds)
        try:
            frame = from_line(self._exchange(request, end))
            return Raised(frame) if "raised" in frame else decode(frame["value"], self._stand_in)
        except TimeoutError:
            self.broken = Broken("timeout", "Execution timed out.")
        except (OSError, EOFError):
            self.broken = Broken("died", "The process that ran the code ended.")
        except MemoryError:
            self.broken = Broken("memory", "The answer is too large.")
        except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
            self.broken = Broken("died", "The process that ran the code gave no readable answer.")
        raise self.broken

    def value(self, what: str, *args: object) -> Any:
        """Ask, and raise here what was raised there."""
        answer = self.ask(what, *args)
        if isinstance(answer, Raised):
            raise answer.as_exception()
        return answer

    def _exchange(self, request: bytes, end: float) -> bytes:
        self._connection.settimeout(max(1e-3, end - time.monotonic()))
        self._connection.sendall(request)
        parts = [self._unread]
        size = len(self._unread)
        while b"\n" not in parts[-1]:
            self._connection.settimeout(max(1e-3, end - time.monotonic()))
            parts.append(self._connection.recv(1 << 16))
            size += len(parts[-1])
            if not parts[-1]:
                raise EOFError
            if time.monotonic() > end:
                raise TimeoutError
            if size > MAX_FRAME:
                raise MemoryError
        answer, _, self._unread = b"".join(parts).partition(b"\n")
        return answer

    def _stand_in(self, number: int) -> Remote:
        return Remote(self, number)


class Remote:
    """Stands for a value over there. It equals nothing but itself; what it says of itself are plain values."""

    def __init__(self, line: Line, number: int) -> None:
        object.__setattr__(self, "_line", line)
        object.__setattr__(self, "_number", number)

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Call it over there."""
        return self._line.value("call", self, list(args), kwargs)

    def __getattr__(self, name: str) -> Any:
        return self._line.value("getattr", self, name)

    def __setattr__(self, name: str, value: object) -> None:
        self._line.value("setattr", self, name, value)

    def __getitem__(self, key: object) -> Any:
        return self._line.value("getitem", self, key)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._line.value("list", self))

    def __len__(self) -> int:
        return int(self._line.value("len", self))

    def __bool__(self) -> bool:
        return bool(self._line.value("bool", self))

    def __str__(self) -> str:
        return str(self._line.value("str", self))

    def __repr__(self) -> str:
        return str(self._line.value("repr", self))


def _number_of(value: object) -> int:
    if type(value) is not Remote:
        raise TypeError(f"a {type(value).__name__} of the check cannot be handed to the code under test")
    return int(object.__getattribute__(value, "_number"))
