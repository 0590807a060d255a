"""Which names a cell sets and which it needs, and which cells define those."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ..request import Cell
from .python_text import foreign_magic, quiet, tree_of, without_magics

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_CHANGING = frozenset(
    (
        "add",
        "append",
        "clear",
        "discard",
        "extend",
        "fill",
        "fit",
        "fit_transform",
        "insert",
        "partial_fit",
        "pop",
        "popitem",
        "remove",
        "reverse",
        "setdefault",
        "sort",
        "update",
    )
)
"""Methods that change what they are called on: those of Python's containers, of arrays and of estimators."""
_BUILTINS = frozenset(dir(builtins)) | {"get_ipython", "display", "In", "Out", "_", "__name__"}
_SOURCES = 4096  # remembered: each cell of a notebook is asked for each name


@lru_cache(_SOURCES)
def names_set(source: str) -> frozenset[str]:
    """Give the names that running the cell sets at its top level; none when it cannot be parsed."""
    tree = _tree(source)
    return frozenset() if tree is None else frozenset(name for node in tree.body for name in _set_by(node))


@lru_cache(_SOURCES)
def names_changed(source: str) -> frozenset[str]:
    """Give the names whose values the cell changes in place, outside functions: `df["x"] = 1`, `rows.append(1)`."""
    tree = _tree(source)
    return frozenset() if tree is None else frozenset(name for node in _outside_scopes(tree) for name in _changed_by(node))


def set_otherwise(source: str, other: str) -> frozenset[str]:
    """Give the names that two sources set by other statements."""
    one, two = ({ast.unparse(node): node for node in (tree_of(text) or ast.Module([], [])).body} for text in (source, other))
    return frozenset(name for text in one.keys() ^ two.keys() for name in _set_by((one | two)[text]))


def globals_declared(source: str) -> frozenset[str]:
    """Give the names that functions say are global, to set them."""
    nodes = ast.walk(tree_of(source) or ast.Module([], []))
    return frozenset(name for node in nodes if isinstance(node, ast.Global) for name in node.names)


def modules_imported(source: str) -> frozenset[str]:
    """Give the modules that a source imports or takes names from, anywhere in it; none when it cannot be parsed."""
    nodes = list(ast.walk(tree_of(source) or ast.Module([], [])))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return frozenset(plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module})


def without_imports(source: str) -> str:
    """Leave out the imports at a source's top level; nothing is left of one that cannot be parsed."""
    nodes = (tree_of(source) or ast.Module([], [])).body
    return "\n".join(ast.unparse(node) for node in nodes if not isinstance(node, (ast.Import, ast.ImportFrom)))


@lru_cache(_SOURCES)
def names_used(source: str) -> frozenset[str]:
    """Give the global names that the cell reads and that are not Python's own, those that it sets itself too."""
    if _tree(source) is None:
        return frozenset()
    with quiet():
        try:
            table = symtable.symtable(without_magics(source), "<cell>", "exec")
        except SyntaxError:  # one that only a scope shows, such as a return outside a function
            return frozenset()
    return frozenset(_read_in(table)) - _BUILTINS


def _tree(source: str) -> ast.Module | None:
    """Parse what runs in the kernel: the body of `%%writefile`, `%%bash` and the like does not."""
    return None if foreign_magic(source) else tree_of(source)


def _read_in(table: symtable.SymbolTable) -> Iterator[str]:
    """Give the names that a scope and those within it read of the global one."""
    is_top = table.get_type() == "module"
    yield from (name.get_name() for name in table.get_symbols() if name.is_referenced() and (is_top or name.is_global()))
    for inner in table.get_children():
        yield from _read_in(inner)


def definer(name: str, cells: Sequence[Cell], target: int) -> int | None:
    """Give the position of the cell that sets the name for the cell at `target`.

    The nearest before it in the order of execution; where the numbers do not tell, the nearest above, then the nearest below.
    """
    setters = [i for i, cell in enumerate(cells) if cell.cell_type == "code" and i != target and name in names_set(cell.source)]
    ran = cells[target].execution_count
    counts = {i: count for i in setters if (count := cells[i].execution_count) is not None and (ran is None or count < ran)}
    if counts:
        return max(counts, key=counts.__getitem__)
    above = [i for i in setters if i < target]
    return above[-1] if above else next(iter(setters), None)


def definers(source: str, cells: Sequence[Cell], target: int) -> tuple[int, ...]:
    """Give the positions of the cells that define what the source uses, and what those use in turn, in notebook order."""
    found: set[int] = set()
    open_sources = [source]
    while open_sources:
        for name in sorted(names_used(open_sources.pop())):
            place = definer(name, cells, target)
            if place is not None and place not in found:
                found.add(place)
                open_sources.append(cells[place].source)
    return tuple(sorted(found))


def _set_by(node: ast.AST) -> Iterator[str]:
    """Give the names that a statement sets in its own scope."""
    if isinstance(node, _SCOPES):
        yield node.name
        return
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    if not isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        for child in ast.iter_child_nodes(node):
            yield from _set_by(child)


def _outside_scopes(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs when the cell does."""
    yield node
    if not isinstance(node, (*_SCOPES, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            yield from _outside_scopes(child)


def _changed_by(node: ast.AST) -> Iterator[str]:
    """Give the name whose value an expression changes."""
    if isinstance(node, (ast.Subscript, ast.Attribute)):
        changed = None if isinstance(node.ctx, ast.Load) else node
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        keywords = any(keyword.arg == "inplace" and ast.unparse(keyword.value) == "True" for keyword in node.keywords)
        changed = node.func if keywords or node.func.attr in _CHANGING else None
    else:
        changed = None
    root: ast.AST | None = changed
    while isinstance(root, (ast.Subscript, ast.Attribute)):
        root = root.value
    if isinstance(root, ast.Name):
        yield root.id
