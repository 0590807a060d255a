"""The server's parts as one value, and the guard that every route passes."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.auth.identity import IdentityProvider, LegacyIdentityProvider, PasswordIdentityProvider
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from tornado import web

from ..errors import OCIError
from .limits import Limits, Modes
from .models import Models
from .refused import as_refused
from .run import Run
from .runs import Registry

# One account with one token or password: these give each browser another random name, and no name to a script.
_NAMELESS = (IdentityProvider, PasswordIdentityProvider, LegacyIdentityProvider)

Method = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the handlers work with. Made when the server starts. `users` are those who have come in so far."""

    limits: Limits
    modes: Modes
    models: Models
    runs: Registry
    users: set[str] = field(default_factory=set)


def guarded(method: Method) -> Any:
    """Let in only users who may execute on kernels, and answer our errors as JSON."""

    @functools.wraps(method)
    async def answer(self: OCIHandler, **of_route: str) -> None:
        self.parts.users.add(self.owner)
        try:
            await method(self, **of_route)
        except OCIError as error:
            self.refuse(error)

    return web.authenticated(authorized(action="execute", resource="kernels")(answer))


def owner_of(handler: JupyterHandler) -> str:
    """Name the user that a request comes from; empty where the server knows only one."""
    if type(handler.identity_provider) in _NAMELESS:
        return ""
    return str(handler.current_user.username)


class OCIHandler(APIHandler):
    """A route of ours."""

    auth_resource = "kernels"

    def initialize(self, parts: Parts) -> None:
        """Take what the handlers work with."""
        self.parts = parts

    @property
    def owner(self) -> str:
        """Name the user."""
        return owner_of(self)

    def run(self, run_id: str) -> Run:
        """Find the user's run of this id, or refuse."""
        return self.parts.runs.find(self.owner, run_id)

    def answer(self, value: dict[str, Any], status: int = 200) -> None:
        """Answer with JSON."""
        self.set_status(status)
        self.finish(json.dumps(value))

    def refuse(self, error: OCIError) -> None:
        """Answer with an error that is fit to be shown."""
        refused = as_refused(error)
        if refused.status == 429:
            self.set_header("Retry-After", "30")
        self.answer({"message": str(refused), "reason": refused.reason}, refused.status)
