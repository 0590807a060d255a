"""A process that hosts a model and times the replies it is asked for; a JSON object a line, each way."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ....errors import OCIError


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a reply took, from one token to the next at most, and the tokens it was made of."""

    first_token_seconds: float
    longest_wait_seconds: float
    seconds: float
    tokens: list[int]

    @property
    def decode_rate(self) -> float:
        """Tokens per second after the first one."""
        return (len(self.tokens) - 1) / (self.seconds - self.first_token_seconds)


class Engine:
    """One such process; it is started, and its model loaded, at once. `load_seconds` counts from nothing to ready.

    `variables` are those of its environment that are others than ours.
    """

    def __init__(self, title: str, command: Sequence[str], variables: Mapping[str, str] = {}) -> None:
        self.title = title
        self._command = command
        started = time.perf_counter()
        self._complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115 - open as long as the process
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            env={**os.environ, **variables},
        )
        self.facts = self._answer()
        self.load_seconds = time.perf_counter() - started

    def reply(self, tokens: Sequence[int], num_tokens: int, drafts: Sequence[Sequence[int]] | None = ()) -> Timing:
        """Have `num_tokens` tokens decoded greedily after a prompt, whatever they are; `drafts` None: without drafts."""
        asked = {"do": "reply", "tokens": list(tokens), "num_tokens": num_tokens}
        return Timing(**self.ask(**asked, drafts=None if drafts is None else list(map(list, drafts))))

    def ask(self, **request: Any) -> Any:
        """Send a request and wait for its answer.

        Raises:
            OCIError: the process ended.
        """
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # said where no answer comes
            print(json.dumps(request), file=self._process.stdin, flush=True)
        return self._answer()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._complaints.close()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._complaints.seek(0)
            reason = (self._complaints.read().strip() or "without a word").splitlines()[-1]
            self.close()
            raise OCIError(f"The measured process of {self.title} ended ({reason}). It was `{' '.join(self._command)}`.")
        return json.loads(line)
