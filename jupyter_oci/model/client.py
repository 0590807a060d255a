"""WorkerModel: the model in a process of its own, as the server sees it. Imports nothing heavy."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypedDict, TypeVar, Union, cast

from ..config import ModelConfig, SamplingParams
from ..errors import ModelError, WorkerDied
from ..events import StatusChanged
from .background import Background
from .base import CandidateSteps, Message, Usage
from .catalogue import ModelSpec, find
from .download import default_cache_dir, fetch, is_available
from .families import TEMPLATES, TemplateChoice, chosen_template
from .process import STANDSTILL_LIMIT, TICK, Call, WorkerProcess
from .reply_stream import candidates_stream, reply_stream
from .turns import Turns, ordinal
from .work_folders import prepared_folder, scratch_folder

LOCAL_MODEL = "jupyter_oci.model.local:LocalModel"

_LOADING = 6  # times as long a silence is borne then: compiling lets no other thread of the process speak
State = Literal["absent", "downloading", "available", "loading", "ready", "failed"]
Said = TypeVar("Said")
Answer = TypeVar("Answer")
Cost = TypeVar("Cost")
Progress = Generator[Union[StatusChanged, None], None, Any]


class Card(TypedDict):
    """Where the model stands, to be shown: `detail` is a text, `fraction` 0..1 or None."""

    state: State
    detail: str
    fraction: float | None


class WorkerModel:
    """Hosts one model in one process, which is started at first use and again after it ended.

    Any number of threads may use it; requests wait in one fair line. What is closed while it waits never starts.
    """

    def __init__(
        self,
        config: ModelConfig,
        cache_dir: Path | None = None,
        *,
        host: str = LOCAL_MODEL,
        silence_limit: float = 30.0,
        standstill_limit: float = STANDSTILL_LIMIT,
        line_limit: int = 16,
    ) -> None:
        """Prepare to host `config.name`; `host` names the class to host as `module:class`.

        Raises:
            ConfigError: there is no model of that name or of the draft's, or no template of the one that is set.
        """
        self.spec: ModelSpec = find(config.name)
        self._config = config
        draft_spec = find(config.draft) if config.draft else self.spec
        self._draft_spec = draft_spec if draft_spec != self.spec else None
        self._template = TemplateChoice(chosen_template(config.template) or "", TEMPLATES.get(self.spec.family, ""))
        self._cache_dir = cache_dir or default_cache_dir()
        self._host = host
        self._silence_limit, self._standstill_limit = silence_limit, standstill_limit
        self._turns = Turns(line_limit)
        self._process: WorkerProcess | None = None
        self._computed: dict[str, Any] = {}
        self._state: Card | None = None
        self._idle: threading.Timer | None = None
        self._closed = False

    @property
    def name(self) -> str:
        """Give the name that the user knows it by."""
        return self.spec.name

    @property
    def computed(self) -> Mapping[str, Any]:
        """Say what it was last loaded as: device, bits, weights and window in tokens. Empty: it was not loaded yet."""
        return self._computed

    @property
    def pid(self) -> int | None:
        """Give the id of the process; None: there is none."""
        return self._process.pid if self._process and self._process.alive else None

    def card(self) -> Card:
        """Say where the model stands."""
        if self._state and not (self._state["state"] == "ready" and self.pid is None):
            return self._state
        return Card(state="available" if is_available(self.spec, self._cache_dir) else "absent", detail="", fraction=None)

    def load(self) -> Generator[StatusChanged | None, None, int]:
        """Download, start and load as far as need be, yielding progress; return the window. Closing it gives up the load.

        Raises:
            ModelLoadError: it cannot be used; the message says why and what to do.
            WorkerDied: the process ended meanwhile.
        """
        if self.pid is None or not self._is_ready():
            ticket = self._turns.join()
            try:
                yield from self._queue(ticket)
                yield from self._ready()
            finally:
                self._leave(ticket)
        return int(self._computed["window"])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text in the model's own tokens; loads the model when it is not, for as long as that takes."""
        with self._turns.beside():
            for _ in self.load():
                pass
            counts = cast("list[int]", self._running().call("count", texts=list(texts)).result())
        self._rest()
        return counts

    def generate(
        self, messages: Sequence[Message], sampling: SamplingParams, drafts: Sequence[str] = ()
    ) -> Generator[str | StatusChanged | None, bool | None, Usage]:
        """Yield the reply's text as it comes; see `ChatModel`. Once closed, the model is idle again."""
        request = {"messages": _plain(messages), "sampling": dataclasses.asdict(sampling), "drafts": list(drafts)}
        return (yield from self._write("generate", reply_stream, request))

    def candidates(self, conversations: Sequence[Sequence[Message]], samplings: Sequence[SamplingParams]) -> CandidateSteps:
        """Yield the replies to several conversations, decoded as one batch; see `ChatModel`."""
        plain = [_plain(messages) for messages in conversations]
        request = {"conversations": plain, "samplings": [dataclasses.asdict(sampling) for sampling in samplings]}
        yield from self._write("candidates", partial(candidates_stream, count=len(plain)), request)

    def unload(self) -> None:
        """Give the memory back; the next request loads the model again.

        Raises:
            ModelError: it is in use.
        """
        ticket = self._turns.join_if_free()
        if ticket is None:
            raise ModelError("The model is in use. Stop what runs, then unload it.")
        try:
            self._end("was unloaded")
        finally:
            self._turns.leave(ticket)

    def close(self) -> None:
        """End the process at once, whatever it does, for good."""
        self._closed = True
        if self._idle:
            self._idle.cancel()
        self._end("was closed")

    def _write(
        self,
        kind: str,
        stream: Callable[[Call], Generator[Said, Answer, Cost]],
        request: dict[str, Any],
    ) -> Generator[Said | StatusChanged | None, Answer, Cost]:
        """Have the process write when it is our turn."""
        ticket = self._turns.join()
        try:
            yield from self._queue(ticket)
            process = yield from self._ready()
            return (yield from stream(process.call(kind, **request)))
        finally:
            self._leave(ticket)

    def _queue(self, ticket: object) -> Progress:
        """Wait for the turn, saying the place in the line when it changes."""
        told = 0
        while place := self._turns.place(ticket, TICK):
            yield StatusChanged("queued", ordinal(place) + " in line") if place != told else None
            told = place
        if self._idle:
            self._idle.cancel()

    def _ready(self) -> Generator[StatusChanged | None, None, WorkerProcess]:
        """Bring the model to where it can be called; ours is the turn."""
        if self._closed:
            raise WorkerDied("The model was closed. Send the request again.")
        if self.pid is None or not self._is_ready():
            self._end("was replaced")
            try:
                yield from self._load()
            except ModelError as error:
                self._set("failed", str(error))
                raise
            except BaseException:
                self._set(None)
                raise
            finally:
                if not self._is_ready():
                    self._end("was stopped while it loaded the model")
        return self._running()

    def _load(self) -> Progress:
        path = yield from self._fetch(self.spec)
        draft = (yield from self._fetch(self._draft_spec)) if self._draft_spec else None
        self._set("loading", f"Loading {self.spec.title}")
        yield StatusChanged("loading", f"Loading {self.spec.title}")
        own, scratch = prepared_folder(self.spec, self._cache_dir), scratch_folder(self._cache_dir)
        models = [path, draft] if draft else [path]
        patience = self._silence_limit * _LOADING
        self._process = WorkerProcess(self._host, scratch, own, models, patience, self._standstill_limit)
        call = self._process.call(
            "load",
            path=str(path),
            threads=self._config.threads,
            cache_dir=str(own),
            max_window=self._config.max_window,
            device=self._config.device,
            template=dataclasses.asdict(self._template),
            draft=str(draft or ""),
        )
        frames = call.frames()
        try:
            while True:
                frame = next(frames)
                yield self._progress("loading", frame["detail"], frame["fraction"]) if frame else None
        except StopIteration as stop:
            self._computed = stop.value
        self._process.silence_limit = self._silence_limit
        self._set("ready")

    def _fetch(self, spec: ModelSpec) -> Generator[StatusChanged | None, None, Path]:
        work = Background(lambda report, cancelled: fetch(spec, self._cache_dir, report, cancelled, mirror=self._config.hub))
        reports = work.follow(TICK)
        try:
            while True:
                report = next(reports)
                yield self._progress("downloading", *report) if report else None
        except StopIteration as stop:
            return cast("Path", stop.value)
        finally:
            reports.close()

    def _progress(self, state: State, detail: str, fraction: float | None) -> StatusChanged:
        self._set(state, detail, fraction)
        return StatusChanged("loading", detail, fraction)

    def _set(self, state: State | None, detail: str = "", fraction: float | None = None) -> None:
        self._state = Card(state=state, detail=detail, fraction=fraction) if state else None

    def _is_ready(self) -> bool:
        return self._state is not None and self._state["state"] == "ready"

    def _running(self) -> WorkerProcess:
        if self._process is None:
            raise WorkerDied("The model was unloaded. Send the request again.")
        return self._process

    def _end(self, how: str) -> None:
        process, self._process = self._process, None
        if process:
            process.kill(how)
            if self._is_ready():
                self._set(None)

    def _leave(self, ticket: object) -> None:
        self._turns.leave(ticket)
        self._rest()

    def _rest(self) -> None:
        """Count the time from now on after which an idle model is unloaded."""
        if self._idle:
            self._idle.cancel()
        if self._config.idle_unload is not None and self._process and not self._closed:
            self._idle = threading.Timer(self._config.idle_unload, self._unload_if_idle)
            self._idle.daemon = True
            self._idle.start()

    def _unload_if_idle(self) -> None:
        ticket = self._turns.join_if_free()
        if ticket is not None:
            self._end("was unloaded")
            self._turns.leave(ticket)


def _plain(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(message) for message in messages]
