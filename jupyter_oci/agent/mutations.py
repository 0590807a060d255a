"""The small changes of a cell that are worth a trial: one slip mended, all other characters as the user wrote them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .mutation_rules import RULES, Change, Here
from .only_computes import only_computes
from .python_text import tree_of
from .source_map import SourceMap, Span

_MOST = 3000
_LONG = 16  # characters that need not be told twice
_LONGEST = 8000  # characters of a cell


@dataclass(frozen=True, slots=True)
class Mutation:
    """Put `new` in the place of `old`, which stands at `span` (character offsets) in line `line` of the cell."""

    span: Span
    old: str
    new: str
    line: int

    def of(self, source: str) -> str:
        """Give the changed source."""
        start, end = self.span
        return source[:start] + self.new + source[end:]

    def tidied(self, source: str) -> Mutation:
        """Give the same change without the parentheses that it does not need."""
        bare = replace(self, new=self.new[1:-1])
        needed = not self.new.startswith("(") or _dumped(bare.of(source)) != _dumped(self.of(source))
        return self if needed else bare

    @property
    def size(self) -> int:
        """Count the characters that it takes away and puts there."""
        return len(self.old) + len(self.new)

    @property
    def summary(self) -> str:
        """Say what it changes, and that nobody understood why."""
        return f"Line {self.line}: {self._changed}. Found by trying small changes."

    @property
    def _changed(self) -> str:
        old, new = self.old.strip(), self.new
        if not new:
            return "the line is left out"
        kept = next((text for text in (f"({old})", old) if new.startswith(text)), "")
        return f"`{new.removeprefix(kept)}` is added at its end" if len(kept) > _LONG else f"`{old}` becomes `{new}`"


def mutations(source: str) -> list[Mutation]:
    """Give the changes of a cell, the likeliest kinds first; none of what is no plain Python, or is long.

    What only computes, or stays inside, does so with each of them, too: they are made of its own parts and of a few names that
    are known. Some are no Python.
    """
    if len(source) > _LONGEST:
        return []
    mapped = SourceMap.of(source)
    if mapped is None:
        return []
    changes = [change for nodes in mapped.functions() for change in _changes(mapped, nodes)]
    tried = {source}
    found: list[Mutation] = []
    for change in sorted(changes, key=lambda change: change.rank)[:_MOST]:
        start, end = change.span
        mutation = Mutation(change.span, source[start:end], change.text, source.count("\n", 0, start) + 1)
        changed = mutation.of(source)
        if changed not in tried:
            found.append(mutation)
        tried.add(changed)
    return found


def _changes(mapped: SourceMap, nodes: Sequence[ast.AST]) -> list[Change]:
    """Give the changes within one function, whose names and strings may take each other's place."""
    stored = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    arguments = [node.arg for node in nodes if isinstance(node, ast.arg)]
    strings = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    names = filter(only_computes, dict.fromkeys((*arguments, *stored)))  # elsewhere, one called `eval` is Python's own
    here = Here(mapped, tuple(names), tuple(dict.fromkeys(strings)))
    return [change for node in nodes for kinds, rule in RULES if isinstance(node, kinds) for change in rule(node, here)]


def _dumped(source: str) -> str:
    tree = tree_of(source)
    return ast.dump(tree) if tree else ""
