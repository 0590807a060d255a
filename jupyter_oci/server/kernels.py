"""The server's live kernels, as the agent uses them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any

from jupyter_core.utils import ensure_async

from ..config import KernelConfig
from ..errors import KernelNotFound
from ..kernel.session import KernelSession

_BEHIND_GATEWAY = (
    "This kernel runs behind a gateway, where the agent cannot reach it. Ask in a notebook with a kernel of this server."
)


class ServerKernel:
    """A kernel of the server, by id: a `KernelControl` that works from any thread. Made on the event loop."""

    def __init__(self, kernels: Any, kernel_id: str) -> None:
        self._kernels = kernels
        self._kernel_id = kernel_id
        self._loop = asyncio.get_running_loop()

    def session(self, config: KernelConfig, is_limited: Callable[[], bool] = lambda: True) -> KernelSession:
        """Connect to it, for one run: it takes some 20 ms, and an idle connection would pile up what the user prints.

        A cell may run for as long as the limits say while it `is_limited`.

        Raises:
            KernelNotFound: the kernel has been shut down, or is behind a gateway.
        """
        kernel = self._find()
        if kernel is None:
            raise KernelNotFound("The notebook's kernel is not running any more. Start a kernel and ask again.")
        connection = kernel.get_connection_info()
        if connection.get("transport", "tcp") == "tcp" and not connection.get("shell_port"):
            raise KernelNotFound(_BEHIND_GATEWAY)
        return KernelSession(connection, self, config, is_limited)

    def interrupt(self) -> None:
        """Interrupt the kernel, by signal or by message as its kind wants it."""
        done: Future[Any] = asyncio.run_coroutine_threadsafe(self._interrupt(), self._loop)
        done.add_done_callback(lambda future: future.cancelled() or future.exception())

    def incarnation(self) -> Hashable | None:
        """Name the process that answers now; None when none does.

        A local kernel is its process. Of another one (started elsewhere by its provisioner) only its manager is known, which
        makes a new `ready` future at each start.
        """
        kernel = self._find()
        if kernel is None or not kernel.has_kernel:
            return None
        process = getattr(kernel.provisioner, "process", None)
        if process is None:
            ready: Hashable = kernel.ready
            return ready
        return int(process.pid) if process.poll() is None else None

    async def _interrupt(self) -> None:
        await ensure_async(self._kernels.interrupt_kernel(self._kernel_id))

    def _find(self) -> Any:
        # get_kernel of the server's manager raises an HTTP error where there is no kernel
        return self._kernels.get_kernel(self._kernel_id) if self._kernel_id in self._kernels else None
