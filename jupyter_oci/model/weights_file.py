"""A file of safetensors, each of whose tensors is compared with its checksum while it is read."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any, Final

import torch

HEADER: Final = ""  # the name that the header's checksum goes by
PART: Final = 1 << 20  # bytes that are read and summed at a time: they stay in the CPU's cache
LENGTH: Final = 8  # bytes before the header, which tell how long it is
_LONGEST: Final = 100 << 20  # bytes of a header
DTYPES: Final = {
    "BF16": torch.bfloat16,
    "F32": torch.float32,
    "I8": torch.int8,
    "U8": torch.uint8,
    "I32": torch.int32,
    "I64": torch.int64,
}

Checksums = Mapping[str, int]  # CRC-32 by the name of a tensor: they tell damage, not a forgery


class DamagedWeights(Exception):  # noqa: N818 - not yet an error: they are made again
    """A file does not hold what was written to it."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} is damaged")
        self.file = file


class WeightsFile:
    """The tensors of a file, by name. Any thread may read."""

    def __init__(self, path: Path, checksums: Checksums) -> None:
        """Look at its header.

        Raises:
            DamagedWeights: it is not as it was written, as far as the header and the size tell.
        """
        self._path = path
        self._checksums = checksums
        try:
            with path.open("rb") as file:
                header = _header(file)
        except (OSError, ValueError) as error:
            raise DamagedWeights(path) from error
        if zlib.crc32(header) != checksums.get(HEADER):
            raise DamagedWeights(path)
        self._tensors = _tensors(header)
        self._start = LENGTH + len(header)
        if path.stat().st_size != self._start + max(tensor["data_offsets"][1] for tensor in self._tensors.values()):
            raise DamagedWeights(path)

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def tensor(self, *names: str) -> torch.Tensor:
        """Read a tensor, or several as one that are joined in their first dimension.

        Raises:
            DamagedWeights: one is not what was written.
        """
        shapes, dtype = [self._tensors[name]["shape"] for name in names], self._tensors[names[0]]["dtype"]
        shape = [sum(shape[0] for shape in shapes), *shapes[0][1:]] if shapes[0] else []
        tensor = torch.empty(shape, dtype=DTYPES[dtype])
        room, start = tensor.view(-1).view(torch.uint8).numpy().data, 0
        with self._path.open("rb") as file:
            for name in names:
                begin, end = self._tensors[name]["data_offsets"]
                file.seek(self._start + begin)
                if _read(file, room[start : start + end - begin]) != self._checksums.get(name):
                    raise DamagedWeights(self._path)
                start += end - begin
        return tensor


def _header(file: BufferedReader) -> bytes:
    length = int.from_bytes(file.read(LENGTH), "little")
    if length > _LONGEST:
        raise ValueError
    return file.read(length)


def _tensors(header: bytes) -> dict[str, Any]:
    """Give dtype, shape and place of each tensor by its name."""
    return {name: tensor for name, tensor in json.loads(header).items() if name != "__metadata__"}


def _read(file: BufferedReader, room: memoryview) -> int:
    """Fill `room` from a file, as far as that goes; give the checksum of what there is then."""
    checksum = 0
    for start in range(0, len(room), PART):
        part = room[start : start + PART]
        file.readinto(part)
        checksum = zlib.crc32(part, checksum)
    return checksum
