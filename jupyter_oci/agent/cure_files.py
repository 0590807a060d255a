"""The cure of a file that was not found: the one that is there by that name, or by one that differs as slips do.

Only where it is read. A path that was to be written is never led to a file that there is.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator

from ..kernel.folder import MOST_FILES
from .cure_scene import Edit, Scene, keyword

MISSING = r"FileNotFoundError: \[Errno 2\] No such file or directory: '([^']+)'$"
_READERS = r"read_\w+|open|load|loadtxt|genfromtxt|imread"
_OF_ANY_DATA = re.compile(r"(?:\.|\.\.|data|datasets?|inputs?|files|raw)?")
_SHORTEST = 5  # letters in which two that changed places are a slip


def missing_file(error: str) -> str | None:
    """Give the path that an error says was not found."""
    match = re.match(MISSING, error)
    return match[1] if match else None


def found(scene: Scene, match: re.Match[str]) -> Iterator[Edit]:
    """Read the only file that can have been meant."""
    meant = _file_like(match[1], [file.path for file in scene.files]) if len(scene.files) < MOST_FILES else None
    for call in scene.all(ast.Call):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        path = call.args[0] if call.args else None
        is_path = isinstance(path, ast.Constant) and path.value == match[1]
        if meant and path and is_path and re.fullmatch(_READERS, name) and not _writes(call, name):
            yield scene.put(path, repr(meant))


def _writes(call: ast.Call, name: str) -> bool:
    """Whether it may open the file for more than reading."""
    named = keyword(call, "mode")
    mode = named.value if named else call.args[1] if len(call.args) > 1 else None
    is_plain = mode is None or (isinstance(mode, ast.Constant) and not set(str(mode.value)) & set("wax+"))
    return name == "open" and not is_plain


def _file_like(wrong: str, files: list[str]) -> str | None:
    """Give the only file that has the name, or one that differs as slips do, in a folder that can have been meant."""
    folder, name = posixpath.split(wrong)
    alike = [
        file for file in files if _names_alike(name, posixpath.basename(file)) and _folders_alike(folder, posixpath.dirname(file))
    ]
    return alike[0] if len(alike) == 1 and alike[0] != wrong else None


def _folders_alike(wrong: str, there: str) -> bool:
    return all(map(_OF_ANY_DATA.fullmatch, wrong.split("/"))) or _bare(wrong) == _bare(there)


def _names_alike(wrong: str, there: str) -> bool:
    """Whether they differ in case and spacing, a plural, a doubled letter or two that changed places; never in a digit."""
    (stem, ending), (other, other_ending) = posixpath.splitext(wrong), posixpath.splitext(there)
    stem, other = _bare(stem), _bare(other)
    if ending.lower() != other_ending.lower() or re.findall(r"\d", stem) != re.findall(r"\d", other):
        return False
    is_plural = f"{stem}s" == other or stem == f"{other}s"
    is_doubled = re.sub(r"(\D)\1", r"\1", stem) == re.sub(r"(\D)\1", r"\1", other)
    exchanges = (f"{stem[:at]}{stem[at + 1]}{stem[at]}{stem[at + 2 :]}" for at in range(len(stem) - 1))
    is_exchanged = len(stem) >= _SHORTEST and other in exchanges
    return stem == other or is_plural or is_doubled or is_exchanged


def _bare(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()
