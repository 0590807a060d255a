"""After its download a model needs no network: it answers where there is no route to anywhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from family_models import save_family

ALONE = ["unshare", "--map-root-user", "--net"]
ANSWER = """
import socket, sys
from pathlib import Path
from jupyter_oci.config import ModelConfig, SamplingParams
from jupyter_oci.model.base import Message
from jupyter_oci.model.open_model import open_model
try:
    socket.create_connection(("127.0.0.1", 9), 2)
except OSError as error:
    print(error.strerror)
model = open_model(ModelConfig("owner/name", threads=1), Path(sys.argv[1]))
reply = model.generate([Message("user", "Sum it.")], SamplingParams(4))
try:
    while True:
        next(reply)
except StopIteration as end:
    print(end.value.completion_tokens)
model.close()
"""


def is_allowed() -> bool:
    return bool(shutil.which("unshare")) and subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not is_allowed(), reason="this system lets nobody make a network of their own")
def test_a_downloaded_model_answers_without_a_route(tmp_path: Path) -> None:
    save_family(tmp_path / "models" / "owner--name" / "files", "deepseek")  # where a download from the hub comes to lie
    command = [*ALONE, sys.executable, "-c", ANSWER, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split("\n")[:2] == ["Network is unreachable", "4"], done.stderr
