"""A reply as a model server streams it: pieces of text, why it ended, what it cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..events import StopReason
from . import endpoint_errors as errors
from .endpoint_address import Address


@dataclass(slots=True)
class Reply:
    """What has come so far. `usage` is as the server counts it, empty while or where it does not say."""

    address: Address
    pieces: list[str] = field(default_factory=list)
    finish_reason: str = ""
    usage: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Give the text."""
        return "".join(self.pieces)

    @property
    def stop_reason(self) -> StopReason:
        """Say why it ended.

        Raises:
            ModelError: it has no end.
        """
        if not self.finish_reason:
            raise errors.cut_off(self.address)
        return "length" if self.finish_reason == "length" else "stop"

    def take(self, chunk: Any) -> str:
        """Take a chunk in and give its text, empty when it has none: what a model thinks aloud is no part of its reply.

        Raises:
            ModelError: the chunk says that the server failed, or is none.
        """
        if not isinstance(chunk, dict):
            raise errors.not_the_api(self.address)
        if chunk.get("error"):
            raise errors.in_stream(chunk["error"], self.address)
        self.usage = chunk.get("usage") or self.usage
        choice: dict[str, Any] = next(iter(chunk.get("choices") or ()), {})
        self.finish_reason = choice.get("finish_reason") or self.finish_reason
        text = str((choice.get("delta") or {}).get("content") or "")
        if text:
            self.pieces.append(text)
        return text

    def count(self, name: str) -> int | None:
        """Give a count of the server's; None: it does not say."""
        value = self.usage.get(name)
        return value if isinstance(value, int) else None

    @property
    def cached_tokens(self) -> int:
        """Count the tokens of the prompt that needed no prefill, as far as the server says."""
        details = self.usage.get("prompt_tokens_details")
        return int(details.get("cached_tokens") or 0) if isinstance(details, dict) else 0
