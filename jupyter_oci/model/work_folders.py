"""Where a model's process may write. The weights may be in a cache that many users share and only read."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ..errors import ModelLoadError
from .catalogue import ModelSpec
from .download import default_cache_dir, packed_dir


def scratch_folder(cache_dir: Path) -> Path:
    """Give a folder for what the process needs for itself: in the cache, or else in the user's own.

    Raises:
        ModelLoadError: neither can be written.
    """
    for cache in (cache_dir, default_cache_dir()):
        folder = cache / "worker"
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return folder
    raise ModelLoadError(
        f"Neither {cache_dir} nor {default_cache_dir()} can be written: permit that, or set another folder for models."
    )


def prepared_folder(spec: ModelSpec, cache_dir: Path) -> Path:
    """Give the folder of what is prepared of the weights, in a shared cache by someone who may write there.

    Raises:
        ModelLoadError: it is not there and cannot be made.
    """
    folder = packed_dir(spec, cache_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelLoadError(
            f"{spec.title} has not been prepared in {cache_dir}, which cannot be written here ({error.strerror}). Have it loaded "
            "once by someone who may write there, or set another folder for models."
        ) from error
    return folder
