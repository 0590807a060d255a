"""Writes a file of safetensors tensor by tensor, so that no more than one has to be in memory."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import torch

from .weights_file import DTYPES, HEADER, LENGTH, PART

_ENTRY: Final = 256  # bytes of the header that a tensor's name, type, shape and place have room in
_NAMES: Final = {dtype: name for name, dtype in DTYPES.items()}


class WeightsWriter:
    """Writes a new file of `num_tensors` tensors at most; closed, it has its header, and `checksums` has what tells damage to it.

    The header comes last, into room that is left for it in front; what it does not fill are blanks.
    """

    def __init__(self, path: Path, num_tensors: int) -> None:
        self.checksums: dict[str, int] = {}
        self._header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
        self._room = _ENTRY * (num_tensors + 1)
        self._end = 0
        self._file = path.open("wb")
        self._file.seek(LENGTH + self._room)

    def __enter__(self) -> WeightsWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._file:
            if error is None:
                self._write_header()

    def add(self, name: str, tensor: torch.Tensor) -> None:
        """Write a tensor behind the others."""
        content = tensor.contiguous().view(-1).view(torch.uint8).numpy().data
        checksum = 0
        for start in range(0, len(content), PART):
            part = content[start : start + PART]
            checksum = zlib.crc32(part, checksum)
            self._file.write(part)
        end = self._end + len(content)
        self._header[name] = {"dtype": _NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [self._end, end]}
        self.checksums[name], self._end = checksum, end

    def _write_header(self) -> None:
        header = json.dumps(self._header).encode().ljust(self._room)
        assert len(header) == self._room, "there are more tensors than were told of"
        self.checksums[HEADER] = zlib.crc32(header)
        self._file.seek(0)
        self._file.write(len(header).to_bytes(LENGTH, "little") + header)
