"""The options that say which model answers."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

from ..config import DEVICES, ModelConfig
from ..model.base import ChatModel
from ..model.download import default_cache_dir
from ..model.endpoint_address import is_address
from ..model.endpoint_key import VARIABLE, take_key
from ..model.open_model import open_model
from .numbers import positive


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add them to a command."""
    kinds = "catalogue or hub name, folder or GGUF file, or the address of a model server: http://host:8000/v1#name"
    parser.add_argument("--model", default="auto", help=f"{kinds} (default: %(default)s)")
    parser.add_argument("--key-file", default="", metavar="FILE", help=f"holds the model server's key (else: {VARIABLE})")
    parser.add_argument("--window", type=positive, metavar="TOKENS", help="the window of a model server that does not tell it")
    parser.add_argument("--device", default="auto", choices=DEVICES, help="where the model computes (default: %(default)s)")
    parser.add_argument("--template", default="", help="a chat template instead of the model's own: a family's name or a file")
    parser.add_argument(
        "--draft", default="", metavar="MODEL", help="a smaller model with the same tokens that drafts on the CPU"
    )
    add_cache_dir(parser)
    parser.set_defaults(model_factory=None)


def add_cache_dir(parser: argparse.ArgumentParser) -> None:
    """Add the option that says where models are, as `c.OCIApp.cache_dir` says it to the server."""
    parser.add_argument(
        "--cache-dir",
        type=lambda text: Path(text).expanduser().absolute(),
        default=default_cache_dir(),
        metavar="FOLDER",
        help="holds downloaded models, as c.OCIApp.cache_dir does (default: %(default)s)",
    )


def opened(arguments: argparse.Namespace, config: ModelConfig) -> ChatModel:
    """Give the model, not yet loaded: by the factory that `main` was given, if it was given one.

    Raises:
        ConfigError: there is no such model.
    """
    if arguments.model_factory is not None:
        model: ChatModel = arguments.model_factory(config)
        return model
    return open_model(config, arguments.cache_dir)


def end(model: ChatModel) -> None:
    """End its process, if it is of a kind that has one."""
    close = getattr(model, "close", None)
    if close is not None:
        close()


def read(arguments: argparse.Namespace) -> ModelConfig:
    """Read them. The key is taken out of the environment, so that no kernel inherits it.

    Raises:
        ConfigError: the key cannot be read.
    """
    return read_each(arguments, arguments.model)[0]


def read_each(arguments: argparse.Namespace, *names: str) -> list[ModelConfig]:
    """Read them for several models of these names, as `read` does: model servers among them have one key and window.

    Raises:
        ConfigError: the key cannot be read.
    """
    key = take_key(os.environ, arguments.key_file)
    here = ModelConfig(device=arguments.device, template=arguments.template, draft=arguments.draft)
    served = ModelConfig(endpoint_key=key, endpoint_window=arguments.window)
    return [replace(served if is_address(name) else here, name=name) for name in names]
