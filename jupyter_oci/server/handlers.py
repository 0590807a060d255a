"""The routes of settings, models and runs (docs/api.md)."""

from __future__ import annotations

import asyncio
from typing import Any

from .. import __version__
from ..errors import KernelNotFound
from ..events import Decision
from . import body
from .door import OCIHandler, Parts, guarded
from .kernels import ServerKernel
from .preview import preview
from .socket import EventsSocket

_RUN = r"jupyter-oci/runs/(?P<run_id>[0-9a-f]{32})"


class SettingsHandler(OCIHandler):
    """What the administrator set."""

    @guarded
    async def get(self) -> None:
        """Describe the server's settings."""
        limits = self.parts.limits
        self.answer(
            {
                "mode": limits.agent.mode,
                "max_rounds": limits.rounds(None),
                "model": self.parts.models.current,
                "limits": {"max_rounds": limits.max_rounds_limit},
                "hint_only": limits.hint_only,
                "locked": sorted(limits.locked),
                "version": __version__,
            }
        )


class NotebookHandler(OCIHandler):
    """The mode of a notebook, and whether it was chosen."""

    @guarded
    async def get(self) -> None:
        """Give it."""
        path = self.get_query_argument("path")
        modes = self.parts.modes
        self.answer({"path": path, "mode": modes.of(self.owner, path), "chosen": modes.is_chosen(self.owner, path)})

    @guarded
    async def put(self) -> None:
        """Set it, also for the run that goes on."""
        fields = body.read("notebook", self.request.body)
        waiting = fields.get("waiting", {"approval_id": "", "source": ""})
        self.parts.runs.switch(self.owner, fields["path"], fields["mode"], (waiting["approval_id"], waiting["source"]))
        self.answer({"path": fields["path"], "mode": fields["mode"]})


class ModelsHandler(OCIHandler):
    """All models."""

    @guarded
    async def get(self) -> None:
        """Describe them. Looks at files, so it happens off the event loop."""
        models = self.parts.models
        self.answer({"current": models.current, "models": await asyncio.to_thread(models.cards)})


class CurrentModelHandler(OCIHandler):
    """The chosen model."""

    @guarded
    async def post(self) -> None:
        """Choose it."""
        self.parts.limits.refuse_if_locked("model")
        self.parts.models.choose(body.read("model", self.request.body)["name"])
        self.answer({"current": self.parts.models.current})


class ModelActionHandler(OCIHandler):
    """Things to do with a model."""

    @guarded
    async def post(self) -> None:
        """Begin one."""
        fields = body.read("model_action", self.request.body)
        if fields["name"] != self.parts.models.current:
            self.parts.limits.refuse_if_locked("model")
        self.parts.models.act(fields["name"], fields["action"])
        self.answer({}, 202)


class PreviewHandler(OCIHandler):
    """What would be sent to the model."""

    @guarded
    async def post(self) -> None:
        """Show it."""
        ask = body.read_ask("preview", self.request.body)
        request = self.parts.runs.in_full(self.owner, ask)
        kernel = ServerKernel(self.kernel_manager, ask.kernel_id)
        self.answer(await asyncio.to_thread(preview, self.parts, request, kernel))


class RunsHandler(OCIHandler):
    """The runs of a notebook."""

    @guarded
    async def get(self) -> None:
        """List them, oldest first."""
        path = self.get_query_argument("path")
        await self._follow_kernel(path)
        runs = await self.parts.runs.of_notebook(self.owner, path)
        self.answer({"runs": [run.card() for run in runs]})

    @guarded
    async def post(self) -> None:
        """Start one."""
        ask = body.read_ask("ask", self.request.body)
        if ask.kernel_id not in self.kernel_manager:
            raise KernelNotFound("This notebook has no running kernel. Start one and ask again.")
        run = self.parts.runs.start(self.owner, ask, ServerKernel(self.kernel_manager, ask.kernel_id))
        self.answer(run.card(), 201)

    @guarded
    async def delete(self) -> None:
        """Forget those that have finished."""
        await self.parts.runs.forget(self.owner, self.get_query_argument("path"))
        self.answer({})

    async def _follow_kernel(self, path: str) -> None:
        """Bring along the runs of a notebook that was saved under another name: it kept its kernel."""
        sessions: list[dict[str, Any]] = await self.session_manager.list_sessions()
        paths = {session["path"] for session in sessions}
        for session in sessions:
            if session["path"] == path and session["kernel"]:
                self.parts.runs.follow(session["kernel"]["id"], path, paths)


class RunHandler(OCIHandler):
    """One run."""

    @guarded
    async def get(self, run_id: str) -> None:
        """Give it with all its events."""
        run = self.run(run_id)
        self.answer({**run.card(), "events": run.events})


class ApproveHandler(OCIHandler):
    """The answer to an approval."""

    @guarded
    async def post(self, run_id: str) -> None:
        """Give it to the run."""
        fields = body.read("approve", self.request.body)
        decision = Decision(fields["decision"], fields["source"], fields.get("comment", "").strip())
        self.run(run_id).decide(fields["approval_id"], decision, fields["sha256"])
        self.answer({})


class StopHandler(OCIHandler):
    """The end of a run."""

    @guarded
    async def post(self, run_id: str) -> None:
        """Stop it; once more does nothing."""
        self.run(run_id).stop()
        self.answer({})


class NoLimitHandler(OCIHandler):
    """A run whose cells may run for as long as they need."""

    @guarded
    async def post(self, run_id: str) -> None:
        """Lift its limit of time."""
        self.parts.limits.refuse_if_locked("execution_timeout")
        self.run(run_id).is_limited = False
        self.answer({})


class EditedHandler(OCIHandler):
    """A cell that the user changed while the agent works on it."""

    @guarded
    async def post(self, run_id: str) -> None:
        """Tell the run."""
        fields = body.read("edited", self.request.body)
        self.run(run_id).user_edits[fields["cell_id"]] = fields["source"]
        self.answer({})


class SettledHandler(OCIHandler):
    """A run that needs no replay any more."""

    @guarded
    async def post(self, run_id: str) -> None:
        """Note it."""
        self.parts.runs.settle(self.run(run_id))
        self.answer({})


def routes(parts: Parts) -> list[tuple[str, type, dict[str, Parts]]]:
    """List all our routes, below the server's base URL."""
    handlers = {
        r"jupyter-oci/settings": SettingsHandler,
        r"jupyter-oci/notebook": NotebookHandler,
        r"jupyter-oci/models": ModelsHandler,
        r"jupyter-oci/models/current": CurrentModelHandler,
        r"jupyter-oci/models/action": ModelActionHandler,
        r"jupyter-oci/preview": PreviewHandler,
        r"jupyter-oci/runs": RunsHandler,
        _RUN: RunHandler,
        rf"{_RUN}/approve": ApproveHandler,
        rf"{_RUN}/stop": StopHandler,
        rf"{_RUN}/no-limit": NoLimitHandler,
        rf"{_RUN}/edited": EditedHandler,
        rf"{_RUN}/settled": SettledHandler,
        r"jupyter-oci/runs/(?P<run_id>[^/]+)/events": EventsSocket,
    }
    return [(pattern, handler, {"parts": parts}) for pattern, handler in handlers.items()]
