"""Tokens of texts: counted by the model server, or estimated where it does not count."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence

from . import endpoint_errors as errors
from .endpoint_facts import Facts, counting_body, read_counts
from .endpoint_http import Access

_AT_ONCE = 8
_KEPT = 4096

# Four letters to a token, with the blank before them; each digit, sign, line end and the last of other blanks is one.
_PIECES = re.compile(r" ?[A-Za-z]{1,4}|[0-9]|[!-/:-@\[-`{-~]|[\x00-\x1f\x7f]| +(?= )| |[^\x00-\x7f]")


def estimate(text: str) -> int:
    """Estimate the tokens of a text, rather too many than too few; beyond ASCII a character has a token less than bytes."""
    return sum(1 if piece.isascii() else len(piece.encode("utf-8", "replace")) - 1 or 1 for piece in _PIECES.findall(text))


class Counts:
    """Counts of texts by the server, remembered: a run counts most texts several times."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {"": 0}

    async def of(self, texts: Sequence[str], facts: Facts, access: Access) -> AsyncGenerator[list[int], None]:
        """Give the counts, once. Shape: as `texts`.

        Raises:
            ModelError: the server does not count any more.
        """
        known = self._known if len(self._known) < _KEPT else {"": 0}
        unknown = [text for text in dict.fromkeys(texts) if text not in known]
        if unknown:
            known = {**known, **dict(zip(unknown, await _counted(unknown, facts, access), strict=True))}
        self._known = known
        yield [known[text] for text in texts]


async def _counted(texts: Sequence[str], facts: Facts, access: Access) -> list[int]:
    gate = asyncio.Semaphore(_AT_ONCE)
    async with access.client() as client:

        async def one(text: str) -> int:
            async with gate:
                count = read_counts(await access.ask(client, "POST", facts.counting, counting_body(facts.model, text)))
            if count is None:
                raise errors.not_the_api(access.address)
            return count

        return await asyncio.gather(*map(one, texts))
