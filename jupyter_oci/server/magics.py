"""The routes of the magics (docs/api.md): for the kernels of this server, which know its secret."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import allow_unauthenticated
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError

from .. import __version__
from ..config import SamplingParams
from ..errors import KernelNotFound, OCIError
from ..events import StatusChanged
from ..kernel_secret import HEADER, KernelSecret
from ..model.base import Message, Usage
from . import body
from .door import Method, OCIHandler, Parts
from .kernels import ServerKernel
from .lines import Lines, Steps
from .refused import Refused


def for_kernels(method: Method) -> Any:
    """Let in only who knows the secret, and answer our errors as JSON."""

    @functools.wraps(method)
    async def answer(self: MagicHandler) -> None:
        try:
            self.check_secret()
            await method(self)
        except OCIError as error:
            self.refuse(error)

    return allow_unauthenticated(answer)


class MagicHandler(OCIHandler):
    """A route for kernels. No answer of it waits for an execution: the kernel that asks is busy with asking."""

    def initialize(self, parts: Parts, secret: KernelSecret) -> None:  # type: ignore[override]
        """Take what the handlers work with, and the secret."""
        super().initialize(parts)
        self._secret = secret
        self._lines: Lines | None = None

    def check_xsrf_cookie(self) -> None:
        """Pass: no browser knows the secret, so none can be made to send it."""

    @property
    def kernels_owner(self) -> str:
        """Name the user whose kernels these are: a kernel does not say it.

        Raises:
            Refused: this server serves several users.
        """
        if len(self.parts.users) > 1:
            message = "Several users work on this server, and a kernel does not tell whose it is. Ask in the side panel."
            raise Refused(409, "several_users", message)
        return next(iter(self.parts.users), "")

    def check_secret(self) -> None:
        """Refuse who does not know it.

        Raises:
            Refused: with 403.
        """
        if not self._secret.opens(self.request.headers.get(HEADER, "")):
            raise Refused(403, "wrong_secret", "This kernel was not started by this server. Restart the kernel and try again.")

    async def path(self) -> str | None:
        """Give the path of the notebook whose kernel asks; None where it has none."""
        return await notebook_of(self, self.get_query_argument("kernel_id", ""))

    async def refuse_where_hints_are_all(self) -> None:
        """Refuse to lend a kernel the model where a teacher allows nothing but hints: it could be asked for anything.

        Raises:
            Refused: with 403.
        """
        path = await self.path()
        self.parts.limits.refuse_unless_hint("ask", notebook=path is not None and await allows_hints_only(self, path))

    async def answer_in_lines(self, steps: Steps) -> None:
        """Answer with a JSON line for each thing that a generator says."""
        self._lines = Lines(steps)
        self.set_header("Content-Type", "application/x-ndjson")
        try:
            async for line in self._lines:
                self.write(json.dumps(line) + "\n")
                await self.flush()
            self.finish()
        except StreamClosedError:
            self._lines.stop()

    def on_connection_close(self) -> None:
        """Stop what the client does not wait for any more: its cell was interrupted, or its kernel died."""
        super().on_connection_close()
        if self._lines is not None:
            self._lines.stop()


class StatusHandler(MagicHandler):
    """How things stand, for `%oci status` and `%oci models`."""

    @for_kernels
    async def get(self) -> None:
        """Tell it."""
        models, limits = self.parts.models, self.parts.limits
        path = await self.path()
        self.answer(
            {
                "version": __version__,
                "current": models.current,
                "models": await asyncio.to_thread(models.cards),
                "mode": self.parts.modes.of(self.kernels_owner, path) if path else limits.agent.mode,
                "max_rounds": limits.rounds(None),
                "path": path,
                "run": self.parts.runs.active_on(self.get_query_argument("kernel_id", "")),
            }
        )


class ModelHandler(MagicHandler):
    """The model of the server."""

    @for_kernels
    async def post(self) -> None:
        """Choose it."""
        name = body.read("model", self.request.body)["name"]
        if name != self.parts.models.current:
            self.parts.limits.refuse_if_locked("model")
            self.parts.models.choose(name)
        self.answer({"current": self.parts.models.current})


class LoadHandler(MagicHandler):
    """The model, made ready."""

    @for_kernels
    async def post(self) -> None:
        """Load it; `returned` is its context window in tokens."""
        await self.refuse_where_hints_are_all()
        await self.answer_in_lines(self._load())

    def _load(self) -> Generator[StatusChanged | None, None, int]:
        with self.parts.models.lend() as model:
            return (yield from model.load())


class CountHandler(MagicHandler):
    """The tokens of texts."""

    @for_kernels
    async def post(self) -> None:
        """Count them."""
        texts = body.read("magic_count", self.request.body)["texts"]
        self.answer({"counts": await asyncio.to_thread(self._count, texts)})

    def _count(self, texts: list[str]) -> list[int]:
        with self.parts.models.lend() as model:
            return model.count_tokens(texts)


class GenerateHandler(MagicHandler):
    """A reply of the model."""

    @for_kernels
    async def post(self) -> None:
        """Stream it; `returned` is what it cost."""
        await self.refuse_where_hints_are_all()
        fields = body.read("magic_generate", self.request.body)
        messages = [Message(message["role"], message["content"]) for message in fields["messages"]]
        await self.answer_in_lines(self._generate(messages, SamplingParams(**fields["sampling"]), fields["drafts"]))

    def _generate(
        self, messages: list[Message], sampling: SamplingParams, drafts: list[str]
    ) -> Generator[str | StatusChanged | None, None, Usage]:
        with self.parts.models.lend() as model, closing(model.generate(messages, sampling, drafts)) as reply:
            return (yield from reply)


class RunHandler(MagicHandler):
    """A run on the kernel that asks. Its cells are executed when the cell that asks has ended."""

    @for_kernels
    async def post(self) -> None:
        """Start it."""
        fields = body.read("magic_run", self.request.body)
        if fields.get("wait"):
            message = "A cell cannot wait for a run in its own kernel: nothing else is executed there while it waits."
            raise Refused(409, "would_deadlock", message)
        if fields["kernel_id"] not in self.kernel_manager:
            raise KernelNotFound("This server does not know the kernel. Restart it and try again.")
        path = await notebook_of(self, fields["kernel_id"])
        if path is None:
            raise Refused(404, "no_notebook", "This kernel has no notebook here.")
        ask = body.ask_from({**fields, "path": path, "hint_only": await allows_hints_only(self, path)})
        ask = replace(ask, keeps_mode=ask.mode is not None)
        run = self.parts.runs.start(self.kernels_owner, ask, ServerKernel(self.kernel_manager, ask.kernel_id))
        self.answer(run.card(), 201)


async def notebook_of(handler: OCIHandler, kernel_id: str) -> str | None:
    """Give the path that the notebook of a kernel has now; None where it has none."""
    for session in await handler.session_manager.list_sessions():
        if session["type"] == "notebook" and (session["kernel"] or {}).get("id") == kernel_id:
            return str(session["path"])
    return None


async def allows_hints_only(handler: OCIHandler, path: str) -> bool:
    """Whether the notebook's metadata, as it is on the disk, allow nothing but hints."""
    try:
        model = await ensure_async(handler.contents_manager.get(path, content=True, type="notebook"))
        return model["content"]["metadata"].get("jupyter_oci", {}).get("hint_only") is True
    except (HTTPError, KeyError, AttributeError):  # not saved yet, or no notebook
        return False


def magic_routes(parts: Parts, secret: KernelSecret) -> list[tuple[str, type, dict[str, Any]]]:
    """List the routes of the magics, below the server's base URL."""
    handlers = {
        "status": StatusHandler,
        "model": ModelHandler,
        "load": LoadHandler,
        "count": CountHandler,
        "generate": GenerateHandler,
        "run": RunHandler,
    }
    return [(f"jupyter-oci/magics/{name}", handler, {"parts": parts, "secret": secret}) for name, handler in handlers.items()]
