"""Look whether a model could be loaded, without loading it: in a process of the same making as the one that will."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from .checkpoint import Checkpoint, count_weights
from .device import placed
from .families import OWN_TEMPLATE, TemplateChoice
from .gguf_header import read_once
from .needs import loading_bytes, opening_bytes, whole_bytes
from .placement import Placement
from .prefix_cache import token_bytes
from .prepared_forms import Report
from .quantize import FORMS
from .templates import ChatTemplate


class Vetting:
    """Stands in for the model in its process. Its `window` is none, but the bytes of memory that loading the model takes."""

    computed: Final[dict[str, Any]] = {}

    def __init__(self, needed: int) -> None:
        self.window = needed

    @classmethod
    def load(
        cls,
        path: Path,
        _threads: int | None,
        cache_dir: Path,
        report: Report,
        _max_window: int,
        device: str = "auto",
        choice: TemplateChoice = OWN_TEMPLATE,
        **_: Any,
    ) -> Vetting:
        """Read all of the files but the weights themselves.

        Raises:
            ModelLoadError: the model cannot be loaded; the message says why and what to do.
        """
        report("Looking at the model's files", None)
        checkpoint = Checkpoint.find(path)
        placement = placed(device, checkpoint)
        checkpoint.check_headers()
        with read_once():
            config = checkpoint.config()
            ChatTemplate.of(checkpoint.tokenizer(), config, choice)
        return cls(_needed(checkpoint, config, placement, cache_dir))

    def calibrate(self, *_: Any) -> bool:
        """Time nothing."""
        return False


def _needed(checkpoint: Checkpoint, config: Any, placement: Placement, cache_dir: Path) -> int:
    """Give the memory in bytes that loading takes at its peak; 0: the files go straight to a graphics card."""
    if placement.device != "cpu" and checkpoint.gguf_file is None:
        return 0
    if not placement.own_bits:
        return whole_bytes(count_weights(config), "gguf" if checkpoint.gguf_file else "safetensors")
    kept = (cache_dir / "prepared").glob(f"{checkpoint.digest()}-*/{FORMS[4].file}")
    if sizes := [file.stat().st_size for file in kept]:
        return loading_bytes(max(sizes), token_bytes(config))
    return opening_bytes(count_weights(config), token_bytes(config))
