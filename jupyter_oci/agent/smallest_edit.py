"""The smallest edit that does it: of a model's whole-cell answer, keep what changes the code and nothing else.

Models that are asked for a fix also drop comments, reformat, and reword docstrings. What a user wrote stays unless the fix needs
it changed; an assert or a doctest is what must hold, so a fix never touches it.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator, Sequence

from .cell_lines import Line, read_lines
from .python_text import foreign_magic, magics, parses, tree_of

_ALIKE = 0.4
_DEFINING = ("import", "from", "def", "class", "async", "@")
_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_ABOUT_TEXT = re.compile(r"\b(?:comment|docstring|document|assert|test|doctest|format|layout)", re.IGNORECASE)


def smallest_edit(base: str, answer: str, asked: str = "") -> str:
    """Give the base with the answer's changes of code in it, and the user's comments, magics, docstrings and asserts.

    Where the user's sentence `asked` is about such text, where the cell is in another language or where nothing smaller would
    parse, it is the answer itself. An answer that changes magics alone is about those.
    """
    answer = answer.rstrip()
    if _ABOUT_TEXT.search(asked) or foreign_magic(base):
        return answer
    both_parse = tree_of(base) is not None and tree_of(answer) is not None
    for keep_docs in (True, False) if both_parse else (False,):
        edited = _merged(read_lines(base, keep_docs=keep_docs), read_lines(answer, keep_docs=keep_docs))
        if edited.strip() == base.strip() and len(magics(base)) == len(magics(answer)):
            both = (read_lines(text, keep_docs=keep_docs, keep_magics=False) for text in (base, answer))
            edited = _merged(*both)
        if parses(edited) or not parses(answer):
            return _with_last_line(base, edited)
    return answer


def _with_last_line(base: str, edited: str) -> str:
    """Put the line back that shows the base's result, where the edit ends without one."""
    before, after = tree_of(base), tree_of(edited)
    if before is None or after is None or not before.body or not after.body:
        return edited
    last, text = before.body[-1], ast.unparse(before.body[-1])
    only = len(before.body) > 1 and before.body[-2].end_lineno < last.lineno  # type: ignore[operator]
    if not only or not _shows(last, before) or isinstance(after.body[-1], ast.Expr) or text in ast.unparse(after):
        return edited
    return "\n".join((edited.rstrip(), *base.splitlines()[last.lineno - 1 : last.end_lineno]))


def _shows(line: ast.stmt, tree: ast.Module) -> bool:
    """Whether a line only shows a variable, or what a function of this very cell gives."""
    value = line.value if isinstance(line, ast.Expr) else None
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    calls = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in own
    return calls or isinstance(value, ast.Name)


def without_trials(base: str, answer: str) -> str:
    """Drop calls at the top level of an answer to a cell that only defines: models like to try out what they wrote."""
    defined, written = tree_of(base), tree_of(answer)
    if defined is None or written is None or not all(isinstance(node, _DEFINES) for node in defined.body):
        return answer
    lines = answer.splitlines()
    for node in reversed(list(filter(_calls, written.body))):
        del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines)


def _calls(node: ast.stmt) -> bool:
    is_main = isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
    return is_main or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))


def changed_lines(base: str, source: str) -> int:
    """Count the lines that are changed, dropped or added."""
    hunks = difflib.SequenceMatcher(None, base.splitlines(), source.splitlines(), autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in hunks if tag != "equal")


def _merged(base: Sequence[Line], answer: Sequence[Line]) -> str:
    """Compare the code alone; what stands beside the base's code keeps its place."""
    old = [index for index, line in enumerate(base) if line.key is not None]
    new = [index for index, line in enumerate(answer) if line.key is not None]
    matcher = difflib.SequenceMatcher(None, [base[i].key for i in old], [answer[i].key for i in new], autojunk=False)
    result: list[str] = []
    done = 0  # lines of the base that are in the result, or replaced
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        end = old[i2 - 1] + 1 if i2 > i1 else done
        left_out = tag == "delete" and _only_left_out(base[old[i1]], at_edge=i1 == 0 or i2 == len(old))
        if tag == "equal" or left_out:
            result += [line.text for line in base[done:end]]
        elif tag == "insert":
            result += [line.text for line in answer[new[j1] : new[j2 - 1] + 1]]
            result += [""] * answer[new[j2 - 1]].gap if base[done:] and base[done].text.strip() else []
        else:
            result += _replaced(base[done:end], [answer[index] for index in new[j1:j2]], at_end=i2 == len(old))
        done = end
    return "\n".join([*result, *(line.text for line in base[done:])])


def _only_left_out(first: Line, *, at_edge: bool) -> bool:
    """Whether the lines that the answer lacks were just not repeated: models like to leave out imports, functions, calls."""
    words = first.key or ()
    return words[:1] == ("",) and (at_edge or words[1] in _DEFINING)


def _replaced(old: Sequence[Line], new: Sequence[Line], *, at_end: bool) -> Iterator[str]:
    """Give the new lines in the place of the old code; what stands beside a line stays ahead of the one that replaces it."""
    places = list(_places([line for line in old if line.key is not None], new))
    done = 0
    keeps = False
    for line in old:
        if line.key is None:
            yield line.text
            continue
        place = places.pop(0)
        keeps = place is None and (keeps if line.key[0] else _only_left_out(line, at_edge=at_end and set(places) <= {None}))
        if keeps:
            yield line.text
        if place is not None:
            yield from _spaced(new[done:place])
            yield _with_comment(new[place].text, new[place].comment, line.comment)
            done = place + 1
    yield from _spaced(new[done:-1])
    yield from (added.text for added in new[max(done, len(new) - 1) :])


def _spaced(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        yield from (line.text, *[""] * line.gap)


def _places(old: Sequence[Line], new: Sequence[Line]) -> Iterator[int | None]:
    """Say for each old line which new one takes its place, in order; None: it is dropped."""
    if len(old) == len(new):
        yield from range(len(new))
        return
    likeness = [(_likeness(line.text, other.text), i, j) for i, line in enumerate(old) for j, other in enumerate(new)]
    chosen: dict[int, int] = {}
    for likely, i, j in sorted(likeness, key=lambda pair: -pair[0]):
        if likely >= _ALIKE and all((i < a and j < b) or (i > a and j > b) for a, b in chosen.items()):
            chosen[i] = j
    yield from (chosen.get(i) for i in range(len(old)))


def _likeness(first: str, second: str) -> float:
    matcher = difflib.SequenceMatcher(None, first, second)
    return matcher.ratio() if matcher.real_quick_ratio() >= _ALIKE else 0.0


def _with_comment(text: str, own: str, users: str) -> str:
    return f"{text.rstrip()}  {users}" if users and not own else text
