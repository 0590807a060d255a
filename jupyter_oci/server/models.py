"""Models: which one is chosen, the one that is hosted, and what the page shows of all of them."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from ..config import ModelConfig
from ..errors import ConfigError, ModelLoadError, OCIError, Stopped
from ..model.bandwidth import known_bandwidth, measured_bandwidth
from ..model.base import ChatModel
from ..model.catalogue import CATALOGUE, ModelSpec, find
from ..model.client import WorkerModel
from ..model.download import downloaded, fetch, is_available, kept_bytes, remove
from ..model.machine import Machine
from .coming import Coming
from .model_card import State, card
from .offer import Offer
from .refused import Refused
from .successor import VETTING, Former, Successor, memory_of

ModelFactory = Callable[[ModelConfig], ChatModel]
ModelAction = Literal["download", "cancel", "load", "unload", "remove"]


class Models:
    """One model is hosted at a time, and only from its first use on. All methods may be called from any thread."""

    def __init__(
        self, config: ModelConfig, factory: ModelFactory, cache_dir: Path, log: logging.Logger, offer: Offer | None = None
    ) -> None:
        self._config = config
        self._offer = offer
        self._factory = factory
        self._cache_dir = cache_dir
        self._log = log
        self._lock = threading.RLock()
        self._hosted: ChatModel | None = None
        self._former: ChatModel | None = None  # of the name `_proven`: it goes on until its successor can be loaded
        self._users: Counter[int] = Counter()
        self._proven = ""
        self._measured = False
        self._states: dict[str, State] = {}
        self._coming = Coming()

    @property
    def current(self) -> str:
        """Give the name of the chosen model; what `auto` means is settled when it is first asked for."""
        with self._lock:
            if self._config.name == "auto":
                self._config = replace(self._config, name=find("auto").name)
            return self._config.name

    def hosted(self) -> ChatModel:
        """Give the chosen model, perhaps not yet loaded.

        Raises:
            ConfigError: it is not there any more; the one that worked before it is chosen again.
        """
        with self._lock:
            if self._hosted is None:
                config = replace(self._config, name=self.current)
                try:
                    model = self._factory(config)
                except ConfigError as error:
                    self._fall_back(State("failed", str(error)))
                    raise
                self._hosted = self._succeeding(model, self._former, config) if self._former else model
            return self._hosted

    @contextlib.contextmanager
    def lend(self) -> Iterator[ChatModel]:
        """Lend the chosen model to a run: it is not ended under it, even if another one is chosen meanwhile."""
        with self._lock:
            model = self.hosted()
            self._users[id(model)] += 1
        try:
            self._check_disk(model)
            yield model
        finally:
            with self._lock:
                state = self._state(self._chosen())
                if model is self._hosted and state.state == "failed":
                    self._fall_back(state)
                self._users[id(model)] -= 1
            self._end_unless_needed(model)

    def choose(self, name: str) -> None:
        """Host another model from the next run on; the former one goes on until that is seen to be one that can be loaded.

        Raises:
            Refused: there is no such model.
        """
        spec = self._known(name)
        with self._lock:
            if spec.name == self.current:
                return
            left = self._hosted
            if self.ready():
                self._proven, self._former = self.current, left
            self._hosted = None
            if spec.name == self._proven:
                self._hosted, self._former = self._former, None
            self._config = replace(self._config, name=spec.name)
        if left is not None:
            self._in_background(lambda: self._end_unless_needed(left), spec.name)

    def act(self, name: str, action: ModelAction) -> None:
        """Begin what the user asked for; how it goes is in the cards.

        Raises:
            Refused: there is no such model, a run needs it, or there is nothing to cancel.
        """
        spec = self._known(name)
        if action == "cancel":
            self._coming.cancel(spec)
            return
        if action in ("unload", "remove"):
            self._refuse_if_used(spec.name)
        work = {"download": self._download, "load": self._load, "unload": self._unload, "remove": self._remove}[action]
        self._in_background(lambda: work(spec), spec.name)

    def ready(self) -> bool:
        """Tell whether the chosen model is loaded, so that it can count tokens."""
        return self._state(self._chosen()).state == "ready"

    def window(self) -> int:
        """Give the chosen model's context window in tokens: its own when it is loaded, else what is written of it."""
        if self.ready():
            return _drained(self.hosted().load())
        most = self._config.endpoint_window or self._config.max_window
        return min(self._chosen().context_window or most, most)

    def cards(self) -> list[dict[str, Any]]:
        """Describe the models of the model server, of the catalogue and of the cache, and the chosen one if it is another."""
        chosen, machine = self._chosen(), Machine.look(self._cache_dir)
        if not chosen.host:
            self._measure_once()
        specs = [*(self._offer.specs() if self._offer else ()), *CATALOGUE, *downloaded(self._cache_dir)]
        all_specs = specs if any(spec.name == chosen.name for spec in specs) else [*specs, chosen]
        return [self._card(spec, machine) for spec in all_specs]

    def close(self) -> None:
        """End the hosted model and what goes on in the background. May block for a moment."""
        self._coming.close()
        with self._lock:
            ended, self._hosted, self._former = (self._hosted, self._former), None, None
        for model in filter(None, ended):
            _end(model)

    def _succeeding(self, model: ChatModel, former: ChatModel, config: ModelConfig) -> ChatModel:
        """Have the former model go on until nothing speaks against `model`."""

        def end() -> None:
            with self._lock:
                self._former = None if self._former is former else self._former
            self._end_unless_needed(former)

        is_ours = isinstance(model, WorkerModel)
        vetted = replace(config, draft="", idle_unload=None)
        vetting = WorkerModel(vetted, self._cache_dir, host=VETTING) if is_ours else None
        return Successor(model, vetting, Former(lambda: 0 if self._users[id(former)] else memory_of(former), end))

    def _end_unless_needed(self, model: ChatModel) -> None:
        """End a model that is neither hosted nor the former one, if no run needs it."""
        with self._lock:
            needed = model is self._hosted or model is self._former or self._users[id(model)]
        if not needed:
            _end(model)

    def _card(self, spec: ModelSpec, machine: Machine) -> dict[str, Any]:
        fit = machine.fit(spec, self._cache_dir, self._config.device)
        return card(spec, self._state(spec), fit, kept_bytes(spec, self._cache_dir))

    def _check_disk(self, model: ChatModel) -> None:
        """See that there is room for what a model of ours cannot do without before it is ready.

        Raises:
            ModelLoadError: there is not.
        """
        if not isinstance(getattr(model, "model", model), WorkerModel) or self.ready():
            return
        spec = find(self.current)
        machine = Machine.look(self._cache_dir)
        needed = machine.fit(spec, self._cache_dir, self._config.device).least_disk_bytes
        if needed > machine.disk:
            reason = (
                f"{spec.title} takes {needed / 1e9:.1f} GB more in {self._cache_dir} to be downloaded and prepared, "
                f"{machine.disk / 1e9:.1f} GB are free; make room there, or choose a smaller model."
            )
            self._states[spec.name] = State("failed", reason)
            raise ModelLoadError(reason)

    def _fall_back(self, failed: State) -> None:
        """Choose the model again that worked before the chosen one, if there is one."""
        name = self._config.name
        if self._proven not in ("", name):
            self._states[name] = failed
            self._config = replace(self._config, name=self._proven)
            self._hosted, self._former = self._former, None  # what failed is ended when it is given back

    def _measure_once(self) -> None:
        """See to it that the memory's bandwidth is known some time: it takes a second of all cores."""
        with self._lock:
            begun, self._measured = self._measured, True
        if not begun and known_bandwidth(self._cache_dir) is None:
            threading.Thread(target=measured_bandwidth, args=(self._cache_dir,), name="bandwidth", daemon=True).start()

    def _state(self, spec: ModelSpec) -> State:
        with self._lock:
            hosted = self._host_of(spec.name)
            noted = self._states.get(spec.name)
        where = getattr(hosted, "card", None)
        if where is not None:
            shown = State(**where())
            if shown.state not in ("absent", "available"):
                return shown
        elif hosted is not None:  # a model of the administrator's own making, there from the start
            return State("ready")
        if spec.host and self._offer and self._offer.failure:
            return State("failed", self._offer.failure)
        return noted or self._state_on_disk(spec)

    def _state_on_disk(self, spec: ModelSpec) -> State:
        try:
            find(spec.name)
        except ConfigError as error:  # its folder was there, or was to be
            return State("failed", str(error))
        return State("available" if is_available(spec, self._cache_dir) else "absent")

    def _host_of(self, name: str) -> ChatModel | None:
        return self._hosted if name == self._config.name else self._former if name == self._proven else None

    def _chosen(self) -> ModelSpec:
        """Describe the chosen model; one that is not there, so that others can be chosen, by its name alone."""
        try:
            return find(self.current)
        except ConfigError:
            return ModelSpec(self.current, title=Path(self.current).name)

    def _known(self, name: str) -> ModelSpec:
        try:
            spec = find(name)
        except OCIError as error:
            raise Refused(404, "unknown_model", str(error)) from error
        if spec.host and not (self._offer and self._offer.holds(spec)):
            raise Refused(403, "other_host", f"No text is sent to {spec.host} from here. Set c.OCIApp.endpoint if it may.")
        return spec

    def _refuse_if_used(self, name: str) -> None:
        with self._lock:
            host = self._host_of(name)
            if host is not None and self._users[id(host)]:
                raise Refused(409, "model_in_use", f"{name} is at work. Stop the run first.")

    def _download(self, spec: ModelSpec) -> None:
        def report(detail: str, fraction: float | None) -> None:
            self._states[spec.name] = State("downloading", detail, fraction)

        report("", None)
        with self._coming.until_cancelled(spec) as cancelled:
            fetch(spec, self._cache_dir, report, cancelled, mirror=self._config.hub)

    def _load(self, spec: ModelSpec) -> None:
        with self._coming.until_cancelled(spec) as cancelled:
            self.choose(spec.name)
            with self.lend() as model, closing(model.load()) as steps:
                for _ in steps:
                    if cancelled():
                        return

    def _unload(self, spec: ModelSpec) -> None:
        with self._lock:
            model = self._host_of(spec.name)
        unload = getattr(model, "unload", None)
        if unload is not None:
            unload()

    def _remove(self, spec: ModelSpec) -> None:
        self._unload(spec)
        remove(spec, self._cache_dir)

    def _in_background(self, work: Callable[[], None], name: str) -> None:
        threading.Thread(target=self._noting_failure, args=(work, name), name="jupyter-oci model", daemon=True).start()

    def _noting_failure(self, work: Callable[[], None], name: str) -> None:
        try:
            with contextlib.suppress(Stopped):  # a download that the server's end cut off goes on next time
                work()
            self._states.pop(name, None)
        except OCIError as error:
            self._states[name] = State("failed", str(error))
        except Exception as error:
            self._log.exception("An action on the model %s failed", name)
            self._states[name] = State("failed", f"{type(error).__name__}: {error}")


def _end(model: ChatModel) -> None:
    close = getattr(model, "close", None)
    if close is not None:
        close()


def _drained(steps: Generator[object, None, int]) -> int:
    """Step to the end and give what is returned."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return int(end.value)
