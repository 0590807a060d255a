"""A kernel that the server reaches through a gateway has no ports here."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jupyter_oci.config import KernelConfig
from jupyter_oci.errors import KernelNotFound
from jupyter_oci.server.kernels import ServerKernel


class Kernels:
    """The part of a kernel manager that is asked, for one kernel."""

    def __init__(self, connection: dict[str, Any]) -> None:
        self._connection = connection

    def __contains__(self, kernel_id: str) -> bool:
        return kernel_id == "here"

    def get_kernel(self, kernel_id: str) -> Kernels:
        return self

    def get_connection_info(self) -> dict[str, Any]:
        return self._connection


def test_it_is_said_at_once_that_it_cannot_be_reached() -> None:
    async def session() -> None:
        kernel = ServerKernel(Kernels({"transport": "tcp", "ip": "127.0.0.1", "shell_port": 0}), "here")
        with pytest.raises(KernelNotFound, match="behind a gateway"):
            kernel.session(KernelConfig())

    asyncio.run(session())
