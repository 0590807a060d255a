"""Threads that share the work of one operation, where torch's own kernels are slow."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Final

import torch

from . import kernels
from .simd import lanes

_PATIENCE: Final = 100_000  # looks, some milliseconds: longer than what comes between two operations of a step
_SHARES: Final = 8  # for each thread: none waits long for one that was held up


class Team:
    """Computes operations of narrow steps in the thread that asks, one at a time, and in helpers."""

    def __init__(self) -> None:
        control = torch.zeros(kernels.CONTROL_BYTES + 64, dtype=torch.uint8)
        self._block = control[-control.data_ptr() % 64 :][: kernels.CONTROL_BYTES]
        self._control = self._block.data_ptr()
        self._numbers = self._block.view(torch.int64).numpy()
        self._arguments = self._numbers[kernels.ARGUMENTS // 8 :]
        self._scratch = torch.empty(0, dtype=torch.uint8)
        self._helpers: list[_Helper] = []
        self.num_threads = 1

    def set_num_threads(self, number: int) -> None:
        """Have so many threads work from now on."""
        while len(self._helpers) < number - 1:
            self._helpers.append(_Helper(self._block, len(self._helpers) + 1))
        self.num_threads = number
        self._numbers[kernels.HELPERS // 8] = number - 1

    def multiply(self, inputs: torch.Tensor, weights: torch.Tensor, scales: torch.Tensor) -> torch.Tensor:
        """Multiply bf16 `[rows, in]` by an `Int4Weight`'s codes and scales into bf16 `[rows, out]`."""
        inputs = inputs.contiguous()
        num_rows, num_inputs = inputs.shape
        num_blocks, num_groups = scales.shape[:2]
        outputs = torch.empty(num_rows, scales.shape[0] * scales.shape[3], dtype=torch.bfloat16)
        scratch = self._room(num_rows * (num_inputs + 8 * num_groups))
        shares = min(num_blocks, _SHARES * self.num_threads)
        addresses = weights.data_ptr(), scales.data_ptr(), scratch, scratch + num_rows * num_inputs, outputs.data_ptr()
        self._run(kernels.PRODUCT, shares, *addresses, num_groups, num_blocks, num_rows, inputs.data_ptr())
        return outputs

    def attend(
        self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, first: int, window: int, scaling: float
    ) -> torch.Tensor:
        """Attend from rows at the positions from `first` on, each to `window` states up to its own.

        `query` is bf16 `[heads, rows, head_dim]`, `key` `[groups, head_dim, states]`, `value` `[groups, states, head_dim]`, their
        last dimensions contiguous, and the states whole blocks. Gives bf16 `[rows, heads, head_dim]`.
        """
        num_heads, num_rows, head_dim = query.shape
        outputs = torch.empty(num_rows, num_heads, head_dim, dtype=torch.bfloat16)
        room = 4 * (head_dim + key.shape[2])
        sizes = room, num_heads, len(key), head_dim, first, window
        strides = [2 * stride for tensor in (query.transpose(0, 1), key, value) for stride in tensor.stride()[:2]]
        scratch = self._room(room * (1 + len(self._helpers)))
        addresses = query.data_ptr(), key.data_ptr(), value.data_ptr(), outputs.data_ptr(), scratch
        bits = int(torch.tensor(scaling).view(torch.int32))
        self._run(kernels.ATTENTION, num_rows * num_heads, *addresses, *sizes, *strides, bits)
        return outputs

    def round_rows(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Round bf16 `[rows, in]` to uint8 codes, 128 for zero and 127 steps to a row's greatest value, fp32 `[rows, 1]`."""
        rows = rows.contiguous()
        codes, greatest = torch.empty(rows.shape, dtype=torch.uint8), torch.empty(len(rows), 1)
        addresses = rows.data_ptr(), codes.data_ptr(), greatest.data_ptr()
        self._run(kernels.ROUNDING, self._row_shares(rows), *addresses, rows.shape[1], len(rows))
        return codes, greatest

    def scale_rows(self, sums: torch.Tensor, greatest: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        """Multiply fp32 `[rows, out]` by fp32 `[rows, 1]`, add fp32 `[out]`; give bf16."""
        outputs = torch.empty(sums.shape, dtype=torch.bfloat16)
        addresses = sums.data_ptr(), greatest.data_ptr(), 0 if bias is None else bias.data_ptr(), outputs.data_ptr()
        self._run(kernels.SCALING, self._row_shares(sums), *addresses, sums.shape[1], len(sums))
        return outputs

    def _row_shares(self, matrix: torch.Tensor) -> int:
        return min(len(matrix), _SHARES * self.num_threads)

    def _run(self, *arguments: int) -> None:
        self._arguments[: len(arguments)] = arguments
        for helper in self._helpers[: self.num_threads - 1]:
            helper.wake()
        kernels.run(self._control)

    def _room(self, num_bytes: int) -> int:
        """Give the address of so many bytes, for the time of one operation."""
        if self._scratch.numel() < num_bytes:
            self._scratch = torch.empty(2 * num_bytes, dtype=torch.uint8)
        return self._scratch.data_ptr()


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
            kernels.help_out(control.data_ptr(), number, _PATIENCE)
            self._asleep = True


@lru_cache(maxsize=1)
def team() -> Team | None:
    """Give this process's team; None where the CPU lacks the instructions that its work is written in."""
    return Team() if lanes() else None
