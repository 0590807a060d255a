"""The models that a server offers, as entries of a catalogue."""

from __future__ import annotations

import asyncio

from ..errors import ModelError
from .catalogue import ModelSpec
from .endpoint_facts import listed, window_in
from .endpoint_http import Access


def list_models(access: Access, patience: float) -> list[ModelSpec]:
    """Ask the server for its models; blocks for `patience` seconds at most. Not to be called where an event loop runs.

    Raises:
        ModelError: it does not say.
    """
    try:
        return asyncio.run(asyncio.wait_for(_specs(access), patience))
    except asyncio.TimeoutError as error:
        raise ModelError(f"The model server at {access.address.host} did not answer for {patience:.0f} s.") from error


async def _specs(access: Access) -> list[ModelSpec]:
    async with access.client() as client:
        return [
            ModelSpec(
                name=str(access.address.named(entry["id"])),
                title=entry["id"].rpartition("/")[2],
                context_window=window_in(entry),
                host=access.address.host,
            )
            for entry in await listed(access, client)
        ]
