"""A notebook agent for JupyterLab that writes a cell, runs it, reads what happened and revises it, on local models."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

try:
    __version__ = version("jupyter_oci")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0+unknown"


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab where the built front end lies."""
    return [{"src": "labextension", "dest": "jupyter-oci"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Tell the Jupyter server which extension to load."""
    from .server.app import OCIApp  # noqa: PLC0415 - the command line and the model process need no server

    return [{"module": "jupyter_oci.server.app", "app": OCIApp}]


def load_ipython_extension(shell: Any) -> None:
    """Add the magics `%oci` and `%%oci` (`%load_ext jupyter_oci`)."""
    from .magics import load  # noqa: PLC0415 - only a shell needs them

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take them away again, and end the model that they started."""
    from .magics import unload  # noqa: PLC0415 - as above

    unload(shell)
