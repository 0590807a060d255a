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
