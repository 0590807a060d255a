"""The program in a notebook's cells: imports, and what defines or changes the names that the function to write needs.

A cell may also hold trials, prints and asserts, right or wrong; a function is judged by what it does and not by those.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ...agent.python_text import quiet, tree_of, without_magics

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_SHOWS = {*dir(builtins), "display", "pprint"} - {"delattr", "exec", "next", "setattr"}
_SETS = ("set", "seed")
"""How the functions are called that set something of a module's; what else a call does there is of no use to a program."""
_TRIED = "try:\n    exec({!r})\nexcept BaseException:\n    pass"
"""A cell that raises takes nothing back of those before it, and those after it run."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement of a cell, and the names that it binds, that it uses, and whose values it changes.

    `called` are the functions that it calls for what they change, `settings` what it sets something of, such as `sys` or `f`.
    """

    node: ast.stmt
    source: str
    bound: frozenset[str]
    used: frozenset[str]
    changed: frozenset[str]
    called: frozenset[str]
    settings: frozenset[str]

    @property
    def text(self) -> str:
        """Give it for the program: what fails on its own, as for want of a name that only notebooks have, ends no program."""
        return self.source if isinstance(self.node, (*_DEFINITIONS, *_IMPORTS)) else _TRIED.format(self.source)


def program_of(cells: Sequence[str], entry_point: str) -> str:
    """Give the program; cells that are not Python are left out. Of several definitions of a name the last one counts, as run."""
    texts = [without_magics(text).replace("\r\n", "\n").replace("\r", "\n") for text in cells]
    own = {name for each in _read(texts) if not isinstance(each.node, _IMPORTS) for name in each.bound}
    statements = _read([_without_trials(text, entry_point, own) for text in texts])
    kept = _needed(statements, entry_point, own)
    return "\n\n".join(each.text for place, each in enumerate(statements) if place in kept)


def binds(cell: str, name: str) -> bool:
    """Tell whether a statement of a cell binds a name as the notebook's, by whatever it is."""
    return any(name in each.bound for each in _read([without_magics(cell)]))


def _needed(statements: Sequence[_Statement], entry_point: str, own: Collection[str]) -> set[int]:
    """Find the places of the imports and of what sets anything of theirs, of what makes the function, and of what all use."""
    makes = [_makes(each, statements, own) for each in statements]
    kept = {place for place, each in enumerate(statements) if isinstance(each.node, _IMPORTS) or makes[place].difference(own)}
    seen = {entry_point}.union(*(statements[place].used for place in kept))
    wanted = sorted(seen)
    while wanted:
        name = wanted.pop()
        for place in [place for place, made in enumerate(makes) if name in made]:
            kept.add(place)
            new = statements[place].used - seen
            seen |= new
            wanted += sorted(new)
    return kept


def _makes(statement: _Statement, statements: Sequence[_Statement], own: Collection[str]) -> frozenset[str]:
    """Give the names that a statement binds or changes when it runs; of what is not the notebook's own, those it sets."""
    if isinstance(statement.node, _DEFINITIONS):
        return statement.bound
    run = [each for each in statements if isinstance(each.node, _DEFINITIONS) and each.bound & statement.called]
    changed = statement.changed.union(*(each.changed & each.used for each in run))
    return statement.bound | changed.intersection(own) | statement.settings


def _without_trials(text: str, entry_point: str, own: Collection[str]) -> str:
    """Put a statement that does nothing in the place of each assert, and of each expression that only shows or tries."""
    trials = [each for each in _statements(tree_of(text)) if _is_trial(each, entry_point, own)]
    content = text.encode() if trials else b""
    starts = [0, *accumulate(len(line) + 1 for line in content.split(b"\n"))]
    for each in reversed(trials):
        begin = starts[each.lineno - 1] + each.col_offset
        end = starts[(each.end_lineno or each.lineno) - 1] + (each.end_col_offset or 0)
        content = content[:begin] + b"pass" + content[end:]
    return content.decode() if trials else text


def _is_trial(node: ast.stmt, entry_point: str, own: Collection[str]) -> bool:
    """Tell whether a statement only shows or tries something; what is done to an object of the notebook's own does more."""
    if not isinstance(node, ast.Expr):
        return isinstance(node, ast.Assert)
    outer = node.value.func if isinstance(node.value, ast.Call) else None
    shows = isinstance(outer, ast.Name) and outer.id in _SHOWS
    if shows or not any(isinstance(each, ast.Call) for each in ast.walk(node)):
        return True
    to_its_own = isinstance(outer, ast.Attribute) and _root(outer) in own
    return not to_its_own and any(isinstance(each, ast.Name) and each.id == entry_point for each in ast.walk(node))


def _statements(node: ast.AST | None) -> Iterator[ast.stmt]:
    """Give the statements that run when the cell does, also those within others, and no function's."""
    for child in ast.iter_child_nodes(node) if node is not None else ():
        if isinstance(child, ast.stmt):
            yield child
        if not isinstance(child, (ast.expr, *_DEFINITIONS)):
            yield from _statements(child)


def _read(texts: Sequence[str]) -> list[_Statement]:
    return [read for text in texts for node in _body(text) if (read := _statement(node, _source(node, text))) is not None]


def _body(text: str) -> list[ast.stmt]:
    tree = tree_of(text)
    return tree.body if tree is not None else []


def _statement(node: ast.stmt, source: str) -> _Statement | None:
    """Read a statement; None: Python would not run it."""
    try:
        with quiet():
            table = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    bound = {name.get_name() for name in table.get_symbols() if name.is_assigned() or name.is_imported()}
    return _Statement(node, source, frozenset(bound), frozenset(_used(table)), *_changed(node))


def _source(node: ast.stmt, text: str) -> str:
    """Give a statement as it is written in the text, its decorators above it."""
    decorators = node.decorator_list if isinstance(node, _DEFINITIONS) else []
    parts = [ast.get_source_segment(text, part) or "" for part in (*decorators, node)]
    return "\n".join([*(f"@({part})" for part in parts[:-1]), parts[-1]])


def _used(table: symtable.SymbolTable) -> Iterator[str]:
    """Give the names of the notebook, or of Python, that a statement uses: a function's own are not among them."""
    top = table.get_type() == "module"
    yield from (name.get_name() for name in table.get_symbols() if (name.is_referenced() if top else name.is_global()))
    for child in table.get_children():
        yield from _used(child)


def _changed(node: ast.stmt) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Give what a statement has of `changed`, `called` and `settings`.

    An item or attribute that is set changes its owner; a call that stands alone what it is called on and what it is given.
    """
    changed, called, settings = set[str](), set[str](), set[str]()
    for each in ast.walk(node):
        if isinstance(each, ast.Global):
            changed.update(each.names)
        elif isinstance(each, (ast.Attribute, ast.Subscript)) and not isinstance(each.ctx, ast.Load):
            settings.add(_root(each))
        elif isinstance(each, ast.Expr):
            for call in _calls(each):
                name = call.func.attr if isinstance(call.func, ast.Attribute) else _root(call.func)
                into = settings if name.startswith(_SETS) else called if isinstance(call.func, ast.Name) else changed
                into.add(_root(call.func))
                changed.update(_root(given) for given in call.args if not isinstance(given, ast.Call))
    return frozenset(changed | settings), frozenset(called), frozenset(settings - {""})


def _calls(node: ast.Expr) -> Iterator[ast.Call]:
    yield from (each for each in ast.walk(node) if isinstance(each, ast.Call) and _root(each.func) not in _SHOWS)


def _root(node: ast.expr) -> str:
    """Give the name that an expression begins with; empty: it begins with none."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
