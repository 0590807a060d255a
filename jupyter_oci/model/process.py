"""The server's end of the model's process: start it, call it, notice its death, end it."""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from .. import errors
from ..errors import ModelError, WorkerDied
from .channel import Channel, Frame
from .hardening import worker_environment

TICK = 0.04
STOP_LIMIT = 2.5
STANDSTILL_LIMIT = 120.0  # a layer of the largest models may take many seconds of a slow machine

_Started = tuple["subprocess.Popen[bytes]", Channel]

_DIED = "The model process {how}. Send the request again: the model is loaded anew."


class WorkerProcess:
    """One process that hosts a model. Calls may come from any thread."""

    def __init__(  # noqa: PLR0917 - what it is, where it works, and what is borne of it
        self,
        host: str,
        scratch: Path,
        own: Path,
        models: Sequence[Path],
        silence_limit: float,
        standstill_limit: float = STANDSTILL_LIMIT,
    ) -> None:
        """Start it in the folder `scratch`; there and in `own` it may write, and nowhere else where Linux can see to it.

        Nor may it read there anything but these, `models` and the libraries, or reach a network.

        A process that is silent for `silence_limit` seconds hangs: it says at least a heartbeat a second. So does one that does
        not get on with a reply for `standstill_limit` seconds.

        Raises:
            WorkerDied: it could not be started.
        """
        self.silence_limit = silence_limit
        self._standstill_limit = standstill_limit
        self._num_steps = 0
        self._calls: dict[int, queue.SimpleQueue[Frame | None]] = {}
        self._numbers = itertools.count(1)
        self._heard = self._stepped = time.monotonic()
        self._ended = threading.Event()
        self._ending = self._last_words = ""
        started: queue.SimpleQueue[_Started | Exception] = queue.SimpleQueue()
        threading.Thread(
            target=self._serve, args=(host, (scratch, own, *models), started), name="model-process", daemon=True
        ).start()
        outcome = started.get()
        if isinstance(outcome, Exception):
            raise WorkerDied(f"The model process could not be started ({outcome}). Close other programs and try again.")
        self._process, self._channel = outcome

    @property
    def pid(self) -> int:
        """Give the process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Tell whether it can still be called."""
        return not self._ended.is_set() and not self._ending and not self._is_silent()

    def call(self, type_: str, **fields: Any) -> Call:
        """Send a call; the answer is read from what this returns."""
        number = next(self._numbers)
        box: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        self._calls[number] = box
        if self._ended.is_set():
            box.put(None)
        self.send({"type": type_, "id": number, **fields})
        return Call(self, number, box, loads=type_ == "load")

    def send(self, frame: Frame) -> None:
        """Send a frame; a process that is gone is noticed where its answer is awaited."""
        with contextlib.suppress(OSError, ValueError):
            self._channel.send(frame)

    def forget(self, number: int) -> None:
        """Drop what still comes for a call."""
        self._calls.pop(number, None)

    def check(self, computes_since: float | None) -> None:
        """End the process when nothing was heard of it for too long, or it computes since a moment and no longer gets on.

        Raises:
            WorkerDied: it hung.
        """
        if self._is_silent():
            self.kill(f"did not answer for {self.silence_limit:.0f} s and was ended")
            raise self.death()
        if computes_since and time.monotonic() - max(computes_since, self._stepped) > self._standstill_limit:
            self.kill(f"did not get on for {self._standstill_limit:.0f} s and was ended")
            raise self.death()

    def kill(self, how: str) -> None:
        """End it at once; `how` goes into the message of those that still wait for it."""
        self._ending = self._ending or how
        if self._process.poll() is not None:  # its id, and that of its group, may be another's by now
            return
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)
        self._ended.wait(5)

    def death(self) -> WorkerDied:
        """Say how it ended and what to do."""
        self._ended.wait(5)
        return WorkerDied(_DIED.format(how=self._ending or self._how_it_ended()))

    def _is_silent(self) -> bool:
        return time.monotonic() - self._heard > self.silence_limit

    def _serve(self, host: str, folders: tuple[Path, ...], started: queue.SimpleQueue[_Started | Exception]) -> None:
        """Start the process and read its frames until it ends.

        Both in this one thread: on Linux the process is killed when the thread that started it ends.
        """
        with contextlib.ExitStack() as open_files:
            try:
                errors_of_process = open_files.enter_context(tempfile.TemporaryFile())
                process = _start(host, folders, errors_of_process)
            except Exception as error:  # raised by the one that waits for it
                started.put(error)
                return
            channel = Channel(cast("BinaryIO", process.stdout), cast("BinaryIO", process.stdin))
            started.put((process, channel))
            self._read(channel)
            process.wait()
            errors_of_process.seek(0)
            self._last_words = (errors_of_process.read().decode("utf-8", "replace").strip().splitlines() or [""])[-1]
        self._ended.set()
        for box in list(self._calls.values()):
            box.put(None)
        channel.close()

    def _read(self, channel: Channel) -> None:
        while frame := channel.receive():
            self._heard = time.monotonic()
            if frame.get("steps", self._num_steps) != self._num_steps:
                self._num_steps, self._stepped = frame["steps"], self._heard
            if box := self._calls.get(frame.get("id", 0)):
                box.put(frame)

    def _how_it_ended(self) -> str:
        code = self._process.returncode
        if code == -9:
            return "was killed, perhaps because the memory ran out"
        if code is not None and code < 0:
            return f"crashed ({signal.Signals(-code).name})"
        return f"ended ({self._last_words[:200] or 'it gave no reason'})"


class Call:
    """A call on its way. Iterate `frames`, then `settle`."""

    def __init__(self, process: WorkerProcess, number: int, box: queue.SimpleQueue[Frame | None], *, loads: bool) -> None:
        self._process = process
        self._number = number
        self._box = box
        self._finished = False
        self._computes_since = None if loads else time.monotonic()  # how far a library is with loading is not known

    def frames(self) -> Generator[Frame | None, None, Any]:
        """Yield frames as they come, None when nothing came for a moment; return the result.

        Raises:
            OCIError: the call failed; the kind that the process says.
            WorkerDied: the process ended, or hung.
        """
        while True:
            try:
                frame = self._box.get(timeout=TICK)
            except queue.Empty:
                self._process.check(self._computes_since)
                yield None
                continue
            if frame is None or frame["type"] in ("done", "failed"):
                self._finished = True
                return self._result(frame)
            yield frame

    def result(self) -> Any:
        """Wait for the result of a call that takes but a moment."""
        frames = self.frames()
        while True:
            try:
                next(frames)
            except StopIteration as stop:
                self.settle()
                return stop.value

    def cancel(self, candidate: int | None = None) -> None:
        """Ask for the end of the call, or of one of its candidates; it still finishes in its own way."""
        self._process.send({"type": "cancel", "id": self._number, "candidate": candidate})

    def settle(self) -> None:
        """See that the process no longer works on the call: cancel it, and kill a process that does not listen."""
        if not self._finished:
            self.cancel()
            if not any(frame is None or frame["type"] in ("done", "failed") for frame in self._until(STOP_LIMIT)):
                self._process.kill("did not stop and was ended")
        self._finished = True
        self._process.forget(self._number)

    def _until(self, seconds: float) -> Iterator[Frame | None]:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                yield self._box.get(timeout=left)

    def _result(self, frame: Frame | None) -> Any:
        if frame is None:
            raise self._process.death()
        if frame["type"] == "failed":
            raise getattr(errors, frame["error"], ModelError)(frame["message"])
        return frame["result"]


def _start(host: str, folders: tuple[Path, ...], errors_to: IO[bytes]) -> subprocess.Popen[bytes]:
    scratch, own = folders[:2]
    for folder in (scratch, own):
        folder.mkdir(parents=True, exist_ok=True)
    # It runs elsewhere: a path as it is seen from here would be none there.
    places = (str(folder.absolute()) for folder in folders)
    return subprocess.Popen(
        [sys.executable, "-m", "jupyter_oci.model.worker", host, *places],
        cwd=scratch,
        env=worker_environment(os.environ, scratch),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors_to,
        start_new_session=True,
    )
