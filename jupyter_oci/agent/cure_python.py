"""Cures of errors of Python's own: text and numbers put together, what is no list, what Python 2 or the standard library had.

As with columns, each is made where there is one way to read what was meant, and nowhere else.
"""

from __future__ import annotations

import ast
import collections.abc
import re
from collections.abc import Iterator

from .cure_scene import Edit, Scene

Edits = Iterator[Edit]
_WHOLE = re.compile(r"'\s*[-+]?(?:0|[1-9]\d*)\s*'")  # what begins with a zero is a code
_DECIMAL = re.compile(r"'\s*[-+]?(?:0|[1-9]\d*)\.\d+\s*'")
_TABLES = ("DataFrame", "Index", "Series", "ndarray")
_VIEWS = "keys|values|items"
_ITERATORS = "map|filter|zip|enumerate|reversed"
_BUILTINS = {"basestring": "str", "long": "int", "raw_input": "input", "unichr": "chr", "unicode": "str", "xrange": "range"}
_ATTRIBUTES = {
    "inspect.getargspec": "getfullargspec",
    "os.getcwdu": "getcwd",
    "string.letters": "ascii_letters",
    "string.lowercase": "ascii_lowercase",
    "string.uppercase": "ascii_uppercase",
    "sys.maxint": "maxsize",
    "time.clock": "perf_counter",
}
_METHODS = {
    "dict.iteritems": "items",
    "dict.iterkeys": "keys",
    "dict.itervalues": "values",
    "list.add": "append",
    "list.push": "append",
    "set.append": "add",
}
_MODULES = {
    "ConfigParser": "configparser",
    "Queue": "queue",
    "StringIO": "io",
    "Tkinter": "tkinter",
    "cPickle": "pickle",
    "sklearn.cross_validation": "sklearn.model_selection",
    "sklearn.grid_search": "sklearn.model_selection",
}
BUILTIN = "|".join(_BUILTINS)
ATTRIBUTE = "|".join(map(re.escape, _ATTRIBUTES)).replace(r"\.", "' has no attribute '")
METHOD = "|".join(map(re.escape, _METHODS)).replace(r"\.", "' object has no attribute '")
MODULE = "|".join(map(re.escape, _MODULES))
OF_ABC = "|".join(collections.abc.__all__)


def as_text(scene: Scene, _: re.Match[str]) -> Edits:
    """Make text of what is added to text that is written out: `"Total: " + total`; not of columns, whose items fail elsewhere."""
    inner = {id(node.left) for node in scene.all(ast.BinOp) if isinstance(node.op, ast.Add)}
    for node in scene.all(ast.BinOp) if scene.is_direct else ():
        if isinstance(node.op, ast.Add) and id(node) not in inner:
            yield from _all_text(scene, node)


def _all_text(scene: Scene, whole: ast.BinOp) -> Edits:
    sums = list(_sums(scene, whole))
    first: ast.expr = sums[-1].left
    operands = [first, *(each.right for each in reversed(sums))]
    place = next((number for number, each in enumerate(operands) if _is_text(each)), None)
    if place is None:
        return
    numbers = operands[place + 1 :]
    if place:  # what stands before the first text is added up as numbers
        numbers = [first if place == 1 else sums[len(sums) - place + 1], *numbers]
    numbers = [number for number in numbers if not _is_text(number) and scene.type_of(number) != "str"]
    for number in numbers:  # the first has failed
        if number is numbers[0] or not _is_of_table(scene, number):
            yield from scene.wrap(number, "str(")


def _is_of_table(scene: Scene, node: ast.expr) -> bool:
    return any(scene.type_of(name) in _TABLES for name in ast.walk(node) if isinstance(name, ast.Name))


def _sums(scene: Scene, whole: ast.BinOp) -> Iterator[ast.BinOp]:
    """Give a sum and those that it begins with, as far as no parentheses are around them."""
    start = scene.mapped.span(whole)[0]
    node: ast.expr = whole
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and scene.mapped.span(node)[0] == start:
        yield node
        node = node.left


def _is_text(node: ast.expr) -> bool:
    return (
        _calls(node, "str") or isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
    )


def as_number(scene: Scene, _: re.Match[str]) -> Edits:
    """Make a number of a variable that is text for one, where it is calculated with or compared."""
    sums = [[node.left, node.right] for node in scene.all(ast.BinOp)]
    comparisons = [[node.left, *node.comparators] for node in scene.all(ast.Compare)]
    for sides in (*sums, *comparisons):
        is_of_text = any(map(_is_text, sides)) or all(scene.type_of(side) == "str" for side in sides)
        for side in () if is_of_text else sides:
            text = scene.summary_of(side) if scene.type_of(side) == "str" else ""
            kind = "int" if _WHOLE.fullmatch(text) else "float" if _DECIMAL.fullmatch(text) else ""
            if kind:
                yield from scene.wrap(side, f"{kind}(")


def joined(scene: Scene, _: re.Match[str]) -> Edits:
    """Make text of what is joined."""
    for call in scene.calls("join"):
        yield from scene.wrap(call.args[0], "map(str, ") if len(call.args) == 1 else ()


def whole(scene: Scene, _: re.Match[str]) -> Edits:
    """Divide to whole numbers where a place or a count is meant."""
    counts = [call.args for call in scene.all(ast.Call) if _calls(call, "range")]
    places = [[node.slice] for node in scene.all(ast.Subscript) if scene.type_of(node.value) != "dict"]
    for node in (inner for each in (*counts, *places) for part in each for inner in _divisions(part)):
        yield from (
            (token.startpos, token.endpos, "//") for token in scene.mapped.between(node.left, node.right) if token.string == "/"
        )


def _divisions(node: ast.AST) -> Iterator[ast.BinOp]:
    """Give the divisions whose result is what is given, but for a sum: none in a comparison or a call."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        yield node
    if isinstance(node, (ast.Slice, ast.Tuple)) or (
        isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub, ast.Div))
    ):
        for inner in ast.iter_child_nodes(node):
            yield from _divisions(inner)


def counted(scene: Scene, _: re.Match[str]) -> Edits:
    """Count up to a number that a loop is to go through."""
    for loop in scene.all(ast.For):
        if _calls(loop.iter, "len") or isinstance(loop.iter, ast.Constant) or scene.type_of(loop.iter) == "int":
            yield from scene.wrap(loop.iter, "range(")


def as_list(scene: Scene, _: re.Match[str]) -> Edits:
    """Make a list of what is read only in order, where a place in it or its length is wanted."""
    lengths = [call.args for call in scene.all(ast.Call) if _calls(call, "len")]
    for node in (*(each.value for each in scene.all(ast.Subscript)), *(each for args in lengths for each in args)):
        called = node.func if isinstance(node, ast.Call) else None
        is_view = isinstance(called, ast.Attribute) and re.fullmatch(_VIEWS, called.attr)
        if is_view or _calls(node, _ITERATORS) or re.fullmatch(rf"dict_(?:{_VIEWS})", scene.type_of(node)):
            yield from scene.wrap(node, "list(")


def copied(scene: Scene, _: re.Match[str]) -> Edits:
    """Go through a copy of what the loop changes."""
    for loop in scene.all(ast.For):
        yield from scene.wrap(loop.iter, "list(")


def without_none(scene: Scene, _: re.Match[str]) -> Edits:
    """Leave missing values out of a sum or an extreme; not where they are counted as well, as in a mean."""
    counts = {scene.text(call.args[0]) for call in scene.all(ast.Call) if _calls(call, "len")}
    for call in scene.all(ast.Call):
        values = call.args[0] if _calls(call, "sum|max|min|sorted") else call
        if scene.type_of(values) in ("list", "tuple", "set") and "NoneType" in scene.summary_of(values):
            name = scene.text(values)
            each = f"item for item in {name} if item is not None"
            if name not in counts:
                yield scene.put(values, each if len(call.args) + len(call.keywords) == 1 else f"({each})")


def _calls(node: ast.expr, names: str) -> bool:
    """Whether it calls one of some functions with an argument."""
    function = node.func if isinstance(node, ast.Call) and node.args else None
    return isinstance(function, ast.Name) and re.fullmatch(names, function.id) is not None


def builtin(scene: Scene, match: re.Match[str]) -> Edits:
    """Use the name that Python 3 has for it."""
    return (scene.put(node, _BUILTINS[match[1]]) for node in scene.all(ast.Name) if node.id == match[1])


def attribute(scene: Scene, match: re.Match[str]) -> Edits:
    """Use the name that a module has for it now."""
    module, _, name = match[1].partition("' has no attribute '")
    return (scene.rename(node, _ATTRIBUTES[f"{module}.{name}"]) for node in scene.attributes(name))


def method(scene: Scene, match: re.Match[str]) -> Edits:
    """Use the name that the method has."""
    kind, _, name = match[1].partition("' object has no attribute '")
    return (scene.rename(node, _METHODS[f"{kind}.{name}"]) for node in scene.attributes(name))


def contained(scene: Scene, _: re.Match[str]) -> Edits:
    """Ask by `in` whether a dict has a key."""
    for call in scene.calls("has_key"):
        if isinstance(call.func, ast.Attribute) and len(call.args) == 1:
            yield scene.put(call, f"({scene.text(call.args[0])} in {scene.text(call.func.value)})")


def decoded(scene: Scene, _: re.Match[str]) -> Edits:
    """Leave out the decoding of what is text."""
    for call in scene.calls("decode"):
        if isinstance(call.func, ast.Attribute):
            yield scene.put(call, scene.text(call.func.value))


def no_arguments(scene: Scene, _: re.Match[str]) -> Edits:
    """Have a parser read an empty command line: a kernel's is none of the program's."""
    for call in scene.calls("parse_args|parse_known_args"):
        if not call.args and not call.keywords:
            yield scene.argument(call, "[]")


def length(scene: Scene, _: re.Match[str]) -> Edits:
    """Ask for a length by `len`."""
    called = {id(call.func): call for call in scene.all(ast.Call)}
    for node in scene.attributes("length|size"):
        yield scene.put(called.get(id(node), node), f"len({scene.text(node.value)})")


def in_class(scene: Scene, match: re.Match[str]) -> Edits:
    """Reach the class in the module `datetime`."""
    return (scene.after(node.value, ".datetime") for node in scene.attributes(match[1]) if isinstance(node.value, ast.Name))


def bare_class(scene: Scene, match: re.Match[str]) -> Edits:
    """Use a class of `datetime` by its own name, where `datetime` is one of them."""
    for node in scene.attributes(match[1]):
        if isinstance(node.value, ast.Name) and node.value.id == "datetime":
            yield scene.put(node, match[1])


def abstract(scene: Scene, match: re.Match[str]) -> Edits:
    """Take abstract classes from `collections.abc`."""
    for node in scene.attributes(match[1]):
        yield scene.after(node.value, ".abc")
    for line in scene.all(ast.ImportFrom):
        if line.module == "collections" and all(alias.name in collections.abc.__all__ for alias in line.names):
            yield scene.put(line, scene.text(line).replace("collections", "collections.abc", 1))


def module(scene: Scene, match: re.Match[str]) -> Edits:
    """Import a module by the name that it has now."""
    named = [node for node in scene.all(ast.Import) if [alias.name for alias in node.names if alias.asname] == [match[1]]]
    taken_from = [node for node in scene.all(ast.ImportFrom) if node.module == match[1]]
    for node in (*named, *taken_from):
        yield scene.put(node, scene.text(node).replace(match[1], _MODULES[match[1]], 1))
