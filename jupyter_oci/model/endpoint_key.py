"""Where the key of a model server comes from: a file or a variable of the environment, and nowhere else."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path

from ..errors import ConfigError

VARIABLE = "JUPYTER_OCI_ENDPOINT_KEY"


def take_key(environment: MutableMapping[str, str], file: str = "") -> str:
    """Read the key from its file; without one take it out of the environment, so that kernels do not inherit it. May be empty.

    Raises:
        ConfigError: the file cannot be read, or holds no key.
    """
    inherited = environment.pop(VARIABLE, "")
    key = _read(Path(file).expanduser()) if file else inherited.strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigError("The key of the model server must be one word of plain characters.")
    return key


def _read(file: Path) -> str:
    try:
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The key file {file} cannot be read ({type(error).__name__}).") from error
    if not key:
        raise ConfigError(f"The key file {file} is empty.")
    return key
