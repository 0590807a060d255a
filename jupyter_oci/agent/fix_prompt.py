"""A problem as messages within the model's window: what is needed to see what is wrong with the cell, and no more."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..config import AgentConfig
from ..errors import ContextOverflow
from ..events import Intent
from ..model.base import Message
from ..request import Cell
from . import fix_wording as words
from .cell_text import cell_text
from .checks import asserted
from .conversation import TURN_TOKENS
from .feedback import failure_text
from .hints import failure_hint
from .output_text import output_text
from .plain_text import cut_middle, escaped, fenced, plain
from .problem import Problem
from .prompt import BuiltPrompt, CountTokens, prompt_limit
from .python_text import tree_of
from .variable_text import variable_lines
from .wording import failing_line

_OUTPUT_CHARACTERS = 1500
_RELATED_CHARACTERS = 3000
_MOST_EXPECTED = 10

_SYSTEMS: dict[Intent, str] = {"fix": words.FIX_SYSTEM, "explain": words.EXPLAIN_SYSTEM, "hint": words.HINT_SYSTEM}


def build_fix_prompt(
    problem: Problem, intent: Intent, count_tokens: CountTokens, window: int, config: AgentConfig
) -> BuiltPrompt:
    """Lay out the problem; related cells that do not fit are left out, those furthest above first.

    Raises:
        ContextOverflow: the cell itself does not fit: a fix needs all of it.
    """
    limit = prompt_limit(window, config)
    example = words.FIX_EXAMPLE if intent == "fix" else ()
    for dropped in range(len(problem.related) + 1):
        related = problem.related[dropped:]
        messages = (Message("system", _SYSTEMS[intent]), *example, Message("user", _text(problem, related, intent, limit)))
        total = sum(count_tokens([message.content for message in messages])) + TURN_TOKENS * len(messages)
        if total <= limit:
            return BuiltPrompt(messages, total, dropped, ())
    raise ContextOverflow(
        f"The cell alone has {total:,} tokens and {limit:,} fit: split the cell, or choose a model with a larger window."
    )


def anew_messages(problem: Problem) -> tuple[Message, ...] | None:
    """Ask for the functions of the cell, without showing how they are written; None of a cell that has none."""
    tree = tree_of(problem.cell.source)
    functions = [node for node in ast.walk(tree or ast.Module([], [])) if isinstance(node, ast.FunctionDef)]
    if tree is None or not functions:
        return None
    for function in functions:
        documented = ast.get_docstring(function) is not None
        function.body = [*function.body[:documented], ast.Expr(ast.Constant(...))]
    asked = words.ANEW_ASKED.format(source=fenced(plain(ast.unparse(tree)), "python"), expected=_expected(problem.check.code))
    said = plain(problem.sentence).strip()
    return Message("system", words.ANEW_SYSTEM), Message("user", f"{asked}\n{said}".rstrip())


def _text(problem: Problem, related: Sequence[int], intent: Intent, limit: int) -> str:
    return "\n\n".join(section for section in _sections(problem, related, intent, limit) if section)


def _sections(problem: Problem, related: Sequence[int], intent: Intent, limit: int) -> Iterator[str]:
    if related:
        shown = [_source(problem.cells[place], f"Cell {place + 1}") for place in related]
        yield "\n".join(("# Cells that it uses", *shown))
    if problem.variables:
        lines = variable_lines(problem.variables, f"{problem.sentence}\n{problem.cell.source}", limit, escaped)
        yield "\n".join(("# Variables in the kernel", *lines))
    if problem.check.code and intent == "fix":  # ahead of the cell: small models repeat the last code that they read
        yield f"# What must hold\n{_expected(problem.check.code)}"
    title = "# The cell to repair" if intent == "fix" else "# The cell"
    yield f"{title}\n{fenced(plain(problem.cell.source).strip(), 'python')}\n{_happened(problem, intent)}".rstrip()
    yield f"# Request\n{_asked(problem, intent)}"


def _expected(code: str) -> str:
    """Tell a check as a list; code that has no plain assert stays code."""
    told = [f"- `{text}`" for text in asserted(code)]
    return "\n".join(told[:_MOST_EXPECTED]) or fenced(cut_middle(code, _RELATED_CHARACTERS), "python")


def _happened(problem: Problem, intent: Intent) -> str:
    printed = cut_middle(output_text(problem.cell.outputs), _OUTPUT_CHARACTERS)
    parts = [f"Output:\n{fenced(printed)}"] if printed else []
    if problem.failure is not None:
        hint = failure_hint(problem.failure, problem.variables, problem.files)
        parts += [
            f"Error:\n{fenced(failure_text(problem.failure, _OUTPUT_CHARACTERS))}",
            f"{failing_line(problem.failure)}{hint}",
        ]
    elif intent != "explain":
        parts.append(words.RAN_AND_FAILED.format(told=problem.told) if problem.told else words.RAN_WRONG)
    return "\n".join(part for part in parts if part)


def _asked(problem: Problem, intent: Intent) -> str:
    said = plain(problem.sentence).strip()
    asked = {
        "fix": words.FIX_ASKED,
        "explain": words.EXPLAIN_ERROR_ASKED if problem.failure else words.EXPLAIN_ASKED,
        "hint": words.HINT_ASKED,
    }[intent]
    return f"{said}\n{asked}" if said else asked


def _source(cell: Cell, name: str) -> str:
    return cell_text(replace(cell, outputs=()), name, _RELATED_CHARACTERS, 0).text
