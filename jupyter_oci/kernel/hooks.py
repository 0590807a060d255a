"""Runs inside the user's kernel: find its shell, and keep the user's hooks from running after a request of ours.

The source of this file is sent to the kernel with that of the probe, and needs nothing but the standard library.
"""

from __future__ import annotations

import sys
import threading
from typing import Any


class QuietEvents:
    """Stands in for the shell's events until our own request has passed.

    Hooks that run after a cell are for the user's cells: matplotlib's would show and close a figure half drawn.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._events = shell.events
        self._thread = threading.get_ident()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._events, name)

    def trigger(self, event: str, *args: Any, **kwargs: Any) -> None:
        """Run the hooks of other threads' cells, and none of ours."""
        if threading.get_ident() != self._thread:
            self._events.trigger(event, *args, **kwargs)
        elif event == "post_execute":
            self._shell.events = self._events


def current_shell() -> Any:
    """Give the IPython shell; the user may have given the name `get_ipython` to something else."""
    return sys.modules["IPython"].get_ipython()


def skip_hooks() -> None:
    """Keep hooks from running after this very request."""
    shell = current_shell()
    shell.events = QuietEvents(shell)
