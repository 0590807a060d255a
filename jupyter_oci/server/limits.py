"""Limits: what the administrator set, and how far a user may go from there."""

from __future__ import annotations

from dataclasses import dataclass

from ..config import AgentConfig, KernelConfig
from ..events import Intent, Mode
from .paths import is_within, moved
from .refused import Refused


@dataclass(frozen=True, slots=True)
class Limits:
    """Defaults of a run and their bounds.

    `locked` names the settings that users cannot change, `max_runs` bounds the queue, `hint_only` allows nothing but hints,
    `instructions` are told to the model with every request, ahead of the user's own.
    """

    agent: AgentConfig
    kernel: KernelConfig
    max_rounds_limit: int
    max_runs: int
    locked: frozenset[str]
    hint_only: bool = False
    instructions: str = ""

    def rounds(self, wished: int | None) -> int:
        """Clamp the number of rounds that a request wishes."""
        if wished is None or "max_rounds" in self.locked:
            wished = self.agent.max_rounds
        return max(1, min(wished, self.max_rounds_limit))

    def refuse_if_locked(self, name: str) -> None:
        """Refuse to change a setting that the administrator fixed."""
        if name in self.locked:
            raise Refused(403, "locked", f"The administrator of this server fixed the setting {name!r}.")

    def refuse_unless_hint(self, intent: Intent, *, notebook: bool) -> None:
        """Refuse anything but a hint where a teacher allows only these: on this server, or in this `notebook`."""
        if intent != "hint" and (self.hint_only or notebook):
            where = "On this server" if self.hint_only else "In this notebook"
            raise Refused(403, "hint_only", f"{where} only hints are available: click into a cell and ask for a hint.")


class Modes:
    """The mode of each user's notebooks, in memory only: nothing that runs in a kernel can write it into a file."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._modes: dict[tuple[str, str], Mode] = {}

    def of(self, owner: str, path: str) -> Mode:
        """Give the mode of a notebook."""
        return self._modes.get((owner, path), self._limits.agent.mode)

    def is_chosen(self, owner: str, path: str) -> bool:
        """Whether a notebook's mode was set, be it to the default."""
        return (owner, path) in self._modes

    def put(self, owner: str, path: str, mode: Mode) -> None:
        """Set the mode of a notebook.

        Raises:
            Refused: the administrator fixed it.
        """
        self._limits.refuse_if_locked("mode")
        self._modes[owner, path] = mode

    def move(self, owner: str, path: str, new_path: str) -> None:
        """Follow a user's notebook to its new path."""
        mode = self._modes.pop((owner, path), None)
        if mode is not None:
            self._modes[owner, new_path] = mode

    def rename(self, path: str, new_path: str) -> None:
        """Follow everybody's notebook, or all in a folder, to a new path."""
        self._modes = {(owner, moved(each, path, new_path)): mode for (owner, each), mode in self._modes.items()}

    def drop(self, path: str) -> None:
        """Forget a notebook, or all in a folder."""
        self._modes = {key: mode for key, mode in self._modes.items() if not is_within(key[1], path)}
