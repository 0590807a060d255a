"""The checks that a fixed cell must pass: what the user wrote, wherever it stands, or else the agent's own."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from ..events import CheckOrigin
from ..kernel.base import Variable
from ..request import Cell
from . import check_runner
from .cell_names import names_changed, names_set, names_used
from .effects import effects
from .expectations import from_comments, from_sentence, is_literal, uses_up
from .python_text import quiet, tree_of

_PARAGRAPH = re.compile(r"(?<!:)\n\n")
_NEIGHBOURS = 6
_MOST_OWN = 3
_IMPORT = "import doctest"
_RUN = "doctest.run_docstring_examples("


@dataclass(frozen=True, slots=True)
class Check:
    """Code that must run without an error after the fixed cell; empty if there is none."""

    code: str = ""
    origin: CheckOrigin = ""

    @property
    def runnable(self) -> str:
        """Give what is executed: it leaves no name behind, needs none, and tells the values of an assert that fails."""
        run = f"built.exec({inspect.getsource(check_runner)!r}, space), space['run_check']({self.code!r}, names)"
        return f"(lambda built, space, names: ({run}))(__import__('builtins'), {{}}, {{**__import__('builtins').globals()}})[1]"


def users_check(cells: Sequence[Cell], target: int, sentence: str, held: Collection[str] | None = None) -> Check:
    """Collect what the user wrote: the sentence, expected values, asserts and doctests of the cell, asserts of its neighbours.

    Each paragraph of the sentence is read by itself: it may have been said later, and corrects those before it.
    A neighbour's assert that needs names which are neither set by it or the cell nor `held` by the kernel cannot be run, and is
    left out; with None for `held` that is not known.
    """
    source = cells[target].source
    parts = [
        *latest([*from_sentence(part, source)] for part in paragraphs(sentence)),
        *from_comments(source),
        *_own_asserts(source),
        *_asserts_of_neighbours(cells, target, held),
        *_doctests(source),
    ]
    code = "\n".join(dict.fromkeys(parts))
    return Check(code, "user") if code else Check()


def paragraphs(said: str) -> list[str]:
    """Split what was said at empty lines, but for those after a colon."""
    return _PARAGRAPH.split(said)


def latest(turns: Iterable[Sequence[str]]) -> list[str]:
    """Give the asserts of all turns; of what they say of the same thing, the last one's."""
    kept: list[str] = []
    for lines in turns:
        said = {_subject(line) for line in lines}
        kept = [*(line for line in kept if _subject(line) not in said), *lines]
    return kept


def _subject(line: str) -> str:
    """Give what an assert is about; all of it where that is no plain comparison, or another value each time."""
    tree = tree_of(line)
    test = tree.body[0].test if tree and tree.body and isinstance(tree.body[0], ast.Assert) else None
    if test is None or uses_up(line):
        return line
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return ast.unparse(test.operand)
    if not isinstance(test, ast.Compare) or len(test.ops) > 1 or not isinstance(test.ops[0], (ast.Eq, ast.Is)):
        return ast.unparse(test)
    return ast.unparse(test.comparators[0] if isinstance(test.left, ast.Constant) else test.left)


def own_check(code: str | None, source: str) -> Check:
    """Take the agent's asserts about what the source sets, a few at most; none if they are not of that kind."""
    tree = tree_of(code or "")
    known = names_set(source) | set(names_used(source))
    asserts = [ast.unparse(node) for node in tree.body if isinstance(node, ast.Assert)] if tree else []
    asserts = [
        text for text in asserts if known & set(names_used(text)) and not effects(text) and not uses_up(text) and not awaits(text)
    ]
    return Check("\n".join(asserts[:_MOST_OWN]), "agent") if asserts else Check()


def other_result(results: Sequence[Variable]) -> Check:
    """Give the check that numbers and texts which a cell has set become others; empty where it sets anything else."""
    values = [variable.summary for variable in results]
    if not results or not all(map(is_literal, values)):
        return Check()
    names = [variable.name for variable in results]
    left, right = (names[0], values[0]) if len(names) == 1 else (f"({', '.join(names)})", f"({', '.join(values)})")
    return Check(f"assert {left} != {right}", "agent")


def num_examples(check: Check, source: str) -> int:
    """Count the asserts of a check of a cell, and the examples in the cell's docstrings."""
    return len(asserted(check.code)) + len(list(examples_in([source])))


def asserted(code: str) -> list[str]:
    """Give what the asserts of a check say, in order."""
    nodes = [node for node in ast.walk(tree_of(code) or ast.Module([], [])) if isinstance(node, ast.Assert)]
    return [ast.unparse(node.test) for node in sorted(nodes, key=lambda node: node.lineno)]


def only_asserts(source: str) -> bool:
    """Whether a cell does nothing but assert: what it sets are functions that assert, imports and written-out values."""
    tree = tree_of(source)
    return tree is not None and all(_asserts(node) or _serves_asserts(node) for node in tree.body)


def _serves_asserts(node: ast.stmt) -> bool:
    computes = any(isinstance(inner, (ast.Call, ast.Name)) for inner in ast.walk(getattr(node, "value", None) or ast.Pass()))
    return isinstance(node, (ast.Expr, ast.Import, ast.ImportFrom)) or (isinstance(node, ast.Assign) and not computes)


def _own_asserts(source: str) -> Iterator[str]:
    """Give the asserts that end a cell: they fail it, and yet they are what must hold. Those that use something up are none."""
    tree = tree_of(source)
    last = takewhile(_changes_nothing, reversed(tree.body if tree else []))
    asserts = [ast.unparse(node) for node in last if isinstance(node, ast.Assert)]
    return (text for text in reversed(asserts) if not uses_up(text) and not awaits(text))


def awaits(code: str) -> bool:
    """Whether code awaits something outside of functions, which a check cannot."""
    with quiet():
        try:
            compile(code, "", "exec", dont_inherit=True)
        except SyntaxError:
            return True
    return False


def _changes_nothing(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Assert, ast.Expr)) and not names_changed(ast.unparse(node))


def _asserts_of_neighbours(cells: Sequence[Cell], target: int, held: Collection[str] | None) -> Iterator[str]:
    """Give the parts of other cells that check a name which this cell sets."""
    names = names_set(cells[target].source)
    others = [i for i, cell in enumerate(cells) if i != target and cell.cell_type == "code"]
    for place in sorted(sorted(others, key=lambda i: abs(i - target))[:_NEIGHBOURS]):
        asserting = _asserting(cells[place].source)
        needed = set(names_used(asserting)) - names_set(asserting)
        if names & needed and (held is None or needed <= names | set(held)):
            yield asserting


def _asserting(source: str) -> str:
    """Cut a cell down to its asserts and the statements that they need."""
    tree = tree_of(source)
    return "\n".join(with_what_they_need(tree.body)) if tree else ""


def with_what_they_need(body: Sequence[ast.stmt]) -> list[str]:
    """Give the asserts among statements, after those that set, or build up, what they need; nothing that awaits."""
    kept: list[str] = []
    needed: set[str] = set()
    checkers = {node.name for node in body if isinstance(node, ast.FunctionDef) and _asserts(node)}
    own = {name for node in body for name in names_set(ast.unparse(node))}
    lost = {name for node in body if awaits(text := ast.unparse(node)) for name in names_set(text)}
    for node in reversed(body):
        text = ast.unparse(node)
        if awaits(text) or lost & set(names_used(text)):
            continue
        calls = isinstance(node, ast.Expr) and checkers & set(names_used(text))
        asserts = _asserts(node) and not isinstance(node, ast.FunctionDef)
        if asserts or calls or names_set(text) & needed or _acts_on(node, needed & own):
            kept.append(text)
            needed |= set(names_used(text))
    return kept[::-1]


def _acts_on(node: ast.stmt, names: Collection[str]) -> bool:
    """Whether a statement builds up what one of the names is: `stack.push(1)`, `rows[0] = 2`, a loop that appends."""
    if names_changed(ast.unparse(node)) & set(names):
        return True
    called = node.value.func if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
    return isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id in names


def _asserts(node: ast.AST) -> bool:
    """Whether there is an assert in it, or a call such as `np.testing.assert_allclose`."""
    return any(
        isinstance(inner, ast.Assert)
        or (isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr.startswith("assert"))
        for inner in ast.walk(node)
    )


def without_doctests(code: str) -> str:
    """Leave out of a check what runs the examples of docstrings."""
    return "\n".join(line for line in code.splitlines() if line != _IMPORT and not line.startswith(_RUN))


def examples_in(cells: Sequence[str]) -> Iterator[doctest.Example]:
    """Give the examples in docstrings, which a check runs."""
    nodes = (node for cell in cells for node in ast.walk(tree_of(cell) or ast.Module([], [])))
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield from examples_of(ast.get_docstring(node) or "")


def examples_of(text: str) -> list[doctest.Example]:
    """Read the `>>>` examples in a text; none when they are not laid out as doctest wants them."""
    try:
        return doctest.DocTestParser().get_examples(text)
    except ValueError:
        return []


def _doctests(source: str) -> Iterator[str]:
    tree = tree_of(source)
    for name in _with_examples(tree.body if tree else [], ""):
        yield _IMPORT
        yield f"{_RUN}{name}, globals(), name={name!r})"


def _with_examples(body: Sequence[ast.stmt], prefix: str) -> Iterator[str]:
    """Give the dotted names of the functions, classes and methods whose docstrings hold examples."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            if ">>>" in (ast.get_docstring(node) or ""):
                yield prefix + node.name
            yield from _with_examples(node.body if isinstance(node, ast.ClassDef) else [], f"{prefix}{node.name}.")
