"""Access: how a model server is asked, and how long it is waited for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, Union

import httpx

from ..errors import ModelError
from ..events import StatusChanged
from . import endpoint_errors as errors
from .endpoint_address import Address

Item = TypeVar("Item")

_TIMEOUT = httpx.Timeout(errors.SILENCE_SECONDS, connect=10.0, write=30.0)
_PAUSES = (1.0, 2.0, 4.0)
_LONGEST_PAUSE = 30.0
_LONGEST_LINE = 1 << 20
DONE = "[DONE]"


@dataclass(frozen=True, slots=True)
class Access:
    """An address and the key that opens it. No redirect is followed, and for this machine no proxy is asked."""

    address: Address
    key: str = field(default="", repr=False)
    tls: ssl.SSLContext = field(default_factory=httpx.create_ssl_context, repr=False)

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """Open connections for as long as this lasts; what goes wrong with them meanwhile is raised as a ModelError."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        trust = not self.address.is_local
        try:
            connections = httpx.AsyncClient(headers=headers, timeout=_TIMEOUT, verify=self.tls, trust_env=trust)
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise errors.of_proxies(error, self.address) from error
        try:
            async with connections as client:
                yield client
        except httpx.HTTPError as error:
            raise errors.of_connection(error, self.address) from error

    async def ask(self, client: httpx.AsyncClient, method: str, url: str, body: dict[str, Any] | None = None) -> Any:
        """Ask and give the JSON of the answer.

        Raises:
            ModelError: the server refuses, or answers something else.
        """
        response = await client.request(method, url, json=body)
        await self._check(response)
        try:
            return response.json()
        except ValueError as error:
            raise errors.not_the_api(self.address) from error

    async def events(self, client: httpx.AsyncClient, url: str, body: dict[str, Any]) -> AsyncGenerator[Any, None]:
        """Ask and give the JSON of each server-sent event as it comes, and at last `DONE` where the server says that it is.

        Raises:
            ModelError: as in `ask`.
        """
        async with client.stream("POST", url, json=body) as response:
            await self._check(response)
            if not response.headers.get("Content-Type", "").startswith("text/event-stream"):
                raise errors.not_the_api(self.address)
            async for data in _data(response):
                if data == DONE.encode():
                    yield DONE
                    return
                yield self._parsed(data)

    async def _check(self, response: httpx.Response) -> None:
        if not response.is_success:
            body, has_key = await response.aread(), bool(self.key)
            raise errors.of_status(response.status_code, body, response.headers, self.address, has_key=has_key)

    def _parsed(self, data: bytes | None) -> Any:
        try:
            return json.loads(data or b"")
        except ValueError as error:
            raise errors.not_the_api(self.address) from error


async def _data(response: httpx.Response) -> AsyncIterator[bytes | None]:
    """Give the data of each event, None for one that has no end. The last one may lack its line's end, if it is whole.

    Not by the library's own lines: those end at characters like U+2028 too, which the text of a reply may hold.
    """
    rest = b""
    async for block in response.aiter_bytes():
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()
        if len(rest) > _LONGEST_LINE:
            yield None
    if rest.startswith(b"data:") and rest.rstrip().endswith((b"}", b"]")):
        yield rest[5:].strip()


async def patiently(
    attempt: Callable[[], AsyncGenerator[Item, None]], address: Address
) -> AsyncGenerator[Union[Item, StatusChanged], None]:
    """Give what the attempt gives; while the server is overloaded or not there, try a few times more.

    An attempt that has given something is not repeated.
    """
    for pause in (*_PAUSES, None):
        begun = False
        try:
            async with contextlib.aclosing(attempt()) as items:
                async for item in items:
                    begun = True
                    yield item
            return
        except errors.Busy as busy:
            wait = busy.wait if busy.wait is not None else pause
            if begun or pause is None or wait is None or wait > _LONGEST_PAUSE:
                raise ModelError(str(busy)) from busy
        yield StatusChanged("queued", f"{address.host} does not answer or is overloaded; trying again in {wait:.0f} s")
        await asyncio.sleep(wait)
