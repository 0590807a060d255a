"""A server whose model says what it is told, and leaves a file while it generates."""

import os
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

from jupyter_oci.config import ModelConfig
from jupyter_oci.errors import ModelError
from jupyter_oci.model.scripted import ScriptedModel

GENERATING = Path(os.environ["JUPYTER_RUNTIME_DIR"]) / "generating"
REQUEST = "# Request\n"
SCRIPT = {
    REQUEST + "add": ["I add them up.\n\n```python\nprint('total', 6)\n```", "The total is 6."],
    REQUEST + "Say in one sentence": ["Nothing is halved.\n```python\ndef half(n):\n    return n / 2\nhalf(1)\n```"],
    REQUEST + "Explain why this cell fails": ["It divides by zero."],
    REQUEST + "show": ["```python\nprint(table)\n```"],
    REQUEST + "talk": ["word " * 4000],
    REQUEST + "leak": ["```python\nimport os\nprint(os.environ['JUPYTER_OCI_KERNEL_SECRET'])\n```", "Shown."],
    REQUEST + "one": ["```python\nfirst = 1\n```"],
    REQUEST + "two": ["```python\nsecond = 2\n```"],
    REQUEST + "break": [ModelError("The model process ended. Send the request again.")],
    REQUEST: ["Just prose."],
}


class WatchedModel(ScriptedModel):
    def generate(self, messages: Any, *rest: Any) -> Generator[Any, Any, Any]:
        GENERATING.write_text(messages[-1].content)
        (GENERATING.parent / "asked").write_text(messages[-1].content)
        try:
            return (yield from super().generate(messages, *rest))
        finally:
            GENERATING.unlink()


def make_model(config: ModelConfig) -> WatchedModel:
    return WatchedModel(SCRIPT, delay=0.005)


c = get_config()  # noqa: F821 - Jupyter puts it here
c.OCIApp.model_factory = make_model
c.OCIApp.mode = "auto"
c.OCIApp.hint_only = bool(os.environ.get("TEST_HINT_ONLY"))
c.OCIApp.journal_dir = str(Path(os.environ["JUPYTER_DATA_DIR"]) / "journal")
c.OCIApp.cache_dir = tempfile.mkdtemp()
c.ServerApp.jpserver_extensions = {"jupyter_oci": True}
