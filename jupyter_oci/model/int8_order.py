"""The order in which oneDNN's 8-bit kernel reads its weights: as `qlinear_prepack` makes it, thirty times as fast.

Its own reordering goes byte by byte: 12 CPU seconds for 1.5 billion weights. The first matrix of a shape goes through it, and the
next are ordered here if that comes to the same bytes.
"""

from __future__ import annotations

import ctypes
from typing import Final
from weakref import WeakValueDictionary

import numpy as np
import torch

# A block is 64 outputs by 16 times 4 inputs; after all blocks come the sums that a zero point is taken off by.
_OUT, _IN, _TOGETHER = 64, 16, 4

_ordered_before: Final = WeakValueDictionary[torch.Size, torch.Tensor]()


def in_kernel_order(codes: torch.Tensor) -> torch.Tensor:
    """Order int8 `[out, in]` for the kernel."""
    if (like := _ordered_before.get(codes.shape)) is not None:
        another = like.clone()
        _write(codes, _bytes_of(another))
        return another
    ordered: torch.Tensor = torch.ops.onednn.qlinear_prepack(codes, None)
    if _is_as_here(codes, ordered):
        _ordered_before[codes.shape] = ordered
    return ordered


def _is_as_here(codes: torch.Tensor, ordered: torch.Tensor) -> bool:
    num_out, num_in = codes.shape
    if num_out % _OUT or num_in % (_IN * _TOGETHER):
        return False
    here = torch.empty(codes.numel() + 4 * num_out, dtype=torch.int8)
    _write(codes, here)
    try:
        return torch.equal(_bytes_of(ordered), here)
    except AttributeError:  # a torch that does not say where they are
        return False


def _write(codes: torch.Tensor, room: torch.Tensor) -> None:
    pieces = codes.view(torch.int32).view(-1, _OUT, codes.shape[1] // _TOGETHER // _IN, _IN)
    room[: codes.numel()].view(torch.int32).view(len(pieces), -1, _IN, _OUT).copy_(pieces.permute(0, 2, 3, 1))
    sums = torch.from_numpy(np.add.reduce(codes.numpy(), axis=1, dtype=np.int32))
    torch.neg(sums, out=room[codes.numel() :].view(torch.int32))


def _bytes_of(ordered: torch.Tensor) -> torch.Tensor:
    """Give what torch knows no storage of."""
    size, address = torch.ops.mkldnn._nbytes(ordered), torch.ops.mkldnn.data_ptr(ordered)
    return torch.from_numpy(np.ctypeslib.as_array((ctypes.c_int8 * size).from_address(address)))
