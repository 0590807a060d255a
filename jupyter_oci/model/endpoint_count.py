"""Tokens of texts: counted by the model server, or estimated where it does not count."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Sequence

from ..errors import ModelError
from . import endpoint_errors as errors
from .endpoint_facts import Facts, counting_body, read_counts
from .endpoint_http import Access

_AT_ONCE = 8
_KEPT = 4096
_PAUSE = 60.0  # seconds

# Four letters to a token, with the blank before them; each digit, sign, line end and the last of other blanks is one.
_PIECES = re.compile(r" ?[A-Za-z]{1,4}|[0-9]|[!-/:-@\[-`{-~]|[\x00-\x1f\x7f]| +(?= )| |[^\x00-\x7f]")


def estimate(text: str) -> int:
    """Estimate the tokens of a text, rather too many than too few; beyond ASCII a character has a token less than bytes."""
    return sum(1 if piece.isascii() else len(piece.encode("utf-8", "replace")) - 1 or 1 for piece in _PIECES.findall(text))


class Counts:
    """Counts of texts by the server, remembered: a run counts most texts several times.

    A server that fails to count is left alone for a minute: an estimate does as well, and nobody waits for it.
    """

    def __init__(self) -> None:
        self._known: dict[str, int] = {"": 0}
        self._failed = -_PAUSE

    async def of(self, texts: Sequence[str], facts: Facts, access: Access) -> AsyncGenerator[list[int], None]:
        """Give the counts, once, with estimates for what the server does not count. Shape: as `texts`."""
        known = self._known = self._known if len(self._known) < _KEPT else {"": 0}
        unknown = [text for text in dict.fromkeys(texts) if text not in known]
        if unknown and time.monotonic() - self._failed >= _PAUSE:
            try:
                await _count(unknown, known, facts, access)
            except ModelError:
                self._failed = time.monotonic()
        yield [known[text] if text in known else estimate(text) for text in texts]


async def _count(texts: Sequence[str], known: dict[str, int], facts: Facts, access: Access) -> None:
    """Have each text counted, and add its count to the `known`.

    Raises:
        ModelError: the server does not count them all.
    """
    gate = asyncio.Semaphore(_AT_ONCE)
    async with access.client() as client:

        async def one(text: str) -> None:
            async with gate:
                count = read_counts(await access.ask(client, "POST", facts.counting, counting_body(facts.model, text)))
            if count is None:
                raise errors.not_the_api(access.address)
            known[text] = count

        await asyncio.gather(*map(one, texts))
