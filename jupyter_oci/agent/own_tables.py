"""Code that would change a table of the user's for a request that only asks to see something: it works on a copy, and says so."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence

from ..kernel.base import Variable
from .cure_scene import applied, column_label
from .language import language_of
from .source_map import SourceMap
from .variable_text import labels_of

# Every sentence begins with one of these, perhaps after `For each shop,` or `Please`.
_SEES = (
    r"(?:are|calculate|compare|compute|count|describe|did|display|does|draw|estimate|find|give me|has|"
    r"how(?! (?:can|could|do|to)\b)|is|list|plot|print|return|see|show|summari[sz]e|tell|use|"
    r"visuali[sz]e|was|were|what|when|where|which|who|whose|why)\b"
)
_BEFORE = (
    r"(?:and|also|first|just|now|ok|please|so|then|(?:can|could|would) you|let'?s|let me|i(?:'d| would)? (?:like|need|want) to"
    r"|(?:among|based on|by|for|from|in|of|on|over|per|using|with|within) (?:(?!and )[^,])+?)"
)
_ONLY_SEES = re.compile(rf"(?:{_BEFORE},? )*{_SEES}", re.IGNORECASE)
_SENTENCE = re.compile(r"[.;:!?]+(?:\s+|$)|\n+")
# What changes a table, or may: any word that something is done with behind an `and`.
_CHANGES = re.compile(
    r"\b(?:add|alter|appl|append|assign|cast|chang|clean|clip|convert|correct|creat|dedup\w*|delet|discard|doubl|drop|eliminat|encod|"
    r"exclud|fill|filter|fix|format|halv|imput|insert|keep|mak|map|merg|modif|mov|multipl|normali[sz]|omit|overwrit|pars|put|recod|"
    r"remov|renam|replac|reset|round|sav|scal|set|shift|sort|split|standardi[sz]|stor|strip|swap|transform|trim|turn|updat|writ"
    r"|(?<=\band )(?:decreas|divid|increas|rais|reduc))(?:e|y|t?ing|e?d|s|ied|ies)?\b"
    rf"|(?:,|\band|\bthen) (?!{_SEES}|(?:a|all|an|by|each|for|in|of|on|per|that|the|with)\b)"
    r"\w+ (?:all|every|it|its|only|the|them|these|those)\b",
    re.IGNORECASE,
)
# The chart is made, and not the table.
_CHART = re.compile(
    r"\b(?:(?:add|creat|mak|generat|produc|writ)(?:e|ing)?|(?:as|in|into)) (?:[\w-]+ ){0,4}?"
    r"(?:\w*plots?|charts?|graphs?|histograms?|figures?|heat ?maps?|diagrams?|visuali[sz]ations?)\b",
    re.IGNORECASE,
)
# They give the same values in a better form, which whoever comes next needs.
_READINGS = ("to_datetime", "to_numeric", "to_timedelta", "astype")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def with_own_tables(source: str, request: str, variables: Sequence[Variable], cells: Sequence[str] = ()) -> str:
    """Give the source with copies of the user's tables that it would change, where the request only asks to see something.

    `variables` are the user's. A new column is no change. It stays as it is where a table is used in a way that is not seen, or
    where the request is in another language, whose words for changing are not known. A copy has a name that nothing has, or that
    an earlier copy has which one of the notebook's `cells` makes.
    """
    if not _only_asks_to_see(request):
        return source
    for table in variables:
        mapped = SourceMap.of(source) if table.type == "DataFrame" and table.name in source else None
        change = next(_changes(mapped.tree, table), None) if mapped else None
        if mapped and change and not _is_hidden(mapped.tree, table.name, source):
            copies = re.findall(rf"^(\w+) = {table.name}\b", "\n".join(cells), re.MULTILINE)
            taken = {each.name for each in variables}.difference(copies) | {node.id for node in _names(mapped.tree)}
            source = _on_a_copy(mapped, change, table, taken)
    return source


def _only_asks_to_see(request: str) -> bool:
    asked = _CHART.sub("plot", request)
    sentences = [sentence for part in _SENTENCE.split(asked) if (sentence := part.strip())]
    only_sees = sentences and all(map(_ONLY_SEES.match, sentences)) and not _CHANGES.search(asked)
    return bool(only_sees) and not language_of([asked])


def _changes(tree: ast.Module, table: Variable) -> Iterator[ast.stmt]:
    """Give the statements at the top level that change the table's values, or make its name another table."""
    for each in tree.body:
        if _replaces(each, table) or _remakes(each, table) or _changes_in_place(each, table):
            yield each


def _replaces(statement: ast.stmt, table: Variable) -> bool:
    """Whether one of its columns gets other values: `df["price"] = df["price"].round()`."""
    if not isinstance(statement, (ast.Assign, ast.AugAssign)) or _is_reading(statement.value):
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return any(column_label(target) in labels_of(table) and _is(_of(target), table) for target in targets)


def _remakes(statement: ast.stmt, table: Variable) -> bool:
    """Whether the table's name becomes what is made of it: `df = df.dropna()`."""
    if not isinstance(statement, ast.Assign) or not any(_is(target, table) for target in statement.targets):
        return False
    return any(node.id == table.name for node in _names(statement.value))


def _changes_in_place(statement: ast.stmt, table: Variable) -> bool:
    """Whether one of its methods changes it: `df.dropna(inplace=True)`."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not _is(_of(call.func), table):
        return False
    return any(each.arg == "inplace" and isinstance(each.value, ast.Constant) and each.value.value for each in call.keywords)


def _of(node: ast.expr) -> ast.expr | None:
    """Give what a column is taken from, or a method called on."""
    return node.value if isinstance(node, (ast.Subscript, ast.Attribute)) else None


def _is(node: ast.expr | None, table: Variable) -> bool:
    return isinstance(node, ast.Name) and node.id == table.name


def _is_reading(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in _READINGS


def _names(tree: ast.AST) -> Iterator[ast.Name]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Name))


def _is_hidden(tree: ast.Module, name: str, source: str) -> bool:
    """Whether the name is used where it has no place of its own, or perhaps is another's: in an f-string, a query, a function."""
    scopes = (node for node in ast.walk(tree) if isinstance(node, (ast.JoinedStr, *_SCOPES)))
    return f"@{name}" in source or any(each.id == name for node in scopes for each in _names(node))


def _on_a_copy(mapped: SourceMap, change: ast.stmt, table: Variable, taken: Collection[str]) -> str:
    """Have a copy in the table's place from the changing statement on."""
    own = next(new for count in range(len(taken) + 1) if (new := f"{table.name}_shown{'_' * count}") not in taken)
    start, _ = mapped.lines(change)
    later = {id(node): node for node in _names(mapped.tree) if node.id == table.name and mapped.span(node)[0] >= start}
    if isinstance(change, ast.Assign) and _remakes(change, table):
        for node in _names(change.value):
            later.pop(id(node), None)
        copied = ""
    else:
        copied = f"{own} = {table.name}.copy()\n"
    said = f"# This is done on a copy: {table.name} itself stays as it is.\n"
    return applied(mapped.source, [(start, start, said + copied), *((*mapped.span(node), own) for node in later.values())])
