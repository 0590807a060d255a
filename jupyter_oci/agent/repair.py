"""Ask the model for a repair of a cell, and make a proposal of its answer that changes something and was not made before."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from ..config import AgentConfig, SamplingParams
from ..events import ContextBuilt, Decision, RunEvent, StatusChanged
from ..kernel.base import ExecutionResult, Executor, Variable
from ..model.base import ChatModel, Message
from ..request import Cell
from . import fix_wording as words
from .cell_facts import overwritten
from .cell_names import globals_declared, modules_imported, names_set, names_used
from .checks import Check, other_result, own_check
from .conversation import Conversation
from .declined import told_otherwise
from .elsewhere import Proposal, loses_definition, placed
from .feedback import failure_of, feedback
from .fix_prompt import anew_messages, build_fix_prompt
from .hidden_errors import hides
from .hints import failure_hint
from .known_causes import unknown_package
from .plain_text import fenced
from .problem import Problem, files_about
from .prompt import BuiltPrompt, conversation_limit
from .python_text import foreign_magic, is_cell, parses
from .reply import Reply, read_reply, without_prose
from .small_changes import SmallChanges
from .smallest_edit import without_trials
from .summary import summary_in
from .trial import Trial
from .variable_text import data_types
from .wording import failing_line

TEMPERATURES = (0.0, 0.6, 0.8, 1.0)  # each further sample has more chance in it
SAMPLES = 3
_TOKENS = 300  # of a reply, beside twice those of the cell: more is no repair of it

Asking = Generator["RunEvent | None", None, Reply]
Talk = Generator["RunEvent | None", None, "Proposal | None"]


@dataclass(frozen=True, slots=True)
class Failed:
    """A source that was tried, and what failed."""

    source: str
    told: str


class Repair:
    """The talk with the model about one problem. Loads the model when it is first asked.

    `cells` are the user's: however many tries there are, an edit is measured against what the user wrote. `failed` is the
    first of the changes that were tried in vain when there was no proposal. `held_before` says that the user's check holds
    for the cell as it is, so that it does not tell what is wrong.
    """

    _asked = words.FIX_ASKED

    def __init__(self, model: ChatModel, config: AgentConfig, cells: Sequence[Cell], trial: Trial) -> None:
        self._model = model
        self._trial = trial
        self._config = config
        self._users = list(cells)
        self._window = 0
        self._chat: Conversation | None = None
        self._place = -1
        self._answer = ""
        self._told = ""
        self._vain = 0
        self._small = SmallChanges(trial)
        self._untried: Proposal | None = None
        self._doubtful: Proposal | None = None
        self._made: set[tuple[int, str]] = set()
        self.failed: Failed | None = None
        self.held_before = False

    def propose(self, problem: Problem, *, another: bool = False) -> Talk:
        """Return a proposal unlike all before that does not fail where it can be tried; None when there is none.

        The model is asked unless a small change is known to do. One that does the same takes the place of what it writes, and the
        likeliest stands in where it has nothing that holds. What hides an error comes only where there is nothing better.
        """
        self.failed = self._untried = self._doubtful = None
        yield from self._look_at(problem)
        proposal = None if self._small.is_sure(problem) else (yield from self._from_model(problem, another=another))
        if proposal is not None:
            proposal = yield from self._small.instead_of(problem, proposal)
        proposal = proposal or self._small.likeliest() or self._untried or self._doubtful
        if proposal is None:
            return None
        self._note(proposal)
        return replace(proposal, doubt=self._doubt(problem, proposal))

    def _look_at(self, problem: Problem) -> Generator[RunEvent | None, None, None]:
        """See, once for a cell, what its check says as it is, and with which small changes it holds."""
        if problem.place == self._place:
            return
        self._place, self._chat = problem.place, None
        told = yield from self._trial.as_it_is(problem)
        self.held_before, self._told = told == "", told or ""
        self._small.forget()
        if not self.held_before:
            yield from self._small.search(problem, self._told)

    def _doubt(self, problem: Problem, proposal: Proposal) -> str:
        """Say how a proposal hides what is wrong; a check of the user's that holds leaves no doubt."""
        return "" if problem.check.code else hides(self._users[proposal.place].source, proposal.source)

    def _note(self, proposal: Proposal) -> None:
        """Note that it was made, so that it is not made again."""
        self._made.add((proposal.place, proposal.source.strip()))
        self._small.drop(proposal)

    def _from_model(self, problem: Problem, *, another: bool) -> Talk:
        """Return what the model proposes; None when it has nothing new, or nothing that holds.

        What cannot be tried, where its like can, is kept for when there is nothing better.
        """
        chat = yield from self._chat_about(problem)
        for asking in self._askings(chat, problem, another=another):
            reply = yield from asking
            proposal = self._proposal(problem, reply)
            if proposal is None:
                continue
            tried = _to_be_tried(problem)
            told = yield from self._trial.of(tried, proposal)
            if told and tried is not problem and (yield from self._trial.of(problem, proposal)) == "":
                self._untried = self._untried or proposal  # it runs, and the result stays, which may be meant
            elif told:
                self.failed = self.failed or Failed(proposal.source, told)
            elif told is None and self._trial.is_possible(problem):
                self._untried = self._untried or proposal
            elif self._doubt(problem, proposal):
                self._doubtful = self._doubtful or proposal
            else:
                return proposal
        self._vain += 1
        return None

    def _askings(self, chat: Conversation, problem: Problem, *, another: bool) -> Iterator[Asking]:
        """Ask as ever, then with ever more chance; where it can be tried, each time also for the function anew.

        A small model repeats the code that it is shown. What it writes without seeing that code is often right, and as often
        wrong: without a trial it would be no fix. As soon as one has been tried in vain, it is better to tell what fails.
        """
        anew = anew_messages(problem) if self._trial.is_possible(problem) else None
        calm = min(self._vain + another, len(TEMPERATURES) - 1)
        longest = _TOKENS + 2 * sum(self._count_tokens([problem.cells[place].source for place in _shown(problem)]))
        for temperature in TEMPERATURES[calm : calm + SAMPLES]:
            if anew and self.failed:
                return
            urge = f"\n{words.ANOTHER}" if temperature else ""
            yield without_prose(self._sample(chat, self._sampling(temperature, longest), urge))
            if anew:
                yield without_prose(read_reply(self._model, anew, self._sampling(temperature, longest), None))

    def _sampling(self, temperature: float, longest: int) -> SamplingParams:
        sampling = replace(self._config.sampling, max_tokens=min(longest, self._config.sampling.max_tokens))
        return replace(sampling, temperature=temperature) if temperature else sampling

    def adopt(self, place: int, source: str) -> None:
        """Take what the user made of a proposal as what the user wrote."""
        self._users[place] = replace(self._users[place], source=source)
        self._small.forget()

    def tell(self, source: str, result: ExecutionResult, executor: Executor) -> str:
        """Give the model the failure of the accepted source, with what is known of it; return the words."""
        told = feedback(result, self._config.max_feedback_tokens, self._count_tokens)
        failure = failure_of(result)
        hint = failure_hint(failure, executor.variables(source) or (), files_about(failure, executor.files)) if failure else ""
        known = f"{failing_line(failure)}{hint}".strip() if failure else ""
        return self._add(source, "\n".join(part for part in (told, known) if part))

    def tell_check(self, source: str, told: str) -> str:
        """Give the model the check that fails; return the words."""
        return self._add(source, words.CHECK_FAILED.format(told=told))

    def hear(self, decision: Decision, *, edited: bool) -> str:
        """Tell the model what the user wants otherwise of the proposal, as they have it; return the words."""
        self._small.forget()
        self.held_before = False  # more is expected now
        told = told_otherwise(decision.comment, "", edited=edited)
        if self._chat is not None:
            self._chat.add(fenced(decision.source, "python"), told)
        return told

    def own_check(self, problem: Problem, proposal: Proposal) -> Generator[RunEvent | None, None, Check]:
        """Ask for a check of the proposal; none when what comes is no check."""
        chat = yield from self._chat_about(problem)
        asked = [*chat.messages(), Message("assistant", self._answer), Message("user", words.OWN_CHECK_ASKED)]
        reading = read_reply(self._model, asked, replace(self._config.sampling, max_tokens=200), None)
        reply = yield from without_prose(reading)
        return own_check(reply.code, proposal.source)

    def _chat_about(self, problem: Problem) -> Generator[RunEvent | None, None, Conversation]:
        """Go on with the talk, or begin one when the problem is another cell's."""
        yield from self._look_at(problem)
        if self._chat is None:
            self._chat = yield from self._begin(replace(problem, told=self._told))
        return self._chat

    def _begin(self, problem: Problem) -> Generator[RunEvent | None, None, Conversation]:
        yield StatusChanged("loading", self._model.name)
        self._window = yield from self._model.load()
        built = self._prompt(problem)
        yield ContextBuilt(built.total_tokens, self._window, built.dropped_cells, built.shortened)
        return Conversation(built.messages, self._model.count_tokens, conversation_limit(self._window, self._config))

    def _prompt(self, problem: Problem) -> BuiltPrompt:
        return build_fix_prompt(problem, "fix", self._model.count_tokens, self._window, self._config)

    def _sample(self, chat: Conversation, sampling: SamplingParams, urge: str) -> Asking:
        *before, newest = chat.messages()
        messages = [*before, replace(newest, content=newest.content + urge)]
        return (yield from read_reply(self._model, messages, chat.within(self._window, sampling), None, drafts=[newest.content]))

    def _proposal(self, problem: Problem, reply: Reply) -> Proposal | None:
        """Make a proposal of the reply; None of one that changes nothing, was made before or is no whole cell."""
        code = _in_its_language(problem.cell.source, _without_echo(reply.code or "", problem.variables))
        if reply.fault is not None or reply.code is None or not _fits(problem.cell.source, code):
            return None
        place, source = self._placed(problem, code)
        cell = problem.cells[place]
        known = {cell.source.strip(), self._users[place].source.strip()}
        again = source.strip() in known or (place, source.strip()) in self._made
        if again or self._harms(problem, self._users[place].source, source):
            return None
        proposal = Proposal(place, source, summary_in(reply.prose) or "The marked lines are changed.")
        self._note(proposal)
        self._answer = f"{reply.prose}\n{fenced(source, 'python')}".strip()
        return proposal

    def _placed(self, problem: Problem, code: str) -> tuple[int, str]:
        """Find the cell that code is for, and give that cell's source with the smallest edit: (place, source)."""
        return placed(replace(problem, cells=tuple(self._users)), without_trials(problem.cell.source, code))

    def _harms(self, problem: Problem, base: str, source: str) -> bool:
        """Whether a source is other code than the base, sets what is not its own, or drops a module that nobody knows."""
        unbound = problem.failure is not None and problem.failure.error.startswith("UnboundLocalError")
        takes = not unbound and bool(globals_declared(source) - globals_declared(base))
        imported = modules_imported(base)
        unknown = any(module.split(".")[0] == unknown_package(problem) for module in imported)
        drops = unknown and modules_imported(source) <= imported
        alien = loses_definition(base, source) or _is_of_example(source, problem)
        return alien or self._makes_anew(problem, base, source) or takes or drops

    @staticmethod
    def _makes_anew(problem: Problem, base: str, source: str) -> bool:
        """Whether a source makes data of the user's anew that the base does not set."""
        held = {name: kind for name, kind in data_types(problem.variables).items() if name not in names_set(base)}
        return overwritten(source, held) is not None

    def _add(self, source: str, told: str) -> str:
        told = f"{told}\n{self._asked}"
        if self._chat is not None:
            self._chat.add(fenced(source, "python"), told)
        return told

    def _count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count in the model's tokens; of a model that is not loaded, estimate."""
        return self._model.count_tokens(texts) if self._window else [len(text) // 3 for text in texts]


def _to_be_tried(problem: Problem) -> Problem:
    """Where the user says that a result is wrong, and no more, it is better another afterwards."""
    says_no_more = problem.sentence and problem.failure is None and not problem.check.code
    return replace(problem, check=other_result(problem.results)) if says_no_more else problem


def _shown(problem: Problem) -> list[int]:
    """Give the places of the cells that a reply may write anew."""
    return [*problem.related, problem.place]


def _in_its_language(base: str, code: str) -> str:
    """Put the `%%` line of a cell in another language ahead of what is written for it and is no Python, where it lacks one."""
    magic = foreign_magic(base)
    return f"{magic}\n{code}" if magic and not is_cell(code) else code


def _fits(base: str, code: str) -> bool:
    """Whether what is written for a cell is whole, and in the cell's language."""
    if foreign_magic(base):
        return code.lstrip().startswith(("%", "!")) and is_cell(code)
    return parses(code) if parses(base) else is_cell(code)


def _without_echo(code: str, variables: Sequence[Variable]) -> str:
    """Drop lines of the prompt's list of variables: small models copy them, and some parse as annotations."""
    listed = tuple(f"{variable.name}: {variable.type} " for variable in variables)
    return "\n".join(line for line in code.split("\n") if not f"{line} ".startswith(listed)) if listed else code


def _is_of_example(source: str, problem: Problem) -> bool:
    """Whether a source has more of the prompt's example than of the problem, which small models do where they know nothing."""
    example = names_used(words.FIX_EXAMPLE[-1].content.partition("```python\n")[2].removesuffix("```"))
    own = {variable.name for variable in problem.variables}.union(*(names_used(cell.source) for cell in problem.cells))
    return len((names_used(source) & example) - own) > 1
