"""EndpointModel: a model behind any OpenAI-compatible server, on this machine or another one."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import asdict
from typing import Any, TypeVar, Union, cast

from ..config import ModelConfig, SamplingParams
from ..errors import ContextOverflow, ModelError, ModelLoadError
from ..events import StatusChanged
from . import endpoint_errors as errors
from .base import ChatModel, Message, Usage
from .client import Card
from .endpoint_address import Address
from .endpoint_count import Counts, estimate
from .endpoint_facts import Facts, facts_of
from .endpoint_http import Access, patiently
from .endpoint_reply import Reply
from .endpoint_thread import follow
from .roles import Chat, as_they_are, folded

Item = TypeVar("Item")

TICK = 0.04
_FACTS_SECONDS = 60.0
_TURN_TOKENS = 8  # what a chat template adds around a turn, at most
_THOUGHT_TOKENS = 4096  # that a model which thinks before it answers may have, beside those of the answer
_TOLD_EVERY = 400  # characters of a thought


class EndpointModel(ChatModel):
    """Asks a server that speaks the OpenAI API. Any number of threads may use it; the server sees to their order.

    Nothing of torch is loaded. Text goes out as the plain content of messages: what in it could be a control token is the
    server's to see to. Several replies are asked for one after another: a server may have room for one, or be paid for each.
    """

    def __init__(self, config: ModelConfig) -> None:
        """Prepare to ask; `config.name` is an address. Nothing is sent yet.

        Raises:
            ConfigError: it is none.
        """
        self._access = Access(Address.parse(config.name), config.endpoint_key)
        self._window = config.endpoint_window
        self._counts = Counts()
        self._arranged: Callable[[Chat], Chat] = as_they_are
        self._refused = frozenset[str]()
        self._facts: Facts | None = None
        self._thinks = False
        self._in_thought = False
        self._asked = 0.0
        self._closed = False
        self._card = Card(state="available", detail="", fraction=None)

    @property
    def name(self) -> str:
        """Give the address."""
        return str(self._access.address)

    @property
    def computed(self) -> Mapping[str, Any]:
        """Say what is known of how it is computed: the window in tokens. Empty: the server was not asked yet."""
        return {"window": self._facts.window} if self._facts else {}

    def card(self) -> Card:
        """Say where the model stands."""
        return self._card

    def close(self) -> None:
        """End the requests that go on, and send no other one."""
        self._closed = True

    def load(self) -> Generator[StatusChanged | None, None, int]:
        """Ask the server for the model and its window; what it said is good for a minute. See `ChatModel`."""
        if self._facts is None or time.monotonic() - self._asked > _FACTS_SECONDS:
            yield from self._ask()
        return self._known().window

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text as the server does, or estimate it, rather too high, where the server does not count."""
        steps = self._count(texts)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return cast("list[int]", end.value)

    def generate(
        self,
        messages: Sequence[Message],
        sampling: SamplingParams,
        drafts: Sequence[str] = (),  # noqa: ARG002 - a server drafts in its own way
    ) -> Generator[str | StatusChanged | None, bool | None, Usage]:
        """Yield the reply's text as it comes; see `ChatModel`. Closing it closes the connection, and the server stops."""
        began = time.monotonic()
        yield StatusChanged("thinking")
        counts = yield from self._count([message.content for message in messages])
        prompt_tokens = sum(counts) + _TURN_TOKENS * len(messages)
        had_room = self._thinks or self._known().thinks
        reply, enough = yield from self._reply(messages, sampling, prompt_tokens)
        if reply.is_mere_thought and not (enough or had_room):
            reply, enough = yield from self._reply(messages, sampling, prompt_tokens)
        stop_reason = "enough" if enough else reply.stop_reason
        prompt, completion = reply.count("prompt_tokens"), reply.count("completion_tokens")
        if completion is None:
            (completion,) = yield from self._count([reply.text])
        return Usage(
            prompt_tokens=prompt_tokens if prompt is None else prompt,
            cached_tokens=reply.cached_tokens,
            completion_tokens=completion,
            seconds=time.monotonic() - began,
            stop_reason=stop_reason,
        )

    def _reply(
        self, messages: Sequence[Message], sampling: SamplingParams, prompt_tokens: int
    ) -> Generator[str | StatusChanged | None, bool | None, tuple[Reply, bool]]:
        """Ask once and yield the reply's text; tell whether the caller had enough of it. Note whether the model thinks."""
        reply = Reply(self._access.address, self._in_thought or self._known().thinks)
        body = self._body(sampling, prompt_tokens)
        with closing(self._follow(lambda: self._chunks(messages, body))) as chunks:
            enough = yield from _written(chunks, reply)
        self._in_thought = self._in_thought or reply.began_in_thought
        self._thinks = self._thinks or reply.thought > 0
        return reply, enough

    def _ask(self) -> Generator[StatusChanged | None, None, None]:
        self._card = Card(state="loading", detail=f"Asking {self._access.address.host}", fraction=None)
        yield StatusChanged("loading", f"Asking {self._access.address.host}")
        try:
            for item in self._follow(self._facts_once):
                if isinstance(item, Facts):
                    self._facts, self._asked = item, time.monotonic()
                else:
                    yield item
            self._card = Card(state="ready", detail="", fraction=None)
        except ModelError as error:
            self._card = Card(state="failed", detail=str(error), fraction=None)
            raise ModelLoadError(str(error)) from error
        finally:
            if self._card["state"] == "loading":
                self._card = Card(state="available", detail="", fraction=None)

    def _count(self, texts: Sequence[str]) -> Generator[StatusChanged | None, None, list[int]]:
        if self._facts is None:
            yield from self.load()
        facts = self._known()
        if not facts.counting:
            return [estimate(text) for text in texts]
        with closing(follow(lambda: self._counts.of(texts, facts, self._access), TICK)) as steps:
            for step in steps:
                if isinstance(step, list):
                    return step
                yield step
        raise ModelError("The model server did not count.")

    async def _facts_once(self) -> AsyncGenerator[Facts, None]:
        yield await facts_of(self._access, self._window)

    async def _chunks(self, messages: Chat, body: dict[str, Any]) -> AsyncGenerator[Any, None]:
        """Ask; without what the server, or its model's template, does not take, once more and from then on."""
        arranged, refused = self._arranged, self._refused
        while True:
            try:
                async for chunk in self._events(arranged(messages), _without(refused, body)):
                    self._arranged, self._refused = arranged, refused
                    yield chunk
            except errors.ParameterRefused as error:
                if error.name in refused:
                    raise
                refused |= {error.name}
            except errors.RolesRefused:
                if arranged is folded:
                    raise
                arranged = folded
            else:
                return

    async def _events(self, messages: Chat, body: dict[str, Any]) -> AsyncGenerator[Any, None]:
        whole = {**body, "messages": [asdict(message) for message in messages]}
        async with self._access.client() as client:
            async for chunk in self._access.events(client, f"{self._access.address.base}/chat/completions", whole):
                yield chunk

    def _follow(
        self, source: Callable[[], AsyncGenerator[Item, None]]
    ) -> Generator[Union[Item, StatusChanged, None], None, None]:
        self._see_that_it_is_open()
        with closing(follow(lambda: patiently(source, self._access.address), TICK)) as items:
            for item in items:
                self._see_that_it_is_open()
                yield item

    def _see_that_it_is_open(self) -> None:
        if self._closed:
            raise ModelError("The model was closed. Send the request again.")

    def _known(self) -> Facts:
        if self._facts is None:
            raise ModelError("The model server was not asked yet. Send the request again.")
        return self._facts

    def _body(self, sampling: SamplingParams, prompt_tokens: int) -> dict[str, Any]:
        """Write the request but for its messages; the reply is bounded to what the window leaves."""
        facts = self._known()
        if (room := facts.window - prompt_tokens) < 1:
            raise ContextOverflow(f"The request has {prompt_tokens:,} tokens, the model takes {facts.window:,}. Send less.")
        body = {
            "model": facts.model,
            "max_tokens": min(sampling.max_tokens + (_THOUGHT_TOKENS if self._thinks or facts.thinks else 0), room),
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        return body if sampling.seed is None else {**body, "seed": sampling.seed}


def _without(refused: Set[str], body: dict[str, Any]) -> dict[str, Any]:
    """Leave out the parameters that are refused; the length of a reply has a newer name."""
    kept = {name: value for name, value in body.items() if name not in refused}
    return {**kept, "max_completion_tokens": body["max_tokens"]} if "max_tokens" in refused else kept


def _written(chunks: Iterator[Any], reply: Reply) -> Generator[str | StatusChanged | None, bool | None, bool]:
    """Yield the text of a reply; tell whether the caller had enough before its end."""
    for chunk in chunks:
        for said in _said(chunk, reply):
            if (yield said):
                return True
    for said in _shown(reply.rest(), is_first=not reply.has_begun):
        yield said
    return False


def _said(chunk: Any, reply: Reply) -> list[str | StatusChanged | None]:
    if chunk is None or isinstance(chunk, StatusChanged):
        return [chunk]
    is_first, thought = not reply.has_begun, reply.thought
    text = reply.take(chunk)
    if not text and reply.thought // _TOLD_EVERY > thought // _TOLD_EVERY:
        return [StatusChanged("thinking", f"{reply.thought:,} characters so far")]
    return _shown(text, is_first=is_first)


def _shown(text: str, *, is_first: bool) -> list[str | StatusChanged | None]:
    return [StatusChanged("writing"), text] if text and is_first else [text or None]
