"""KernelSecret: what a server and the kernels that it starts know, and nobody else.

A kernel cannot use the server's token: with a password there is none. So the server puts a secret into its own environment,
which its kernels inherit. It opens the routes of the magics and nothing else.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass

VARIABLE = "JUPYTER_OCI_KERNEL_SECRET"
HEADER = "X-Jupyter-OCI-Secret"


@dataclass(frozen=True, slots=True)
class KernelSecret:
    """The secret of the server whose process is `pid`."""

    pid: int
    value: str

    @classmethod
    def issue(cls, pid: int, environment: MutableMapping[str, str]) -> KernelSecret:
        """Make one and leave it where kernels inherit it."""
        secret = cls(pid, secrets.token_urlsafe(32))
        environment[VARIABLE] = f"{pid}:{secret.value}"
        return secret

    @classmethod
    def inherited(cls, environment: Mapping[str, str]) -> KernelSecret | None:
        """Read the one that a kernel was started with; None outside a kernel of such a server."""
        pid, _, value = environment.get(VARIABLE, "").partition(":")
        return cls(int(pid), value) if pid.isdecimal() and value else None

    def opens(self, presented: str) -> bool:
        """Compare, in a time that tells nothing."""
        return hmac.compare_digest(presented.encode(), self.value.encode())

    def withdraw(self, environment: MutableMapping[str, str]) -> None:
        """Take it out of the environment, unless a later server has put in its own."""
        if environment.get(VARIABLE) == f"{self.pid}:{self.value}":
            del environment[VARIABLE]
