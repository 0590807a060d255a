"""The request with cells, variables and history, as messages within the model's window."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..config import AgentConfig
from ..errors import ContextOverflow
from ..kernel.base import DataFile, Variable
from ..model.base import Message
from ..request import Cell, Request, Turn
from .cell_text import cell_text, nearest
from .conversation import TURN_TOKENS
from .file_text import file_texts
from .language import answer_language
from .most_of import MOST, asks_for_most
from .plain_text import cut_middle, fenced, plain
from .second_asking import asks_for_words
from .variable_text import described, names_in, variable_lines
from .wording import EDIT_ASKED, EDIT_EXAMPLE, EDIT_SYSTEM, EXAMPLE, SYSTEM, answer_in

# As cells are called in the page, in prompts and by IPython; any other number in brackets may be an index.
_CELL_NUMBER = re.compile(r"\bcell (\d{1,9})\b|\b(?:cell|in|out) ?\[(\d{1,9})\]", re.IGNORECASE)
CountTokens = Callable[[Sequence[str]], list[int]]

_NOTEBOOK, _FILES, _VARIABLES = "# Notebook", "# Files in the folder", "# Variables in the kernel"
_EARLIER, _REQUEST = "# Earlier requests, and what was found", "# Request"
_INSTRUCTIONS = "# Instructions for every request"
_TO_EDIT = "The cell to change"
_CHARACTERS_PER_TOKEN = 6  # more than tokenizers get out of notebooks: bounds what is worth counting
_ITEM_TOKENS = 2  # the line ends around an item
_MAX_VARIABLES = 60
_MAX_FILES = 10
_MAX_TURNS = 6
_TURN_CHARACTERS = 1500
_SELECTION_CHARACTERS = 4000
_OUTPUT_CHARACTERS = 1500
_MOST_SAID = 3  # cells
_SHARES = {"cell": 1.0, "variable": 0.35, "turn": 0.25, "file": 0.25}


@dataclass(frozen=True, slots=True)
class BuiltPrompt:
    """What is sent. `total_tokens` are the model's own, `dropped_cells` counts cells left out, `shortened` names what was cut."""

    messages: tuple[Message, ...]
    total_tokens: int
    dropped_cells: int
    shortened: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Item:
    """Something that is sent if there is room, or else in `brief`."""

    kind: Literal["cell", "variable", "turn", "file"]
    position: int
    text: str
    name: str = ""
    cut: bool = False
    brief: str = ""


def conversation_limit(window: int, config: AgentConfig) -> int:
    """Give the tokens that prompt and rounds may have together: the window without the reply's share."""
    return min(config.max_context_tokens or window, window - min(config.sampling.max_tokens, window // 3))


def prompt_limit(window: int, config: AgentConfig) -> int:
    """Give the tokens that the first prompt may have, so that feedback of a few rounds still fits."""
    limit = conversation_limit(window, config)
    return limit - min(2 * config.max_feedback_tokens, limit // 3)


def build_prompt(
    request: Request,
    variables: Sequence[Variable],
    files: Sequence[DataFile],
    count_tokens: CountTokens,
    limit: int,
) -> BuiltPrompt:
    """Choose what is nearest to the request, up to a `limit` of tokens, in a few calls of `count_tokens`.

    Raises:
        ContextOverflow: the bare request does not fit.
    """
    items = list(_items(request, variables, files, limit))
    taken = _take(items, request, count_tokens, limit)
    while (total := _total(messages := _messages(request, taken), count_tokens)) > limit:
        if not taken:
            raise ContextOverflow(
                f"The request alone has {total:,} tokens and {limit:,} fit: shorten the prompt or the selection, "
                "or choose a model with a larger window."
            )
        taken = taken[: len(taken) * limit // (total + 1)]
    cells = sum(item.kind == "cell" for item in taken)
    written = sum(bool(cell.source.strip()) for cell in request.cells if not _is_edited(cell, request))
    return BuiltPrompt(messages, total, written - cells, tuple(item.name for item in taken if item.cut))


def echoes(code: str) -> bool:
    """Whether a heading of the prompt stands in code: then it is a copy of the prompt."""
    return not {_FILES, _NOTEBOOK, _VARIABLES, _EARLIER, _INSTRUCTIONS, _REQUEST}.isdisjoint(code.split("\n"))


def _items(request: Request, variables: Sequence[Variable], files: Sequence[DataFile], limit: int) -> Iterator[_Item]:
    """Give what may be sent, the most useful first, and no more than could ever fit."""
    cells = _cell_items(request, limit)
    yield from (item for item in [next(cells, None)] if item)
    told = _worth_describing(variables, request)
    lines = variable_lines([variable for _, variable in told], subject_of(request), limit, described)
    yield from (_Item("variable", index, line) for (index, _), line in zip(told, lines, strict=True))
    for index, turn in reversed(list(enumerate(request.history))[-_MAX_TURNS:]):
        yield _Item("turn", index, _earlier(turn))
    for index, (text, brief) in enumerate(file_texts(files, request, _MAX_FILES)):
        yield _Item("file", index, text, brief=brief)
    yield from cells


def subject_of(request: Request) -> str:
    """Give the text whose names a request is most likely about: its own, the selection, the active cell."""
    active = (cell.source for cell in request.cells if cell.cell_id == request.active_cell_id)
    return "\n".join((request.prompt, request.selection, *active))


def _worth_describing(variables: Sequence[Variable], request: Request) -> list[tuple[int, Variable]]:
    """Give variables with their places: those that the request is about first, those that are known by their name alone last."""
    named = names_in(subject_of(request))
    ranked = sorted(enumerate(variables), key=lambda each: (each[1].name not in named, not each[1].summary))
    return ranked[:_MAX_VARIABLES]


def _cell_items(request: Request, limit: int) -> Iterator[_Item]:
    room = limit * _CHARACTERS_PER_TOKEN
    for rank, position in enumerate(nearest(request.cells, request.active_cell_id)):
        cell = request.cells[position]
        if _is_edited(cell, request):
            continue
        active = cell.cell_id == request.active_cell_id
        name = f"Cell {position + 1}" + (" (the active cell)" if active else "")
        size = limit if rank == 0 else limit // 3
        shown = cell_text(cell, name, source_limit=min(6000, 2 * size), output_limit=min(2000, size))
        room -= len(shown.text)
        yield _Item("cell", position, shown.text, name=name, cut=shown.cut)
        if room < 0:
            return


def _is_edited(cell: Cell, request: Request) -> bool:
    """Whether it is the cell that the model writes anew: all of it is sent, ahead of the request."""
    return request.intent == "edit" and cell.cell_id == request.target_cell_id


def _take(items: Sequence[_Item], request: Request, count_tokens: CountTokens, limit: int) -> list[_Item]:
    """Take items while there is room, each kind within its share; cells are taken without a gap."""
    fixed = _messages(request, ())
    counts = count_tokens(
        [*(message.content for message in fixed), *(item.text for item in items), *(item.brief for item in items)]
    )
    room = limit - sum(counts[: len(fixed)]) - 4 * TURN_TOKENS
    rooms = {kind: room * share for kind, share in _SHARES.items()}
    taken = []
    for item, tokens, fewer in zip(items, counts[len(fixed) :], counts[len(fixed) + len(items) :], strict=False):
        most = min(room, rooms[item.kind]) - _ITEM_TOKENS
        if tokens <= most:
            taken.append(item)
            size = tokens + _ITEM_TOKENS
        elif item.brief and fewer <= most:
            taken.append(replace(item, text=item.brief))
            size = fewer + _ITEM_TOKENS
        else:
            if item.kind != "file":  # a file is told without those before it
                rooms[item.kind] = 0
            continue
        room -= size
        rooms[item.kind] -= size
    return taken


def _messages(request: Request, items: Sequence[_Item]) -> tuple[Message, ...]:
    """Lay out: what stays the same between requests comes first, for the prefix cache; the request comes last."""
    chosen = sorted(items, key=lambda item: item.position)
    sections = [
        _section(_NOTEBOOK, [item.text for item in chosen if item.kind == "cell"]),
        _section(_FILES, [item.text for item in chosen if item.kind == "file"]),
        _section(_VARIABLES, [item.text for item in chosen if item.kind == "variable"]),
        _section(_EARLIER, [item.text for item in chosen if item.kind == "turn"]),
        _selection(request.selection),
        *_said_cells(request),
        *(_to_edit(cell) for cell in request.cells if _is_edited(cell, request)),
        _section(_INSTRUCTIONS, [text for text in [plain(request.instructions).strip()] if text]),
        f"{_REQUEST}\n{plain(request.prompt).strip()}",
        EDIT_ASKED if request.intent == "edit" else "",
        MOST if asks_for_most(request.prompt) else "",
        answer_in(answer_language(request)) if request.intent == "ask" and asks_for_words(request.prompt) else "",
    ]
    user = "\n\n".join(section for section in sections if section)
    system, example = (EDIT_SYSTEM, EDIT_EXAMPLE) if request.intent == "edit" else (SYSTEM, EXAMPLE)
    return (Message("system", system), *example, Message("user", user))


def _said_cells(request: Request) -> list[str]:
    """Give the cells that the request calls by the number beside them; in the notebook they are counted by their places."""
    said = {int(number) for found in _CELL_NUMBER.findall(request.prompt) for number in found if number}
    cells = [cell for cell in request.cells if cell.execution_count in said and not _is_edited(cell, request)]
    return [
        cell_text(cell, f"Cell [{cell.execution_count}]", _SELECTION_CHARACTERS, _OUTPUT_CHARACTERS).text.removeprefix("#")
        for cell in cells[:_MOST_SAID]
    ]


def _to_edit(cell: Cell) -> str:
    """Give the cell that is written anew, whole, with what it shows now."""
    shown = cell_text(cell, _TO_EDIT, source_limit=len(cell.source), output_limit=_OUTPUT_CHARACTERS)
    return shown.text.removeprefix("#")


def _earlier(turn: Turn) -> str:
    """Tell of a request as data: as turns of the chat, answers without code would be the pattern that the model goes on with."""
    prompt, answer = (cut_middle(plain(text), _TURN_CHARACTERS).strip() for text in (turn.prompt, turn.answer))
    return f"- {prompt}\n  {answer or 'Done.'}"


def _section(title: str, texts: Sequence[str]) -> str:
    return "\n".join((title, *texts)) if texts else ""


def _selection(text: str) -> str:
    if not text.strip():
        return ""
    return f"# Selected in the active cell\n{fenced(cut_middle(plain(text), _SELECTION_CHARACTERS), 'python')}"


def _total(messages: Sequence[Message], count_tokens: CountTokens) -> int:
    return sum(count_tokens([message.content for message in messages])) + TURN_TOKENS * len(messages)
