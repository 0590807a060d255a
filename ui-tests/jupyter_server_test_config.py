"""The server of the UI tests: without authentication, with a model that says what it is told. Never use it in production."""

import os
import sys
import tempfile
from pathlib import Path

from jupyterlab.galata import configure_jupyter_server

sys.path.insert(0, str(Path(__file__).parent))
from script import SCRIPT

from jupyter_oci.config import ModelConfig
from jupyter_oci.model.base import ChatModel
from jupyter_oci.model.client import WorkerModel
from jupyter_oci.model.scripted import ScriptedModel

REAL_MODEL = "qwen2.5-coder-0.5b-instruct"


def make_model(config: ModelConfig) -> ChatModel:
    """Host the real model only where a journey chose it."""
    return WorkerModel(config) if config.name == REAL_MODEL else ScriptedModel(SCRIPT, delay=0.005)


configure_jupyter_server(c)
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port = int(os.environ.get("OCI_UI_PORT", "18888"))
c.ServerApp.port_retries = 0
c.ServerApp.allow_root = True
# No look-ups of news or updates: the network may be closed.
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.news_url = None
c.LabApp.extension_manager = "readonly"
c.OCIApp.model = "qwen2.5-coder-1.5b-instruct"  # in name only
c.OCIApp.model_factory = make_model
c.OCIApp.journal_dir = tempfile.mkdtemp(prefix="jupyter-oci-journal-")
