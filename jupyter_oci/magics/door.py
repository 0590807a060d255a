"""OCIMagics: `%oci` and `%%oci`. Whatever goes wrong on our side becomes one line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from IPython.core.completer import context_matcher
from IPython.core.magic import Magics, line_cell_magic, magics_class, needs_local_scope, no_var_expand
from jupyter_core.paths import jupyter_runtime_dir
from traitlets import Callable, Unicode, default

from ..errors import OCIError, Stopped
from ..model.download import as_folder, default_cache_dir
from ..model.endpoint_key import take_key
from .command import parse
from .completion import completions
from .errands import Errands
from .expand import expand
from .failures import MagicError, MagicInterrupted
from .host import Host, OwnHost, ServerHost
from .next_input import NextInput
from .past import Past
from .server import Server

_INTERRUPTED = "The cell was interrupted, and the model has stopped."


@magics_class
class OCIMagics(Magics):
    """The agent, asked from a cell."""

    model_factory = Callable(help="Makes the model where no server does: a callable from ModelConfig to ChatModel.").tag(
        config=True
    )
    cache_dir = Unicode(help="Folder for the weights of models where no server hosts them.").tag(config=True)

    def __init__(self, shell: Any) -> None:
        super().__init__(shell, parent=shell)
        self._past = Past(shell)
        self._own: OwnHost | None = None
        self._next_input = NextInput(shell)

    @default("model_factory")
    def _default_model_factory(self) -> Any:
        from ..model.open_model import open_model  # noqa: PLC0415 - not needed where a server hosts the model

        return partial(open_model, cache_dir=as_folder(self.cache_dir))

    @default("cache_dir")
    def _default_cache_dir(self) -> str:
        return str(default_cache_dir())

    def close(self) -> None:
        """End the model of this session; twice is a no-op."""
        if self._own is not None:
            self._own.close()
        self._past.close()

    @context_matcher()  # type: ignore[untyped-decorator]
    def match(self, context: Any) -> dict[str, Any]:
        """Offer what Tab may put in."""
        return completions(context.text_until_cursor, self._model_names)

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def oci(self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None) -> None:
        """Ask the notebook agent; `%oci help` says how."""
        try:
            self._do(line, cell or "", local_ns or {})
        except KeyboardInterrupt:
            raise MagicInterrupted(_INTERRUPTED) from None
        except Stopped as stopped:
            raise MagicInterrupted(str(stopped)) from None
        except OCIError as error:
            raise MagicError(str(error)) from None

    def _do(self, line: str, body: str, local_ns: Mapping[str, Any]) -> None:
        command = parse(line, body)
        host = self._host()
        if command.model is not None:
            host.choose(command.model)
        names = {**self._shell.user_ns, **local_ns}
        command = replace(command, prompt=expand(command.prompt, names, self._past, self._as_shown))
        Errands(self._shell, host, self._past, self._next_input).do(command)

    @property
    def _shell(self) -> Any:
        return self.shell

    def _host(self) -> Host:
        server = self._server()
        if server is not None:
            return ServerHost(server)
        if self._own is None:
            self._own = OwnHost(self.model_factory, as_folder(self.cache_dir), take_key(os.environ))
        return self._own

    def _server(self) -> Server | None:
        """Find the server that started this kernel; a plain IPython has none."""
        application = getattr(getattr(self._shell, "kernel", None), "parent", None)
        connection_file = getattr(application, "connection_file", "")
        return Server.find(os.environ, Path(jupyter_runtime_dir()), connection_file) if connection_file else None

    def _as_shown(self, value: Any) -> str:
        data, _ = self._shell.display_formatter.format(value, include={"text/plain"})
        return str(data.get("text/plain", ""))

    def _model_names(self) -> Iterable[str]:
        try:
            return [line.name for line in self._host().models()]
        except OCIError:
            return ()
