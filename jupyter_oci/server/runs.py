"""Registry: the runs of this server, those that go on and those that were. Lives on the event loop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any

from ..agent.endings import ending
from ..errors import OCIError, Stopped
from ..events import Mode, RunEvent, RunFinished, to_json
from ..request import Request
from .announce import Announcer
from .journal import MAX_RUNS_PER_NOTEBOOK, Header, Journal, JournalFile
from .kept_output import KeptOutput
from .kernels import ServerKernel
from .limits import Limits, Modes
from .models import Models
from .paths import is_within, moved
from .refused import Refused
from .run import Run
from .stream import Events, Stream

_HISTORY_TURNS = 3
_STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Ask:
    """What a client asks for. `mode` None is the notebook's own, `max_rounds` None the server's default.

    `hint_only` says that the notebook allows nothing but hints; a run that `keeps_mode` stays in it when the notebook's changes.
    """

    path: str
    kernel_id: str
    client_id: str
    request: Request
    mode: Mode | None = None
    max_rounds: int | None = None
    hint_only: bool = False
    keeps_mode: bool = False


class Registry:
    """Starts runs and finds them again. An `owner` sees only their own."""

    def __init__(
        self, limits: Limits, modes: Modes, models: Models, journal: Journal, log: logging.Logger, *, announcer: Announcer
    ) -> None:
        self._limits = limits
        self._modes = modes
        self._models = models
        self._journal = journal
        self._announcer = announcer
        self._log = log
        self._runs: dict[str, Run] = {}
        self._reads: dict[str, asyncio.Task[None]] = {}

    def start(self, owner: str, ask: Ask, kernel: ServerKernel) -> Run:
        """Begin a run on a kernel, in a thread of its own.

        Raises:
            Refused: a run goes on in this notebook or on its kernel (409), too many go on in all (429), or only hints are
                allowed (403).
        """
        self._limits.refuse_unless_hint(ask.request.intent, notebook=ask.hint_only)
        self._refuse_if_busy(ask)
        mode = self._modes.of(owner, ask.path) if ask.mode is None or "mode" in self._limits.locked else ask.mode
        name = self._models.hosted().name
        header = Header(token_hex(16), owner, ask.path, ask.kernel_id, ask.request.prompt, mode, name, time.time(), ask.client_id)
        request = self.in_full(owner, ask)
        run = Run(header, keeps_mode=ask.keeps_mode)
        self._keep(run)
        file = self._journal.create(header)
        record = _Recorder(run, file, asyncio.get_running_loop())
        run.stream = Stream(
            self._events(run, kernel, request, self._limits.rounds(ask.max_rounds)),
            record,
            lambda reason: self._ended(record, reason),
        )
        run.stream.start()
        self._announcer.run_started(header.run_id, ask.path)
        return run

    def in_full(self, owner: str, ask: Ask) -> Request:
        """Add what was said last in the notebook's chat, and the server's instructions."""
        turns = tuple(run.turn() for run in self._of(owner, ask.path)[-_HISTORY_TURNS:])
        instructions = "\n".join(text for text in (self._limits.instructions, ask.request.instructions) if text)
        return replace(ask.request, history=turns, instructions=instructions)

    def switch(self, owner: str, path: str, mode: Mode, waiting: tuple[str, str] = ("", "")) -> None:
        """Set the mode of a notebook, and of the run that goes on there (`Run.switch`).

        Raises:
            Refused: the administrator fixed it.
        """
        self._modes.put(owner, path, mode)
        for run in self._of(owner, path):
            run.switch(mode, waiting)

    def find(self, owner: str, run_id: str) -> Run:
        """Find a run by its id.

        Raises:
            Refused: there is none, or it is another user's.
        """
        run = self._runs.get(run_id)
        if run is None or run.header.owner != owner:
            raise Refused(404, "unknown_run", "This run is not known here. Open its notebook again to see its history.")
        return run

    def active_on(self, kernel_id: str) -> dict[str, Any] | None:
        """Describe the run that goes on on a kernel; None when none does."""
        return next((run.card() for run in self._active() if run.header.kernel_id == kernel_id), None)

    async def of_notebook(self, owner: str, path: str) -> list[Run]:
        """List a notebook's runs, oldest first; those of earlier servers are read from disk at the first time."""
        if path not in self._reads:
            self._reads[path] = asyncio.ensure_future(self._read(path))
        await asyncio.shield(self._reads[path])  # a client that goes away must not leave it half done
        return self._of(owner, path)

    async def _read(self, path: str) -> None:
        records = await asyncio.to_thread(self._journal.read, path)
        if self._reads.get(path) is asyncio.current_task():  # else the notebook was renamed or deleted meanwhile
            elsewhere = [record for record in records if self._journal.goes_on_elsewhere(record)]
            for record in (record for record in records if record not in elsewhere):
                self._runs.setdefault(record.header.run_id, Run.from_record(record))
            if elsewhere:
                del self._reads[path]  # they are read when they have ended

    def settle(self, run: Run) -> None:
        """Note that the document holds all of a run."""
        run.settle()
        self._journal.settle(run.header.path, run.header.run_id)

    async def forget(self, owner: str, path: str) -> None:
        """Forget a notebook's finished runs."""
        for run in await self.of_notebook(owner, path):
            if run.finished:
                del self._runs[run.header.run_id]
                self._journal.remove(path, run.header.run_id)

    def follow(self, kernel_id: str, path: str, open_paths: set[str]) -> None:
        """Move the runs of a kernel to the path that its notebook has now, unless their own notebook is still open."""
        for run in self._runs.values():
            header = run.header
            if header.kernel_id == kernel_id and header.path != path and header.path not in open_paths:
                self._journal.move(header.run_id, header.path, path)
                self._modes.move(header.owner, header.path, path)
                run.move(path)

    def rename(self, path: str, new_path: str) -> None:
        """Follow a notebook, or all in a folder, to a new path; what was known there is forgotten."""
        self.drop(new_path)
        self._journal.rename(path, new_path)
        self._modes.rename(path, new_path)
        self._reads = {each: read for each, read in self._reads.items() if not is_within(each, path)}
        for run in self._runs.values():
            run.move(moved(run.header.path, path, new_path))

    def drop(self, path: str) -> None:
        """Forget a notebook that is no more, or all that were in a folder; what goes on there is stopped."""
        for run in [run for run in self._runs.values() if is_within(run.header.path, path)]:
            run.stop()
            del self._runs[run.header.run_id]
        self._journal.drop(path)
        self._modes.drop(path)
        self._reads = {each: read for each, read in self._reads.items() if not is_within(each, path)}

    async def close(self) -> None:
        """Stop all runs, and wait until they have ended."""
        streams = [run.stream for run in self._active() if run.stream]
        for stream in streams:
            stream.stop()
        await asyncio.gather(*(asyncio.to_thread(stream.join, _STOP_SECONDS) for stream in streams))
        self._journal.close()

    def _keep(self, run: Run) -> None:
        """Keep a run in memory, and as many of its notebook's older ones as the journal does."""
        for old in self._of(run.header.owner, run.header.path)[: -MAX_RUNS_PER_NOTEBOOK + 1]:
            del self._runs[old.header.run_id]
        self._runs[run.header.run_id] = run

    def _active(self) -> list[Run]:
        return [run for run in self._runs.values() if not run.finished]

    def _of(self, owner: str, path: str) -> list[Run]:
        runs = [run for run in self._runs.values() if run.header.owner == owner and run.header.path == path]
        return sorted(runs, key=lambda run: run.header.started)

    def _refuse_if_busy(self, ask: Ask) -> None:
        active = self._active()
        if any(run.header.path == ask.path or run.header.kernel_id == ask.kernel_id for run in active):
            raise Refused(409, "run_active", "The agent is already at work in this notebook. Wait for it, or stop it.")
        # Those that wait for an approval are one a kernel at most: they fill no queue.
        if sum(not run.waits for run in active) >= self._limits.max_runs:
            raise Refused(429, "queue_full", "The agent has too much to do at the moment. Try again in a minute.")

    def _events(self, run: Run, kernel: ServerKernel, request: Request, max_rounds: int) -> Events:
        """Run the agent; from here on we are in the run's thread."""
        from ..agent.loop import Agent  # noqa: PLC0415 - not needed to start the server

        header = run.header
        config = replace(self._limits.agent, mode=header.mode, max_rounds=max_rounds)
        with self._models.lend() as model, kernel.session(self._limits.kernel, lambda: run.is_limited) as session:
            agent = Agent(model, session, config, run.user_edits, lambda: run.mode)
            yield from agent.run(request, path=header.path, kernel_id=header.kernel_id)

    def _ended(self, record: _Recorder, reason: BaseException | None) -> None:
        """Make sure that every run has an end, whatever ended it. In the run's thread."""
        if not record.finished:
            if reason is not None and not isinstance(reason, (OCIError, Stopped)):
                self._log.error("A run ended unexpectedly", exc_info=reason)
            record(_end(reason, record.rounds))
        record.close()


class _Recorder:
    """Stamps the events of a run and keeps them, in its thread; the event loop is told of each."""

    def __init__(self, run: Run, file: JournalFile, loop: asyncio.AbstractEventLoop) -> None:
        self._publish: Callable[[dict[str, Any]], object] = lambda event: loop.call_soon_threadsafe(run.append, event)
        self._file = file
        self._seq = 0
        self._kept = KeptOutput()
        self.rounds = 0
        self.finished = False

    def __call__(self, event: RunEvent) -> None:
        self._seq += 1
        stamped = self._kept.of({"seq": self._seq, "time": time.time(), **to_json(event)})
        self.rounds += event.type == "round_started"
        self.finished = self.finished or isinstance(event, RunFinished)
        self._file.append(stamped)
        self._publish(stamped)

    def close(self) -> None:
        self._file.close()


def _end(reason: BaseException | None, rounds: int) -> RunFinished:
    if isinstance(reason, Stopped):
        return ending("stopped", rounds)
    if isinstance(reason, OCIError):
        return RunFinished("failed", rounds, _snake_case(type(reason).__name__), str(reason))
    message = f"The agent itself failed ({type(reason).__name__}). Ask again; the server's log has the details."
    return RunFinished("failed", rounds, "internal_error", message)


def _snake_case(name: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name).lstrip("_")
