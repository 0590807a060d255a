"""A reply as a model server streams it: pieces of text, why it ended, what it cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..events import StopReason
from . import endpoint_errors as errors
from .endpoint_address import Address
from .endpoint_http import DONE
from .thought import CLOSING, OPENING, Answer


@dataclass(slots=True)
class Reply:
    """What has come so far. `usage` is as the server counts it, empty while or where it does not say.

    `in_thought` says that the model always begins within a thought whose opening it does not write. `pieces` are all that it
    wrote, `has_begun` tells whether something of it belongs to the answer.
    """

    address: Address
    in_thought: bool = False
    pieces: list[str] = field(default_factory=list)
    finish_reason: str = ""
    usage: dict[str, Any] = field(default_factory=dict)
    has_begun: bool = False
    _reasoning: int = 0
    _answer: Answer | None = None

    @property
    def text(self) -> str:
        """Give all that the model wrote, its thoughts too."""
        return "".join(self.pieces)

    @property
    def stop_reason(self) -> StopReason:
        """Say why it ended.

        Raises:
            ModelError: it has no end, or no text for a reason that the user can do something about.
        """
        if not self.finish_reason:
            raise errors.cut_off(self.address)
        if not self.has_begun and (error := errors.without_answer(self.finish_reason, self.address)):
            raise error
        return "length" if self.finish_reason == "length" else "stop"

    @property
    def thought(self) -> int:
        """Count the characters of the thought that has come without an answer."""
        return self._reasoning + (self._answer.thought if self._answer else 0)

    @property
    def is_mere_thought(self) -> bool:
        """Whether the thought has used up the tokens that the reply might have."""
        return self.finish_reason == "length" and self.thought > 0 and not self.has_begun

    @property
    def began_in_thought(self) -> bool:
        """Whether the end of a thought stands in the reply and no beginning: other replies of the model are so too."""
        return CLOSING in self.text and OPENING not in self.text

    def take(self, chunk: Any) -> str:
        """Take a chunk in and give its text, empty when it has none: what a model thinks aloud is no part of its reply.

        Raises:
            ModelError: the chunk says that the server failed, or is none.
        """
        if chunk == DONE:
            self.finish_reason = self.finish_reason or ("stop" if self.pieces else "")
            return ""
        if not isinstance(chunk, dict):
            raise errors.not_the_api(self.address)
        if error := chunk.get("error") or ("message" in chunk and "choices" not in chunk and chunk):
            raise errors.in_stream(error, self.address)
        self.usage = chunk.get("usage") or self.usage
        choice: dict[str, Any] = next(iter(chunk.get("choices") or ()), {})
        self.finish_reason = choice.get("finish_reason") or self.finish_reason
        delta = choice.get("delta") or {}
        thought, text = _parts(delta.get("content"))
        self._think(str(delta.get("reasoning_content") or delta.get("reasoning") or thought))
        return self._answered(text)

    def rest(self) -> str:
        """Give the text that was held back up to the reply's end."""
        text = self._answer.finish(cut=self.finish_reason == "length") if self._answer else ""
        self.has_begun = self.has_begun or bool(text)
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

    def _think(self, text: str) -> None:
        """Take what the server has set apart as thought itself."""
        if text:
            self.pieces.append(text)
            self._reasoning += len(text)

    def _answered(self, text: str) -> str:
        """Give what of the text belongs to the answer: a server that sets thoughts apart leaves none in it."""
        if not text:
            return ""
        self.pieces.append(text)
        self._answer = self._answer or Answer(opened=self.in_thought and not self._reasoning)
        answer = self._answer.feed(text)
        self.has_begun = self.has_begun or bool(answer)
        return answer


def _parts(content: Any) -> tuple[str, str]:
    """Give the thought and the text of a piece of content; Mistral's server sends a list of parts that say what they are."""
    if not isinstance(content, list):
        return "", str(content or "")
    parts = [part for part in content if isinstance(part, dict)]
    thoughts = [_parts(part.get("thinking"))[1] for part in parts if part.get("type") == "thinking"]
    return "".join(thoughts), "".join(str(part.get("text") or "") for part in parts if part.get("type") == "text")
