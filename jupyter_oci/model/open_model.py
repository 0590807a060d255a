"""Which ChatModel a name stands for: one in a process of its own, or one behind an address."""

from __future__ import annotations

from pathlib import Path

from ..config import ModelConfig
from .base import ChatModel
from .client import WorkerModel
from .endpoint_address import is_address


def open_model(config: ModelConfig, cache_dir: Path | None = None) -> ChatModel:
    """Give the model that `config.name` names, not yet loaded. What a model server needs is imported only for one.

    Raises:
        ConfigError: there is no such model.
    """
    if is_address(config.name):
        from .endpoint import EndpointModel  # noqa: PLC0415 - most users have none

        endpoint: ChatModel = EndpointModel(config)
        return endpoint
    worker: ChatModel = WorkerModel(config, cache_dir)
    return worker
