"""The sockets to one kernel: requests go out, messages come in, and a kernel that died or was replaced is noticed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.session import Session

from ..errors import KernelDied, KernelRestarted
from .base import KernelControl

Channel = Literal["shell", "iopub", "control"]

CHANNELS: tuple[Channel, ...] = ("shell", "control", "iopub")
QUESTION = "comm_info_request"  # the lightest: for a kernel_info_request IPython draws from the user's random numbers
MAX_BATCH = 200
LIVENESS_INTERVAL = 0.2
DIED = "The kernel died or was shut down; its variables are gone. Run the cells above again in a new one, then ask again."
RESTARTED = "The kernel was restarted; its variables are gone. Run the cells above again, then ask again."


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message. `content` is still packed: a flood is counted without being unpacked. Buffers have been dropped."""

    channel: Channel
    msg_type: str
    parent_id: str
    sender: str
    metadata: dict[str, Any]
    content: bytes


class Connection:
    """A client of its own on the shell, control and iopub channels.

    It has its own session id: clients that share one share a ZMQ identity, and replies go to the wrong one. There is no stdin
    channel, so `input()` fails at once instead of hanging.
    """

    def __init__(self, info: Mapping[str, Any], control: KernelControl, redacted: str = "") -> None:
        self._control = control
        self._redacted = redacted.encode()
        self._session = Session()
        self._client = BlockingKernelClient(session=self._session)
        self._client.load_connection_info(cast("Any", dict(info)))
        self._client.start_channels(stdin=False, hb=False)
        self._sockets = {name: getattr(self._client, f"{name}_channel").socket for name in CHANNELS}
        self._poller = zmq.Poller()
        for socket in self._sockets.values():
            self._poller.register(socket, zmq.POLLIN)
        self._incarnation = control.incarnation()
        self._sender: str | None = None
        self._checked = 0.0

    def close(self) -> None:
        """Close the sockets; twice is a no-op."""
        if self._client.channels_running:
            self._client.stop_channels()

    def request(self, channel: Channel, msg_type: str, content: dict[str, Any], **header: str) -> str:
        """Send a request; return its msg_id. `header` adds fields to its header."""
        message = self._session.msg(msg_type, content)
        message["header"].update(header)
        self._session.send(self._sockets[channel], message)
        return str(message["header"]["msg_id"])

    def interrupt(self) -> None:
        """Interrupt the kernel, and wake its event loop: a top-level `await` sees the signal only at the next message."""
        self._control.interrupt()
        self.request("shell", QUESTION, {})

    def abandon(self) -> None:
        """Never again take this kernel for alive: it has said that it ends."""
        self._incarnation = None

    def receive(self, timeout: float) -> Iterator[Incoming]:
        """Give what has come within `timeout` seconds, at most `MAX_BATCH` messages; replies first.

        Raises:
            KernelDied, KernelRestarted: the process that we began with is gone.
        """
        self.check_alive()
        ready = dict(self._poller.poll(int(timeout * 1000)))
        for channel, socket in self._sockets.items():
            if socket in ready:
                yield from self._drain(channel, socket)

    def check_alive(self, *, at_once: bool = False) -> None:
        """Look whether the process is still the one that we began with, a few times a second.

        Raises:
            KernelDied, KernelRestarted: it is not.
        """
        now = time.monotonic()
        if not at_once and now - self._checked < LIVENESS_INTERVAL:
            return
        self._checked = now
        incarnation = self._control.incarnation()
        if incarnation is None or self._incarnation is None:
            raise KernelDied(DIED)
        if incarnation != self._incarnation:
            raise KernelRestarted(RESTARTED)

    def _drain(self, channel: Channel, socket: zmq.Socket[bytes]) -> Iterator[Incoming]:
        for _ in range(MAX_BATCH):
            try:
                frames = socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            message = self._read(channel, frames)
            if message is not None:
                yield message

    def _read(self, channel: Channel, frames: list[bytes]) -> Incoming | None:
        try:
            _, parts = self._session.feed_identities(frames)
            message = self._session.deserialize(parts, content=False)
        except (ValueError, TypeError, KeyError):
            return None  # not signed by this kernel, or a subscription notice
        header = message["header"]
        incoming = Incoming(
            channel=channel,
            msg_type=header["msg_type"],
            parent_id=message["parent_header"].get("msg_id", ""),
            sender=header["session"],
            metadata=message["metadata"],
            content=self._redact(bytes(message["content"])),
        )
        self._check_sender(incoming)
        return incoming

    def _redact(self, content: bytes) -> bytes:
        """Blot the secret out here, where everything comes in: it must not get into a journal, a prompt or a page."""
        return content.replace(self._redacted, b"*" * len(self._redacted)) if self._redacted else content

    def _check_sender(self, incoming: Incoming) -> None:
        """Every kernel process signs with a session id of its own; a shutdown is announced to all."""
        if self._sender is None:
            self._sender = incoming.sender
        if incoming.sender != self._sender:
            raise KernelRestarted(RESTARTED)
        if incoming.channel == "iopub" and incoming.msg_type == "shutdown_reply":
            restart = self.unpack(incoming).get("restart")
            raise KernelRestarted(RESTARTED) if restart else KernelDied(DIED)

    def unpack(self, incoming: Incoming) -> dict[str, Any]:
        """Unpack the content."""
        content: dict[str, Any] = self._session.unpack(incoming.content)
        return content
