"""OCIApp: the server extension. Its traits are what an administrator sets; nothing heavy is imported or started here."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Callable, CaselessStrEnum, Enum, Float, Int, Set, Unicode, default

from ..config import DEVICES, AgentConfig, KernelConfig, ModelConfig
from ..errors import ConfigError
from ..kernel_secret import KernelSecret
from ..model.base import ChatModel
from ..model.download import as_folder, default_cache_dir
from ..model.endpoint_address import Address, is_address
from ..model.endpoint_key import VARIABLE, take_key
from .announce import Announcer
from .contents import follow_contents
from .door import Parts
from .handlers import routes
from .journal import Journal
from .limits import Limits, Modes
from .magics import magic_routes
from .models import Models
from .offer import Offer
from .runs import Registry


class OCIApp(ExtensionApp):
    """A notebook agent on local models."""

    name = "jupyter_oci"
    extension_url = "/lab"
    load_other_extensions = True

    model = Unicode("auto", help="A model of the catalogue, a folder or GGUF file, or a name on the hub.").tag(config=True)
    endpoint = Unicode(
        help="The address of a model server that speaks the OpenAI API, http://host:8000/v1 or http://host:8000/v1#model. "
        "Its models are offered beside those of this machine; it is the default of `model`. Empty: no text leaves this machine."
    ).tag(config=True)
    endpoint_key_file = Unicode(help=f"A file with the model server's key (empty: the variable {VARIABLE}).").tag(config=True)
    endpoint_window = Int(None, min=512, allow_none=True, help="The window of its model in tokens (None: it is asked).").tag(
        config=True
    )
    mode = CaselessStrEnum(["suggest", "ask", "auto"], "ask", help="The mode until the user sets another.").tag(config=True)
    max_rounds = Int(3, min=1, help="Tries on one cell, until the user sets another number.").tag(config=True)
    max_rounds_limit = Int(10, min=1, help="The most tries on one cell that a user may set.").tag(config=True)
    locked = Set(Enum(("model", "mode", "max_rounds", "execution_timeout")), help="What users cannot change.").tag(config=True)
    hint_only = Bool(False, help="Allow nothing but hints, as a teacher may wish.").tag(config=True)
    instructions = Unicode(help="What the model is told with every request, before the user's own instructions.").tag(config=True)
    execution_timeout = Float(600.0, allow_none=True, help="Seconds that a cell may run (None: for ever).").tag(config=True)
    max_queue = Int(16, min=1, help="Runs that may go on at the same time; one that waits for an approval does not count.").tag(
        config=True
    )
    max_context_tokens = Int(6144, min=512, allow_none=True, help="Tokens of a prompt (None: the model's all).").tag(config=True)
    hub = Unicode(help="The URL of a mirror of the Hugging Face Hub (empty: HF_ENDPOINT, or the hub itself).").tag(config=True)
    device = CaselessStrEnum(DEVICES, "auto", help="Where models compute (auto: on graphics cards if they fit).").tag(config=True)
    template = Unicode(help="A chat template instead of the model's own: a family's name or a Jinja file.").tag(config=True)
    draft_model = Unicode(help="A smaller model with the same tokens, which drafts on the CPU (empty: none).").tag(config=True)
    threads = Int(None, min=1, allow_none=True, help="Threads of the model (None: one for each core).").tag(config=True)
    idle_unload = Float(1800.0, allow_none=True, help="Seconds until an unused model is unloaded (None: never).").tag(config=True)
    journal_dir = Unicode(help="Folder for the histories of runs.").tag(config=True)
    cache_dir = Unicode(help="Folder for the weights of models.").tag(config=True)
    model_factory = Callable(help="Makes the model: a callable from ModelConfig to ChatModel.").tag(config=True)

    @default("journal_dir")
    def _default_journal_dir(self) -> str:
        return str(Path(jupyter_data_dir()) / "jupyter_oci" / "runs")

    @default("cache_dir")
    def _default_cache_dir(self) -> str:
        return str(default_cache_dir())

    @default("model_factory")
    def _default_model_factory(self) -> Any:
        return self._open_model

    def initialize_handlers(self) -> None:
        """Make the parts and register the routes."""
        self.kernel_secret = KernelSecret.issue(os.getpid(), os.environ)
        self.parts = self.make_parts()
        server = self.serverapp
        assert server is not None
        assert server.event_logger is not None
        follow_contents(server.event_logger, self.parts.runs)
        self.handlers.extend(routes(self.parts))
        self.handlers.extend(magic_routes(self.parts, self.kernel_secret))

    async def stop_extension(self) -> None:
        """End all runs first, then what they use."""
        self.kernel_secret.withdraw(os.environ)
        await self.parts.runs.close()
        await asyncio.to_thread(self.parts.models.close)

    def make_parts(self) -> Parts:
        """Make what the handlers work with."""
        server = self.serverapp
        assert server is not None
        assert server.event_logger is not None
        announcer = Announcer(server.event_logger)
        limits = self._limits()
        modes = Modes(limits)
        models = self._models()
        journal = Journal(as_folder(self.journal_dir), server.root_dir, self.log)
        return Parts(limits, modes, models, Registry(limits, modes, models, journal, self.log, announcer=announcer))

    def _limits(self) -> Limits:
        return Limits(
            agent=AgentConfig(mode=self.mode, max_rounds=self.max_rounds, max_context_tokens=self.max_context_tokens),
            kernel=KernelConfig(execution_timeout=self.execution_timeout, redacted=self.kernel_secret.value),
            max_rounds_limit=self.max_rounds_limit,
            max_runs=self.max_queue,
            locked=frozenset(self.locked),
            hint_only=self.hint_only,
            instructions=self.instructions,
        )

    def _models(self) -> Models:
        address = self._address()
        key = take_key(os.environ, self.endpoint_key_file) if address else ""
        config = ModelConfig(
            name=str(address) if address and self.model == "auto" else self.model,
            threads=self.threads,
            idle_unload=self.idle_unload,
            hub=self.hub,
            device=self.device,
            template=self.template,
            draft=self.draft_model,
            endpoint_key=key,
            endpoint_window=self.endpoint_window,
        )
        offer = Offer(address, key) if address else None
        return Models(config, self.model_factory, as_folder(self.cache_dir), self.log, offer)

    def _address(self) -> Address | None:
        """Read where the model server is; it may be said with the model.

        Raises:
            ConfigError: two servers are set.
        """
        named = Address.parse(self.model) if is_address(self.model) else None
        address = Address.parse(self.endpoint) if self.endpoint else named
        if named and address and named.base != address.base:
            raise ConfigError(f"OCIApp.model is at {named.base} and OCIApp.endpoint at {address.base}: set one model server.")
        return address

    def _open_model(self, config: ModelConfig) -> ChatModel:
        from ..model.open_model import open_model  # noqa: PLC0415 - nothing of the model is imported before it is used

        return open_model(config, as_folder(self.cache_dir))
