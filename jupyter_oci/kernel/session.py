"""KernelSession: run code in the user's live kernel; deadline, interrupt, death, restart."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, TypeVar

from ..config import KernelConfig
from ..errors import KernelDied, KernelError, KernelNotFound, KernelRestarted, KernelUnresponsive, Stopped
from ..events import ExecutionStarted, ExecutionStatus, RunEvent, StatusChanged
from .base import DataFile, ExecutionResult, KernelControl, Variable
from .connection import QUESTION, Connection, Incoming
from .execution import Execution
from .reader import KernelReader
from .wire import encodable

STEP = 0.03
CONNECT_TIMEOUT = 60.0
CONNECT_FOR_VARIABLES = 1.0
NUDGE_INTERVAL = 0.25
INFO_INTERVAL = 5.0
BUSY_AFTER = 0.3
PROBE_AGAIN = 2.0
AT_THE_START = 1.0  # seconds in which a kernel may not have come to the code that it says it runs
LIMIT_TOLD_AFTER = 0.1  # of the time that a cell may run
LIMIT = "Ends after {}; run it yourself if it needs longer."
NO_LIMIT = "No limit of time"
BUSY = "Your own cell is running; waiting for it."
EXITED = "The cell called exit() or quit(), which ends the kernel; its variables are gone. Run the cells above again."

LOST = "The kernel did not take the code, though it answers: its memory may be full. Restart it, then ask again."

DEFAULTS = KernelConfig()
# What is asked of a kernel once and kept by its address and key: see QUESTION.
_KNOWN = ("implementation", "supported_features")
_INFOS: dict[str, dict[str, Any]] = {}

T = TypeVar("T")

Steps = Generator[RunEvent | None, None, None]


@dataclass(slots=True)
class Cut:
    """Whether, why and since when an execution is being cut short."""

    stopped: Stopped | None = None
    status: ExecutionStatus | None = None
    interrupted_at: float | None = None
    limit_told: bool = False
    last_interrupt: float = 0.0

    def due(self, now: float, execution: Execution, timeout: float | None) -> ExecutionStatus | None:
        """Say as what the running execution must end now; None: it may go on."""
        if self.stopped is not None:
            return "interrupted"
        late = timeout is not None and execution.started is not None and now - execution.started > timeout
        return "timeout" if late else None

    def is_lost(self, now: float, execution: Execution) -> bool:
        """Whether an interrupt may have come before the code began, so that the kernel took it and the code goes on."""
        was_early = (self.interrupted_at or now) - (execution.started or now) < AT_THE_START
        return was_early and now - self.last_interrupt > AT_THE_START


class Probe:
    """Asks the kernel's main shell for a word, which it gives when it has done all that it was asked before.

    It is asked again, ever more rarely: an interrupt of somebody's may have it overlook its queue until more comes.
    """

    def __init__(self, connection: Connection, patience: float = 0.0) -> None:
        self.answered = False
        self._connection = connection
        self._since = time.monotonic()
        self._next = self._since + patience
        self._sent: set[str] = set()

    def ask(self) -> None:
        """Ask if it is time to."""
        now = time.monotonic()
        if now >= self._next:
            self._sent.add(self._connection.request("shell", QUESTION, {}))
            self._next = now + max(PROBE_AGAIN, now - self._since)

    def take(self, incoming: Incoming) -> None:
        """Take one message; those of other parents are passed over."""
        self.answered = self.answered or (incoming.channel == "shell" and incoming.parent_id in self._sent)


class KernelSession:
    """An Executor on a kernel that others use too: it waits for their cells and never interrupts or aborts them.

    Made for one run: a kernel that is restarted while the session lives is never executed on again. All methods are for
    one thread at a time, not always the same one. Binary buffers of messages are dropped. Once it is not `is_limited` any more,
    a cell may run for ever.
    """

    def __init__(
        self,
        connection: Mapping[str, Any],
        control: KernelControl,
        config: KernelConfig = DEFAULTS,
        is_limited: Callable[[], bool] = lambda: True,
    ) -> None:
        self._connection = Connection(connection, control, config.redacted)
        self._config = config
        self._is_limited = is_limited
        self._key = "|".join(str(connection.get(name)) for name in ("ip", "shell_port", "key"))
        self._info = _INFOS.get(self._key)
        self._is_connected = False
        self._reader = KernelReader(self._connection, config.variables_budget)

    def __enter__(self) -> KernelSession:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the kernel, which goes on; twice is a no-op."""
        self._connection.close()

    def execute(
        self, cell_id: str, source: str, *, store_history: bool = True
    ) -> Generator[RunEvent | None, None, ExecutionResult]:
        """Run `source`; see `Executor.execute`.

        Raises:
            KernelNotFound: the kernel does not answer.
            KernelDied, KernelRestarted: nothing further may be executed in this run.
            KernelUnresponsive: the code goes on after an interrupt.
        """
        source = sendable(source)
        while True:
            yield from self.until_free()
            execution, cut = self._send(cell_id, source, store_history), Cut()
            yield from self._follow(execution, cut)
            if not execution.aborted or cut.stopped:
                return (yield from self._finish(execution, cut))
            # else a failing cell of the user emptied the kernel's queue: send again

    def until_free(self) -> Steps:
        """Wait for what others run; see `Executor.until_free`."""
        yield from self._connect()
        yield from self._wait_for_others()

    def check_alive(self) -> None:
        """Look whether the process is still the one of this run; see `Executor.check_alive`."""
        self._connection.check_alive()

    def variables(self, about: str = "") -> Sequence[Variable] | None:
        """List what the kernel holds; see `Executor.variables`."""
        return self._read(partial(self._reader.variables, about=about))

    def files(self, about: str = "") -> Sequence[DataFile]:
        """List the files of data in its folder; see `Executor.files`."""
        return self._read(partial(self._reader.files, about=about)) or ()

    def _read(self, read: Callable[[dict[str, Any]], T]) -> T | None:
        patience = time.monotonic() + CONNECT_FOR_VARIABLES
        try:
            for _ in self._connect():
                if time.monotonic() > patience:
                    return None
            return read(self._info or {})
        except KernelError:
            return None

    def _connect(self) -> Steps:
        """Ask on the control channel until IOPub speaks: this works on a busy kernel, and a subscription is slow to join.

        What draws from the user's random numbers is asked rarely: an answer that is late may be drawn after a seed.
        """
        deadline = time.monotonic() + CONNECT_TIMEOUT
        next_nudge = next_info = 0.0
        while self._info is None or not self._is_connected:
            if time.monotonic() >= deadline:
                raise KernelNotFound("The kernel does not answer. Restart it from the Kernel menu, then ask again.")
            now = time.monotonic()
            if self._info is None and now >= next_info:
                self._connection.request("control", "kernel_info_request", {})
                next_info = now + INFO_INTERVAL
            elif now >= next_nudge:
                self._connection.request("control", QUESTION, {})
                next_nudge = now + NUDGE_INTERVAL
            for incoming in self._connection.receive(STEP):
                self._is_connected = self._is_connected or incoming.channel == "iopub"
                if incoming.msg_type == "kernel_info_reply":
                    info = self._connection.unpack(incoming)
                    self._info = _INFOS[self._key] = {name: info.get(name) or "" for name in _KNOWN}
            yield None

    def _wait_for_others(self) -> Steps:
        """Wait until the kernel's main shell answers. What is sent after that cannot be left behind by a stop while waiting."""
        self._connection.check_alive(at_once=True)
        probe = Probe(self._connection)
        since, announced = time.monotonic(), False
        while not probe.answered:
            probe.ask()
            for incoming in self._connection.receive(STEP):
                probe.take(incoming)
            if not announced and time.monotonic() - since > BUSY_AFTER:
                announced = True
                yield StatusChanged("kernel_busy", BUSY)
            if not probe.answered:
                yield None

    def _send(self, cell_id: str, source: str, store_history: bool) -> Execution:
        content = {
            "code": source,
            "silent": False,
            "store_history": store_history,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        execution_id = self._connection.request("shell", "execute_request", content)
        started = ExecutionStarted(cell_id, execution_id, source)
        return Execution(self._connection, started, self._config.max_output_bytes, self._config.max_rich_bytes)

    def _follow(self, execution: Execution, cut: Cut) -> Steps:
        """Pass on what the execution prints until it is over, cut short or not."""
        sent, announced = time.monotonic(), False
        probe = Probe(self._connection, PROBE_AGAIN)
        while not execution.over:
            try:
                for incoming in self._connection.receive(STEP):
                    execution.take(incoming)
                    probe.take(incoming)
            except (KernelDied, KernelRestarted) as error:
                yield from self._end(execution, cut, "error", error)
            if execution.started is None and not execution.over:
                yield from self._ask_for_it(execution, cut, probe)
            if execution.started is None and not announced and time.monotonic() - sent > BUSY_AFTER:
                announced = True
                execution.events.append(StatusChanged("kernel_busy", BUSY))
            execution.events.append(None)
            yield from self._drain(execution, cut)
            if execution.started is not None and not execution.over:
                yield from self._cut_short(execution, cut)

    def _ask_for_it(self, execution: Execution, cut: Cut, probe: Probe) -> Steps:
        """See that the code is not lost: a kernel without memory drops what it is sent, and answers what comes after."""
        probe.ask()
        if probe.answered:
            yield from self._end(execution, cut, "error", KernelUnresponsive(LOST))

    def _drain(self, execution: Execution, cut: Cut) -> Steps:
        """Yield what has gathered. A stop is remembered, so that what was printed up to it still gets through."""
        while execution.events:
            try:
                yield execution.events.popleft()
            except Stopped as stopped:
                cut.stopped = stopped
            except GeneratorExit:
                if execution.running:
                    self._connection.interrupt()
                raise

    def _cut_short(self, execution: Execution, cut: Cut) -> Steps:
        """Interrupt the running execution when it must end, and give it time to react."""
        now = time.monotonic()
        if cut.interrupted_at is None:
            limit = self._config.execution_timeout if self._is_limited() else None
            cut.status = cut.due(now, execution, limit)
            if cut.status is None:
                self._tell_limit(execution, cut, now, limit)
                return
            cut.interrupted_at = cut.last_interrupt = now
            self._connection.interrupt()
        elif now - cut.interrupted_at > self._config.interrupt_grace:
            yield from self._end(execution, cut, cut.status, KernelUnresponsive(self._reader.unresponsive_message()))
        elif cut.is_lost(now, execution):
            cut.last_interrupt = now
            self._connection.interrupt()

    def _tell_limit(self, execution: Execution, cut: Cut, now: float, limit: float | None) -> None:
        """Say how long a cell may run, to the user who waits for it; and that it may run on, where that was told."""
        if cut.limit_told and limit is None:
            cut.limit_told = False
            execution.events.append(StatusChanged("running", NO_LIMIT, limit=0.0))
        elif limit and execution.started and not cut.limit_told and now - execution.started > LIMIT_TOLD_AFTER * limit:
            cut.limit_told = True
            spoken = f"{limit / 60:.0f} min" if limit >= 120 else f"{limit:.0f} s"
            execution.events.append(StatusChanged("running", LIMIT.format(spoken), limit=limit))

    def _finish(self, execution: Execution, cut: Cut) -> Generator[RunEvent | None, None, ExecutionResult]:
        """Yield the last events; let a stop pass, and do not trust the "ok" of a cell that ends the kernel."""
        result = execution.finish(cut.status)
        yield from self._drain(execution, cut)
        if execution.asks_exit:
            self._connection.abandon()
        if cut.stopped is not None:
            raise cut.stopped
        if execution.asks_exit:
            raise KernelDied(EXITED)
        return result

    def _end(self, execution: Execution, cut: Cut, status: ExecutionStatus | None, error: KernelError) -> Steps:
        """Close the cell's execution for whoever watches it, then raise."""
        execution.finish(status, error)
        yield from self._drain(execution, cut)
        raise error


def sendable(source: str) -> str:
    """Replace lone surrogates, which cannot be encoded, by U+FFFD; leave out NUL, which Python refuses."""
    return encodable(source.replace("\x00", ""))
