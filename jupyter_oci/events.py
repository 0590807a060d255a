"""What a run says: one frozen value for each thing that happens, to and from JSON.

A run is an append-only list of these. The registry that keeps the list adds `seq` (from 1, no gaps) and `time`
(seconds since the epoch) to the JSON of each; the page, the command line, the journal and the tests all read the same form.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Union, get_args

from .errors import ProtocolError

Mode = Literal["suggest", "ask", "auto"]
Phase = Literal["queued", "loading", "thinking", "writing", "running", "waiting", "kernel_busy"]
RunStatus = Literal["done", "gave_up", "stopped", "failed"]
ExecutionStatus = Literal["ok", "error", "timeout", "interrupted"]
ApprovalDecision = Literal["run", "skip", "another", "ran"]
Intent = Literal["ask", "edit", "fix", "explain", "hint"]
CheckOrigin = Literal["user", "agent", ""]
StopReason = Literal["stop", "length", "enough"]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The first event. `max_rounds` bounds the tries on one cell, `target_cell_id` is the cell that it is about."""

    type: ClassVar = "run_started"
    prompt: str
    mode: Mode
    model: str
    max_rounds: int
    path: str = ""
    kernel_id: str = ""
    active_cell_id: str | None = None
    intent: Intent = "ask"
    target_cell_id: str | None = None


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """What is going on now. `fraction` is 0..1 where progress is known; `detail` is shown as it is.

    `limit` is after how many seconds the cell that runs is stopped, once the user may want to know; 0 where it no longer is, None
    where that is as it was.
    """

    type: ClassVar = "status_changed"
    phase: Phase
    detail: str = ""
    fraction: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class ContextBuilt:
    """What is sent to the model: sizes in the model's own tokens."""

    type: ClassVar = "context_built"
    prompt_tokens: int
    window: int
    dropped_cells: int = 0
    shortened: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoundStarted:
    """One reply and its execution. `round` counts in the run from 1, `attempt` on this cell from 1."""

    type: ClassVar = "round_started"
    round: int
    attempt: int
    revises: str | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """Prose of the reply, to be appended."""

    type: ClassVar = "text_delta"
    text: str


@dataclass(frozen=True, slots=True)
class CellOpened:
    """Code begins. A new cell goes below `after_cell_id` (None: at the end); a revised one is emptied and written again."""

    type: ClassVar = "cell_opened"
    cell_id: str
    after_cell_id: str | None
    revises: bool = False


@dataclass(frozen=True, slots=True)
class SourceDelta:
    """Code of the opened cell, to be appended."""

    type: ClassVar = "source_delta"
    cell_id: str
    text: str


@dataclass(frozen=True, slots=True)
class SourceFinished:
    """The cell's whole source as the agent wants it; `sha256` is of its UTF-8 bytes."""

    type: ClassVar = "source_finished"
    cell_id: str
    source: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ReplyFinished:
    """The model's reply ended. Token counts are the model's own; `seconds` is wall time."""

    type: ClassVar = "reply_finished"
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    seconds: float
    stop_reason: StopReason = "stop"


@dataclass(frozen=True, slots=True)
class FixProposed:
    """A changed source for a cell of the user's; nothing is written before it is accepted.

    `base` is the source that the fix is for, `source` the whole cell with the fix, `summary` one sentence on what was wrong. The
    cell may be another than the one that failed. `check` is the code that must pass afterwards, empty if there is none.
    """

    type: ClassVar = "fix_proposed"
    fix_id: str
    cell_id: str
    base_sha256: str
    base: str
    source: str
    summary: str
    check: str = ""
    check_origin: CheckOrigin = ""


@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    """The run waits. `reasons` says in plain words why it asks (mode, or the effects found in the code)."""

    type: ClassVar = "approval_requested"
    approval_id: str
    cell_id: str
    source: str
    sha256: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApprovalResolved:
    """The user decided; `source` is exactly what will run (the user may have edited it). `comment` says what is to be changed."""

    type: ClassVar = "approval_resolved"
    approval_id: str
    decision: ApprovalDecision
    source: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ExecutionStarted:
    """`execution_id` is the msg_id of the execute_request: the parent of all its kernel messages."""

    type: ClassVar = "execution_started"
    cell_id: str
    execution_id: str
    source: str


@dataclass(frozen=True, slots=True)
class KernelOutput:
    """One IOPub message of the execution as {msg_type, content, metadata}, to be fed to the cell's output area."""

    type: ClassVar = "kernel_output"
    cell_id: str
    execution_id: str
    message: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ExecutionFinished:
    """The kernel is idle again. `payload` is that of execute_reply (set_next_input, page)."""

    type: ClassVar = "execution_finished"
    cell_id: str
    execution_id: str
    status: ExecutionStatus
    execution_count: int | None
    seconds: float
    ename: str = ""
    evalue: str = ""
    payload: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class FeedbackGiven:
    """The user turn that the model reads of an execution, word for word."""

    type: ClassVar = "feedback_given"
    text: str


@dataclass(frozen=True, slots=True)
class VariablesChanged:
    """What the run's code did to the kernel's variables: a line for each that is `new` or `changed`, names of those `gone`."""

    type: ClassVar = "variables_changed"
    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The last event. `reason` is a short code, `message` a sentence for the user that says what to do next."""

    type: ClassVar = "run_finished"
    status: RunStatus
    rounds: int
    reason: str
    message: str = ""


RunEvent = Union[
    RunStarted,
    StatusChanged,
    ContextBuilt,
    RoundStarted,
    TextDelta,
    CellOpened,
    SourceDelta,
    SourceFinished,
    ReplyFinished,
    FixProposed,
    ApprovalRequested,
    ApprovalResolved,
    ExecutionStarted,
    KernelOutput,
    ExecutionFinished,
    FeedbackGiven,
    VariablesChanged,
    RunFinished,
]

EVENT_TYPES: dict[str, type] = {event.type: event for event in get_args(RunEvent)}


@dataclass(frozen=True, slots=True)
class Decision:
    """What is sent into the run at an `ApprovalRequested`: the answer, and the source as the user has it, which is what runs.

    `another` asks for other code, or another change of a cell: as the `comment` says, or in any other way where that is empty.
    `ran` says that the user ran it themselves.
    """

    decision: ApprovalDecision
    source: str
    comment: str = ""


def to_json(event: RunEvent) -> dict[str, Any]:
    """Give the event as a JSON object with its `type`; its values are the event's own."""
    return {"type": event.type, **{field.name: getattr(event, field.name) for field in dataclasses.fields(event)}}


def from_json(value: dict[str, Any]) -> RunEvent:
    """Read an event back; `seq` and `time` are passed over.

    Raises:
        ProtocolError: the type is unknown, or a field is missing or unknown.
    """
    fields = {key: item for key, item in value.items() if key not in ("type", "seq", "time")}
    try:
        event = EVENT_TYPES[value["type"]]
        made: RunEvent = event(**{k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()})
    except (KeyError, TypeError) as error:
        raise ProtocolError(f"Not an event of this version: {value.get('type')!r} ({error}).") from error
    return made
