"""The notebook file of a run: read once, written back whole, never over something that we did not read."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ..errors import ConfigError, OCIError
from ..notebook import with_cell_ids


@dataclass(frozen=True, slots=True)
class NotebookFile:
    """A notebook as it was read; `sha256` is of the file's bytes at that moment."""

    path: Path
    notebook: NotebookNode
    sha256: str

    @classmethod
    def read(cls, path: Path) -> NotebookFile:
        """Read and check the notebook.

        Raises:
            ConfigError: there is no such file, or it is not a notebook.
        """
        try:
            content = path.read_bytes()
            notebook = nbformat.reads(content.decode("utf-8-sig"), as_version=4)
            nbformat.validate(notebook)
            return cls(path, with_cell_ids(notebook), hashlib.sha256(content).hexdigest())
        except OSError as error:
            raise ConfigError(f"Cannot read {path}: {error.strerror}.") from error
        except (ValueError, AttributeError, TypeError, nbformat.ValidationError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ConfigError(f"{path} is not a notebook that can be read ({reason}); it was left as it is.") from error

    def check_place(self, output: Path | None = None) -> None:
        """Refuse a place that `save` could not write now, not after the work is done.

        Raises:
            ConfigError: it cannot be written.
        """
        target = output or self.path
        try:
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            with tempfile.TemporaryFile(dir=target.resolve().parent):
                pass
        except OSError as error:
            cure = "name a file with --output in a folder that exists and that you may write in"
            raise ConfigError(f"Cannot write {target} ({error.strerror}): {cure}.") from error

    def save(self, output: Path | None = None) -> Path:
        """Write the notebook to `output`, or back to where it came from; return where it is now.

        If someone else changed the file in the meantime, theirs stays and ours goes beside it.

        Raises:
            OCIError: it cannot be written there; the message says where it is kept.
        """
        text = nbformat.writes(self.notebook)
        text = text if text.endswith("\n") else text + "\n"
        target = output or self.path
        try:
            target = output or (self.path if self._is_unchanged() else self._beside())
            _write_whole(target.resolve(), text, self.path)
        except OSError as error:
            raise OCIError(f"Cannot write {target} ({error.strerror}). {_kept(text, target.stem)}") from error
        return target

    def _is_unchanged(self) -> bool:
        return self.path.is_file() and hashlib.sha256(self.path.read_bytes()).hexdigest() == self.sha256

    def _beside(self) -> Path:
        names = (self.path.with_name(f"{self.path.stem}-oci{suffix}.ipynb") for suffix in ("", *map(str, range(2, 1000))))
        return next(name for name in names if not name.exists())


def _write_whole(path: Path, text: str, origin: Path) -> None:
    """Replace the file in one step: a crash or a full disk leaves the old one. A new one is as private as where it came from."""
    like = path if path.exists() else origin
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        if like.exists():
            shutil.copymode(like, name)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _kept(text: str, stem: str) -> str:
    """Write the notebook into the folder for temporary files, and say where it is."""
    try:
        handle, name = tempfile.mkstemp(prefix=f"{stem}-", suffix=".ipynb")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        return f"The folder for temporary files cannot be written either ({error.strerror}): the work is lost."
    return f"The notebook is in {name}: copy it from there."
