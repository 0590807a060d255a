"""The files in the kernel's folder, as the model gets to read them; and which of them a request asks about."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from ..kernel.base import DataFile
from ..request import Request
from .module_text import definitions, is_about
from .plain_text import plain
from .python_text import tree_of

_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t].+", re.MULTILINE)


def files_asked_about(request: Request) -> str:
    """Give the text that names the files whose contents a request needs: what it and the cells import, itself, the selection.

    An import is a line of its own for each module that it may mean: `import tools.dates`.
    """
    code = [cell.source for cell in request.cells if cell.cell_type == "code" and "import" in cell.source]
    modules = dict.fromkeys(name for text in (request.prompt, request.selection, *code) for name in _imported(text))
    return "\n".join((*(f"import {name}" for name in modules), request.prompt, request.selection))


def _imported(text: str) -> Iterator[str]:
    """Give the modules that code imports, by their whole names; of a text that is no code those of its lines that are."""
    tree = tree_of(text)
    trees = [tree] if tree else [tree_of(line.strip()) for line in _IMPORT.findall(text)]
    for node in (node for each in trees if each for node in ast.walk(each)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def file_texts(files: Sequence[DataFile], request: Request, most: int) -> Iterator[tuple[str, str]]:
    """Give each file's text, and a shorter one where there is one, the most useful first.

    These are the files that are asked about, then the newest up to `most` that no cell names, for the model reads those there; at
    last modules that only cells import: what they define may not be meant.
    """
    cells = "\n".join(cell.source for cell in request.cells)
    modules = {file.path: definitions(file.path, file.contents, request.prompt) for file in files if _is_module(file)}
    data = [file for file in files if not _is_module(file)]
    begun = [file for file in data if file.contents]
    meant = [file for file in files if is_about(modules.get(file.path, ""), request.prompt)]
    others = [file for file in data if not _is_named(file.path, cells)]
    told = [*dict.fromkeys([*begun, *meant, *others])][: max(most, len(begun) + len(meant))]
    for file in dict.fromkeys([*told, *filter(_is_module, files)]):
        if not _is_module(file):
            yield _data_text(file)
        elif modules[file.path]:
            yield _below(f"- {_path(file)}:", modules[file.path]), ""


def _data_text(file: DataFile) -> tuple[str, str]:
    path = _path(file)
    line = f"- {path}: {' '.join(plain(file.first_line).split())}".removesuffix(": ")
    return (_below(f"- {path}, how it begins:", file.contents), line) if file.contents else (line, "")


def _below(head: str, text: str) -> str:
    return "\n  ".join((head, *plain(text).split("\n")))


def _path(file: DataFile) -> str:
    return " ".join(plain(file.path).split())


def _is_module(file: DataFile) -> bool:
    return file.path.endswith(".py")


def _is_named(path: str, code: str) -> bool:
    return path in code and re.search(rf"(?<![\w.-]){re.escape(path)}(?![\w-])", code) is not None
