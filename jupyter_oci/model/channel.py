"""Frames between the server and the model's process: JSON objects, each with its length before it."""

from __future__ import annotations

import json
import struct
import threading
from typing import Any, BinaryIO

Frame = dict[str, Any]

_LENGTH = struct.Struct(">I")


class Channel:
    """Two ends of pipes. Any thread may send; one thread receives."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self._reader = reader
        self._writer = writer
        self._sending = threading.Lock()

    def send(self, frame: Frame) -> None:
        """Send a frame whole.

        Raises:
            OSError: the other end is gone.
        """
        body = json.dumps(frame).encode("ascii")
        with self._sending:
            self._writer.write(_LENGTH.pack(len(body)) + body)
            self._writer.flush()

    def receive(self) -> Frame | None:
        """Wait for the next frame; None: the other end is gone."""
        head = self._reader.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack(head)
        body = self._reader.read(length)
        if len(body) < length:
            return None
        frame: Frame = json.loads(body)
        return frame

    def close(self) -> None:
        """Close both ends; what was not flushed is lost."""
        for end in (self._writer, self._reader):
            try:
                end.close()
            except OSError:
                continue
