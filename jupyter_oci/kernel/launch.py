"""A kernel of our own, as a context manager."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from subprocess import DEVNULL

import psutil
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import KernelManager

from ..config import KernelConfig
from ..errors import KernelNotFound
from .session import DEFAULTS, KernelSession


class OwnKernel:
    """A jupyter_client KernelManager as KernelControl: each process of the kernel is an incarnation."""

    def __init__(self, manager: KernelManager) -> None:
        self._manager = manager

    def interrupt(self) -> None:
        """Interrupt what the kernel runs now; a dead one is left alone."""
        if self.incarnation() is not None:
            self._manager.interrupt_kernel()

    def incarnation(self) -> Hashable | None:
        """Give the process's id and start; None once it has ended, even if nobody has waited for it yet.

        The manager's own `is_alive` would open an event loop in every thread that asks.
        """
        pid = getattr(self._manager.provisioner, "pid", None)
        if pid is None:
            return None
        try:
            process = psutil.Process(pid)
            alive = process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return (process.pid, process.create_time()) if alive else None


@contextmanager
def launch_kernel(
    config: KernelConfig = DEFAULTS, cwd: Path | None = None, kernel_name: str = "python3"
) -> Iterator[KernelSession]:
    """Start a kernel in `cwd`, give a session on it, and shut it down in the end.

    Raises:
        KernelNotFound: there is no such kernel, or it cannot be started.
    """
    with running_kernel(cwd, kernel_name) as open_session, open_session(config) as session:
        yield session


@contextmanager
def running_kernel(cwd: Path | None = None, kernel_name: str = "python3") -> Iterator[Callable[[KernelConfig], KernelSession]]:
    """Start a kernel in `cwd`, give what opens sessions on it, each with limits of its own; see `launch_kernel`."""
    manager = KernelManager(kernel_name=kernel_name)
    try:
        manager.start_kernel(cwd=str(cwd or Path.cwd()), stdout=DEVNULL, stderr=DEVNULL)
    except (NoSuchKernel, OSError) as error:
        raise KernelNotFound(f"The kernel {kernel_name!r} cannot be started ({error}). Install it, or choose another.") from error
    try:
        yield partial(KernelSession, manager.get_connection_info(), OwnKernel(manager))
    finally:
        manager.shutdown_kernel(now=True)
