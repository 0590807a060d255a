"""Read the command line, do what it says, and turn what went wrong into one line and an exit code."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from ..config import ModelConfig
from ..errors import ConfigError, OCIError
from ..model.base import ChatModel
from . import bench, doctor, evaluate, models, run

ModelFactory = Callable[[ModelConfig], ChatModel]


def main(argv: Sequence[str] | None = None, model_factory: ModelFactory | None = None) -> int:
    """Run one command and return its exit code: 0 it went well, 1 it did not, 2 it was asked for wrongly.

    `model_factory` hosts the model of `run` (tests and demonstrations put a ScriptedModel in).
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a pipe or a file on Windows has a code page without ✓
    arguments = _parser().parse_args(argv)
    if model_factory is not None:
        arguments.model_factory = model_factory
    try:
        return int(arguments.command(arguments))
    except ConfigError as error:
        return _complain(error, 2)
    except OCIError as error:
        return _complain(error, 1)
    except KeyboardInterrupt:
        return _complain("Stopped.", 130)
    except BrokenPipeError:
        return _unheard()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="jupyter oci", description="A notebook agent on local open models.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for part in (run, models, doctor, bench, evaluate):
        part.add_to(commands)
    return parser


def _complain(message: object, code: int) -> int:
    print(f"jupyter oci: {message}", file=sys.stderr)
    return code


def _unheard() -> int:
    """Nobody reads any more, as after `| head`: what Python still writes at its end must not fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return 1
