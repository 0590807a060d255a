"""Threads that share the work of one operation, where torch's own kernels are slow."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import torch

from . import kernels
from .simd import lanes

_PATIENT: Final = 100_000  # looks, some milliseconds: longer than what comes between two jobs of a step that is the team's alone
_IMPATIENT: Final = 300  # some microseconds: between two jobs, torch's threads want the cores
_SHARES: Final = 8  # for each thread: none waits long for one that was held up

Job = tuple[int, ...]
States = tuple[torch.Tensor, torch.Tensor]


class Team:
    """Computes in the thread that asks, one job at a time, and in helpers.

    A job is the numbers that `kernels` read. The methods that make one take tensors, which must outlive it, and may be done
    again and again; it is for the time of one run that it uses `room`.
    """

    def __init__(self) -> None:
        control = torch.zeros(kernels.CONTROL_BYTES + 64, dtype=torch.uint8)
        self._block = control[-control.data_ptr() % 64 :][: kernels.CONTROL_BYTES]
        self._control = self._block.data_ptr()
        self._numbers = self._block.view(torch.int64).numpy()
        self._job = np.zeros(kernels.NUM_ARGUMENTS, np.int64)
        self._job_address = self._job.ctypes.data
        self._room = torch.empty(0, dtype=torch.uint8)
        self._helpers: list[_Helper] = []
        self.num_threads = 1

    def set_num_threads(self, number: int, *, alone: bool = True) -> None:
        """Have so many threads work from now on, `alone` or between products that are computed by torch's own."""
        while len(self._helpers) < number - 1:
            self._helpers.append(_Helper(self._block, len(self._helpers) + 1))
        self.num_threads = number
        self._numbers[kernels.HELPERS // 8] = number - 1
        self._numbers[kernels.PATIENCE // 8] = _PATIENT if alone else _IMPATIENT

    def run(self, job: Job) -> None:
        """Do a job."""
        self._job[: len(job)] = job
        self.run_all(self._job_address, 1)

    def run_all(self, address: int, num_jobs: int) -> None:
        """Do jobs one after the other, which are int64 `[num_jobs, NUM_ARGUMENTS]` at an address."""
        for helper in self._helpers[: self.num_threads - 1]:
            helper.wake()
        kernels.run_jobs(self._control, address, num_jobs)

    @property
    def most_threads(self) -> int:
        """Count the threads that may work, with the one that asks."""
        return 1 + len(self._helpers)

    @property
    def layout(self) -> tuple[int, int]:
        """Give what jobs depend on that were made for later: where their room is, and for how many threads."""
        return self._room.data_ptr(), self.most_threads

    def room(self, num_bytes: int) -> int:
        """Give the address of so many bytes at least; it stays the same until more are asked for."""
        if self._room.numel() < num_bytes:
            self._room = torch.empty(2 * num_bytes, dtype=torch.uint8)
        return self._room.data_ptr()

    def product(self, inputs: torch.Tensor, weights: torch.Tensor, scales: torch.Tensor, outputs: torch.Tensor) -> Job:
        """Multiply bf16 `[rows, in]` by an `Int4Weight`'s codes and scales into bf16 `[rows, out]`."""
        num_rows, num_inputs = inputs.shape
        num_blocks, num_groups = scales.shape[:2]
        room = self.room(num_rows * (num_inputs + 8 * num_groups))
        addresses = weights.data_ptr(), scales.data_ptr(), room, room + num_rows * num_inputs, outputs.data_ptr()
        shares = self._shares(num_blocks)
        return kernels.PRODUCT, shares, *addresses, num_groups, num_blocks, num_rows, inputs.data_ptr()

    def attention(
        self, query: torch.Tensor, states: States, outputs: torch.Tensor, first: int, window: int, scaling: float
    ) -> Job:
        """Attend from rows at the positions from `first` on, each to `window` states up to its own.

        `query` and `outputs` are bf16 `[rows, heads, head_dim]`. Of the states there are keys, `[groups, head_dim, states]`, and
        values, `[groups, states, head_dim]`; the last dimension of all is contiguous, and the states are whole blocks.
        """
        num_rows, num_heads, head_dim = query.shape
        key, value = states
        together, parts = self._heads_together(num_rows * len(key), num_heads // len(key))
        room = kernels.attention_room(together, head_dim, key.shape[2])
        sizes = room, num_heads, len(key), head_dim, first, window
        strides = [2 * stride for tensor in (query, key, value) for stride in tensor.stride()[:2]]
        rooms = self.room(room * self.most_threads)
        addresses = query.data_ptr(), key.data_ptr(), value.data_ptr(), outputs.data_ptr(), rooms
        bits = int(torch.tensor(scaling).view(torch.int32))
        return kernels.ATTENTION, num_rows * len(key) * parts, *addresses, *sizes, *strides, bits, together

    def _heads_together(self, num_groups: int, num_heads: int) -> tuple[int, int]:
        """Say how many of a group's heads read its states together, and in how many parts: enough for all threads."""
        parts = max(-(-num_heads // kernels.HEADS_TOGETHER), min(num_heads, -(-self.most_threads // num_groups)))
        together = -(-num_heads // parts)
        return together, -(-num_heads // together)

    def rows(
        self,
        operation: int,
        product: Sequence[torch.Tensor | None],
        outputs: torch.Tensor,
        greatest: torch.Tensor | None,
        *more: int,
    ) -> Job:
        """Do an operation of `row_kernels` on each row of a product: its values, its inputs' greatest ones and its bias.

        The result goes to `outputs`, bf16; with `greatest` it is rounded to codes, uint8. `more` are what this operation needs.
        """
        values = product[0]
        assert values is not None
        num_rows, num_columns = values.shape
        sources = [0 if tensor is None else tensor.data_ptr() for tensor in product]
        kept = 0 if greatest is None else greatest.data_ptr()
        rooms = self.room(4 * num_columns * self.most_threads)
        shares = self._shares(num_rows)
        return kernels.ROWS, shares, operation, num_rows, *sources, num_columns, outputs.data_ptr(), kept, rooms, *more

    def _shares(self, most: int) -> int:
        return min(most, _SHARES * self.most_threads)


class _Helper:
    """A thread that looks for shares while it is awake, and sleeps when there were none for a while."""

    def __init__(self, control: torch.Tensor, number: int) -> None:
        self._asleep = True
        self._alarm = threading.Event()
        threading.Thread(target=self._serve, args=(control, number), name=f"team-{number}", daemon=True).start()

    def wake(self) -> None:
        if self._asleep:
            self._asleep = False
            self._alarm.set()

    def _serve(self, control: torch.Tensor, number: int) -> None:
        while True:
            self._alarm.wait()
            self._alarm.clear()
            kernels.help_out(control.data_ptr(), number)
            self._asleep = True


@lru_cache(maxsize=1)
def team() -> Team | None:
    """Give this process's team; None where the CPU lacks the instructions that its work is written in."""
    return Team() if lanes() else None
