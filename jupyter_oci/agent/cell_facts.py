"""What a cell does that its author may not have meant: values that it never shows, data that it makes up anew, what it asks."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping

from ..kernel.secret import may_be_secret
from .python_text import tree_of

_ASKS = re.compile(
    "all|any|corr|count|cov|describe|head|idxmax|idxmin|isna|len|max|mean|median|min|mode|nunique|quantile|round|sorted|std|sum|"
    "tail|type|unique|value_counts|var"
)
_SHOWS = re.compile(
    "^(?:ax|axes|bar|barh|fig|figure|gca|gcf|heatmap|imshow|pie|stem)$|display|draw|hist|plot|plt|print|savefig|scatter|show|sns"
)
_KEYS = re.compile("api_?key|environ|getenv|getpass|token", re.IGNORECASE)
_MAKES_LONG = re.compile("content|cursor|.*connect|create_engine|read(?:_text|_bytes|lines?)?|text")
_VALUES = (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.Compare, ast.Tuple, ast.List)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_MANY = 2
_ASKERS = ("input", "getpass")
_MAKE = re.compile(
    r"\b(?:creat|mak|defin|generat|set|assign|reset|overwrit|replac|erstell|erzeug|cré|crea|genera)\w*", re.IGNORECASE
)
_READ = re.compile(r"\b(?:re-?)?(?:load|read)(?:ed|ing)?\b", re.IGNORECASE)
_FILE = re.compile(r"[^/\\]+\.\w+$")
_SINGLE = ("bool", "complex", "float", "int", "str", "Generator", "RandomState", "Random", "PosixPath", "WindowsPath")


def unshown(source: str) -> list[str]:
    """Give the expressions whose value Jupyter drops, because they are not the cell's last line."""
    program = tree_of(source)
    before = program.body[:-1] if program else []
    return [ast.unparse(line.value) for line in before if isinstance(line, ast.Expr) and _asks(line.value)]


def last_assigned(source: str) -> str | None:
    """Give the variable that the last line makes, where the cell shows nothing: in a notebook one wants to see it.

    None where it may be a secret, a part of a plot, a long text or a connection, and after a semicolon, which hushes.
    """
    program = tree_of(source)
    last = program.body[-1] if program and program.body else None
    if program is None or not isinstance(last, ast.Assign) or source.rstrip().endswith(";") or source.lstrip().startswith("%%"):
        return None
    target = last.targets[0]
    names = [getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(program)]
    if not isinstance(target, ast.Name) or len(last.targets) > 1 or isinstance(last.value, (ast.Constant, ast.Lambda)):
        return None
    if _is_long_or_opaque(last.value):
        return None
    return None if any(_SHOWS.search(name) or _KEYS.search(name) or may_be_secret(name) for name in names) else target.id


def asks_for_input(source: str) -> bool:
    """Whether it calls `input` or `getpass` itself, and not only in functions that it defines."""
    program = tree_of(source)
    ahead: list[ast.AST] = [*program.body] if program else []
    while ahead:
        node = ahead.pop()
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in _ASKERS:
            return True
        if not isinstance(node, (*_DEFINITIONS, ast.Lambda)):
            ahead += ast.iter_child_nodes(node)
    return False


def _is_long_or_opaque(value: ast.expr) -> bool:
    """Whether a value is the text of a file or of a page, a text many times over, or a connection."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        return any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (value.left, value.right))
    called = value.func if isinstance(value, ast.Call) else value
    name = getattr(called, "attr", getattr(called, "id", "") if called is not value else "")
    return _MAKES_LONG.fullmatch(name) is not None


def only_defined(source: str) -> list[str]:
    """Give the functions and classes that it defines where it does nothing else; none of other code."""
    program = tree_of(source)
    lines = [line for line in (program.body if program else []) if not isinstance(line, (ast.Import, ast.ImportFrom))]
    names = [line.name for line in lines if isinstance(line, _DEFINITIONS)]
    return names if len(names) == len(lines) else []


def defines_alike(source: str, other: str, names: Collection[str]) -> bool:
    """Whether the source defines some of the names, and all that it defines of them just as another one does."""
    written, there = _definitions(source, names), _definitions(other, names)
    return bool(written) and all(there.get(name) == text for name, text in written.items())


def _definitions(source: str, names: Collection[str]) -> dict[str, str]:
    program = tree_of(source)
    return {
        line.name: ast.dump(line)
        for line in (program.body if program else [])
        if isinstance(line, _DEFINITIONS) and line.name in names
    }


def overwritten(source: str, types: Mapping[str, str]) -> str | None:
    """Give one of the names of data, whose `types` are known, that the code replaces by values that are written out in it."""
    return _remade(source, types, lambda value: _is_written_out(value, types))


def made_anew(source: str, types: Mapping[str, str], request: str) -> str | None:
    """Give one of the names of data, whose `types` are known, that the code makes anew though the request does not ask for it.

    It writes the data out, or reads them from a file once more.
    """
    name, read = overwritten(source, types), reloaded(source, types)
    if name and not (_MAKE.search(request) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", request)):
        return name
    return None if not read or _READ.search(request) or any(file in request for file in _files(source)) else read


def _files(source: str) -> Iterator[str]:
    """Give the names of files that stand in code, without their folders."""
    for node in ast.walk(tree_of(source) or ast.Module([], [])):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (file := _FILE.search(node.value)):
            yield file[0]


def goes_into(value: ast.expr, types: Mapping[str, str]) -> set[str]:
    """Give the names that go into a value, but for what is called, its own, and what is single: a number, a path, chance."""
    names = [node for node in ast.walk(value) if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    called = set(_makers(value)).difference(types)
    return {node.id for node in names if types.get(node.id) not in _SINGLE} - own - called


def reloaded(source: str, names: Collection[str]) -> str | None:
    """Give one of the names whose data the code reads from its file again, so that what was done to it is lost."""
    return _remade(source, names, _is_read)


def _remade(source: str, names: Collection[str], anew: Callable[[ast.expr], bool]) -> str | None:
    program = tree_of(source)
    for line in program.body if program else []:
        if isinstance(line, ast.Assign):
            set_here = [pair for target in line.targets for pair in _pairs(target, line.value)]
        else:
            set_here = [(line.target, line.value)] if isinstance(line, ast.AnnAssign) and line.value else []
        for target, value in set_here:
            if isinstance(target, ast.Name) and target.id in names and anew(value):
                return target.id
    return None


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Give what is set with what it is set to, one by one in `x, y = [1], [2]`."""
    several = (ast.Tuple, ast.List)
    if isinstance(target, several) and isinstance(value, several) and len(target.elts) == len(value.elts):
        yield from zip(target.elts, value.elts, strict=True)
    else:
        yield target, value


def _asks(value: ast.expr) -> bool:
    if not isinstance(value, ast.Call):
        return isinstance(value, _VALUES)
    called = value.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return _ASKS.fullmatch(name) is not None


def _is_written_out(value: ast.expr, types: Mapping[str, str]) -> bool:
    """Say whether several values stand in the code itself, and nothing goes into them."""
    return not goes_into(value, types) and any(len(_items(node)) >= _MANY for node in ast.walk(value))


def _is_read(value: ast.expr) -> bool:
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr.startswith("read_")


def _items(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Dict):
        return node.values
    return node.elts if isinstance(node, (ast.List, ast.Tuple, ast.Set)) else []


def _makers(value: ast.expr) -> Iterator[str]:
    """Give the names at the root of what is called: `pd` of `pd.DataFrame(...)`."""
    for node in ast.walk(value):
        if isinstance(node, ast.Call):
            root = node.func
            while isinstance(root, ast.Attribute):
                root = root.value
            if isinstance(root, ast.Name):
                yield root.id
