"""What a user says should come out, as asserts: in a comment beside the code, or in the sentence that asks for the fix."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence

from .cell_names import names_changed, names_set, names_used
from .python_text import quiet, tree_of

_COMMENT = re.compile(
    r"#+\s*(?:(?:expected|expects?|should (?:be|give|return|print)|must be|returns?)\b[:\s]*|[-=]+>|→)\s*(?P<value>.+)", re.I
)
_SAID = re.compile(
    r"(?:\b(?:should|must|has to|ought to|is expected to|was expected to)\s+(?:be|give|return|equal|yield|print|show)\b"
    r"|\bexpected\b(?:\s+(?:is|was|to be|value|result|output))?:?|==|->|→)\s*",
    re.IGNORECASE,
)
_NEXT = re.compile(r"\bnext\(")
# A sign behind it is no expectation: `It crashes when n == 0`.
_CONDITION = re.compile(
    r"\b(?:if|when|where|whenever|for|with|unless|while|wenn|falls|wo|si|quand|où|cuando|donde|se|quando)\b[^.;,\n]*$",
    re.IGNORECASE,
)
_ALL_SAID = re.compile(rf"\W*(?:(?:and )?not\b|but\b|instead\b|and\b.*{_SAID.pattern}|$)", re.IGNORECASE)


def from_comments(source: str) -> Iterator[str]:
    """Give an assert for each comment such as `# expected: 9` at a statement that shows or sets a value."""
    tree = tree_of(source)
    if tree is None:
        return
    for line, comment in _comments(source):
        value = _leading_value(match["value"]) if (match := _COMMENT.match(comment)) else None
        shown = [(node, text) for node in tree.body if _ends_at(node, line) and (text := _shown(node))]
        if value and shown and _may_be_asked_again(*shown[-1], value, tree.body):
            yield _equal(shown[-1][1], value)


def _may_be_asked_again(node: ast.stmt, shown: str, value: str, body: Sequence[ast.stmt]) -> bool:
    """Whether what a statement showed is so at the end of the cell, and to ask for it changes nothing.

    A method whose value is None is called for what it does.
    """
    called = getattr(getattr(node, "value", None), "func", None)
    if uses_up(shown) or (value == "None" and isinstance(called, ast.Attribute)):
        return False
    later = "\n".join(map(ast.unparse, body[body.index(node) + 1 :]))
    return not names_used(shown) & (names_set(later) | names_changed(later))


def uses_up(code: str) -> bool:
    """Whether to evaluate code changes what it asks about: `stack.pop()`, `next(rows)`."""
    return bool(names_changed(code) or _NEXT.search(code))


def from_sentence(sentence: str, source: str) -> Iterator[str]:
    """Give an assert for what the sentence says that an expression of the cell, or its last value, should be."""
    for match in _SAID.finditer(sentence):
        value, before = _leading_value(sentence[match.end() :]), sentence[: match.start()]
        is_sign = not match[0][0].isalpha()
        if is_sign and _CONDITION.search(before):
            continue
        shown = _trailing_expression(before, source) or ("" if is_sign else _last_shown(source))
        if value and shown:
            yield _equal(shown, value)


def _equal(shown: str, value: str) -> str:
    return f"assert {shown} is {value}" if value == "None" else f"assert {shown} == {value}"


def _comments(source: str) -> Iterator[tuple[int, str]]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return
    yield from ((token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT)


def _ends_at(node: ast.stmt, line: int) -> bool:
    """Tell whether a comment on the line is about the statement: beside its end or right below."""
    return node.end_lineno in (line, line - 1)


def _shown(node: ast.stmt) -> str:
    """Give the expression whose value the statement shows or sets; empty if there is none that may be evaluated again."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    if not isinstance(node, ast.Expr):
        return ""
    value = node.value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("print", "display"):
        value = value.args[0] if len(value.args) == 1 else ast.Constant(None)
    acts = (ast.Await, ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Constant, ast.JoinedStr)
    return "" if isinstance(value, acts) else ast.unparse(value)


def _last_shown(source: str) -> str:
    tree = tree_of(source)
    return _shown(tree.body[-1]) if tree is not None and tree.body else ""


def _leading_value(text: str) -> str | None:
    """Give the longest literal that the text begins with, if that is all that it says: `5 rows` and `None if empty` say more."""
    words = text.strip().split()
    for end in range(len(words), 0, -1):
        written = " ".join(words[:end])
        candidate = written.strip("`.,;!?")
        if is_literal(candidate):
            is_all = written[-1] in ".,;!?" or _ALL_SAID.match(" ".join(words[end:]))
            return candidate if is_all else None
    return None


def is_literal(text: str) -> bool:
    """Whether a text is a value that is written out."""
    with quiet():
        try:
            ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return False
    return True


def _trailing_expression(text: str, source: str) -> str | None:
    """Give the longest expression that the text ends with, if it names something of the cell."""
    words = text.replace("`", " ").split()
    names = {node.id for node in ast.walk(tree_of(source) or ast.Module([], [])) if isinstance(node, ast.Name)}
    names |= {node.name for node in ast.walk(tree_of(source) or ast.Module([], [])) if isinstance(node, ast.FunctionDef)}
    for start in range(len(words)):
        candidate = " ".join(words[start:]).strip(",;:")
        try:
            tree = ast.parse(candidate, mode="eval")
        except (SyntaxError, ValueError):
            continue
        if isinstance(tree.body, (ast.Call, ast.Name, ast.Subscript, ast.Attribute)) and names & _names_in(tree):
            return candidate
    return None


def _names_in(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
