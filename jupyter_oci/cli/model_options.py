"""The options that say which model answers."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

from ..config import DEVICES, ModelConfig
from ..model.base import ChatModel
from ..model.download import default_cache_dir
from ..model.endpoint_address import Address, is_address
from ..model.endpoint_key import VARIABLE, take_key
from ..model.open_model import open_model
from .numbers import positive


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add them to a command."""
    kinds = "catalogue or hub name, folder or GGUF file, or the address of a model server: http://host:8000/v1#name"
    parser.add_argument("--model", default="auto", help=f"{kinds} (default: %(default)s)")
    parser.add_argument("--key-file", default="", metavar="FILE", help=f"holds the model server's key (else: {VARIABLE})")
    parser.add_argument(
        "--window",
        type=positive,
        metavar="TOKENS",
        help="the window of a model server that does not tell it, at most of a model here",
    )
    parser.add_argument("--device", default="auto", choices=DEVICES, help="where the model computes (default: %(default)s)")
    parser.add_argument("--template", default="", help="a chat template instead of the model's own: a family's name or a file")
    parser.add_argument(
        "--draft", default="", metavar="MODEL", help="a smaller model with the same tokens that drafts on the CPU"
    )
    add_cache_dir(parser)
    parser.set_defaults(model_factory=None)


def add_guide(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which second model guides the first."""
    parser.add_argument("--guide", metavar="MODEL", help="paper protocol: a second model that plays the human and the oracle")
    parser.add_argument(
        "--guide-key-file", default="", metavar="FILE", help="holds the key of the guide's server, if that is another one"
    )
    parser.add_argument("--guide-window", type=positive, metavar="TOKENS", help="as --window, of the guide")


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
    return _config(arguments, arguments.model, take_key(os.environ, arguments.key_file), arguments.window)


def read_guided(arguments: argparse.Namespace) -> list[ModelConfig]:
    """Read the model, as `read` does, and the guide if there is one.

    A key is for one server: the model's goes to the guide only where both are of the same address or the model is no server's.

    Raises:
        ConfigError: a key cannot be read.
    """
    key = take_key(os.environ, arguments.key_file)
    model = _config(arguments, arguments.model, key, arguments.window)
    if not arguments.guide:
        return [model]
    if arguments.guide_key_file:
        key = take_key({}, arguments.guide_key_file)
    elif is_address(model.name) and not _same_server(model.name, arguments.guide):
        key = ""
    return [model, _config(arguments, arguments.guide, key, arguments.guide_window)]


def _same_server(name: str, other: str) -> bool:
    return is_address(other) and Address.parse(name).base == Address.parse(other).base


def _config(arguments: argparse.Namespace, name: str, key: str, window: int | None) -> ModelConfig:
    if is_address(name):
        return ModelConfig(name, endpoint_key=key, endpoint_window=window)
    here = ModelConfig(name, device=arguments.device, template=arguments.template, draft=arguments.draft)
    return replace(here, max_window=window) if window else here
