"""What the model's process may do, and what its other end needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from worker_steps import finish, reply_of, text

from jupyter_oci.model.client import WorkerModel
from jupyter_oci.model.confine import active


def test_no_secret_reaches_the_process(model: WorkerModel, monkeypatch: pytest.MonkeyPatch):
    secrets = ["HF_TOKEN", "JPY_API_TOKEN", "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "PYTHONPATH_TOKEN"]
    for name in secrets:
        monkeypatch.setenv(name, "hidden-value")
    environment = text(finish(reply_of(model, "environment"))[0])
    assert "hidden-value" not in environment
    assert "HF_HUB_OFFLINE=1" in environment


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_the_process_gives_way_and_stands_alone(model: WorkerModel, tmp_path: Path):
    said = text(finish(reply_of(model, "status"))[0])
    niceness = min(19, os.nice(0) + 3)
    assert said.split() == ["800", str(niceness), "True", str(tmp_path / "cache" / "worker")]


@pytest.mark.skipif(not active()["writes"], reason="this kernel has no Landlock")
def test_the_process_cannot_write_among_the_users_files(model: WorkerModel, tmp_path: Path):
    notebook = tmp_path / "notebook.ipynb"
    notebook.write_text("mine")
    assert text(finish(reply_of(model, f"write to {notebook}"))[0]) == "PermissionError"
    assert notebook.read_text() == "mine"


def test_the_process_listens_on_no_socket(model: WorkerModel):
    finish(model.load())
    process = psutil.Process(model.pid)
    assert not [connection for connection in process.net_connections("all") if connection.status in ("LISTEN", "NONE")]
    assert not [path for path in Path("/proc/net/unix").read_text().split() if "jupyter" in path and "oci" in path]


def test_the_server_side_imports_nothing_heavy():
    code = "import sys, jupyter_oci.model.client; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "transformers", "huggingface_hub", "numpy", "gguf"} & set(modules)
