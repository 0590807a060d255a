"""`jupyter oci run NOTEBOOK PROMPT`: the agent on a notebook file, with a kernel of its own."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from ..agent.loop import Agent
from ..config import AgentConfig, KernelConfig
from ..errors import ConfigError, OCIError, Stopped
from ..events import ApprovalResolved, ExecutionFinished, RunEvent, RunFinished
from ..kernel.launch import launch_kernel
from ..kernel.outputs import OutputFold
from ..kernel.session import KernelSession
from ..notebook import NotebookProjection, language_of, request_from
from . import model_options
from .files import NotebookFile
from .follow import StopRequest, follow
from .numbers import positive
from .printing import JsonLines, Printer, TerminalText, ask_on_terminal, skip_unasked
from .replay import replay

DESCRIPTION = """Ask the agent to do something with a notebook. It starts a kernel of its own in the notebook's folder, runs the
notebook's code cells in it (so that their variables are there), then writes, runs and revises new cells, and writes the notebook
back. Code that installs, deletes, uses a shell or the network is asked about on the terminal, and skipped where there is none."""

EPILOG = "Exit code: 0 the code ran well; 1 it did not, or nothing was run; 2 the command line or the notebook is wrong."


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `run` to the command line."""
    parser = commands.add_parser("run", help="do something with a notebook file", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    parser.add_argument("prompt", metavar="PROMPT", help="what to do, in your words")
    parser.add_argument("--ask", action="store_true", help="show each cell and ask before it runs")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write here and leave NOTEBOOK as it is")
    model_options.add_to(parser)
    parser.add_argument(
        "--rounds", type=positive, default=AgentConfig().max_rounds, help="tries on one cell (default: %(default)s)"
    )
    parser.add_argument("--cell", metavar="ID", help="the active cell; new cells go below it (default: the last one)")
    parser.add_argument("--kernel", metavar="NAME", help="of `jupyter kernelspec list` (default: the notebook's)")
    parser.add_argument(
        "--no-replay", action="store_true", help="do not run the notebook's own code cells first, only those that are needed"
    )
    parser.add_argument("--json", action="store_true", help="print every event as a JSON line, and nothing else")
    parser.set_defaults(command=run)


@dataclass(slots=True)
class Outcome:
    """How the run ended, gathered from its events."""

    finished: RunFinished | None = None
    last_execution: ExecutionFinished | None = None

    def take(self, event: RunEvent) -> None:
        """Note what the event says of the end. Code that was skipped takes the place of what ran before it."""
        if isinstance(event, ExecutionFinished):
            self.last_execution = event
        elif isinstance(event, ApprovalResolved) and event.decision == "skip":
            self.last_execution = None
        elif isinstance(event, RunFinished):
            self.finished = event

    @property
    def ran_well(self) -> bool:
        """Whether the run is done and its last execution was fine."""
        done = self.finished is not None and self.finished.status == "done"
        return done and self.last_execution is not None and self.last_execution.status == "ok"


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked and write the notebook; return the exit code."""
    file = _read(arguments)
    printer: Printer = JsonLines() if arguments.json else TerminalText()
    projection = NotebookProjection(file.notebook, OutputFold)
    outcome = Outcome()
    is_written = False
    try:
        for event in _events(arguments, file, projection):
            projection.apply(event)
            outcome.take(event)
            try:
                if isinstance(event, RunFinished):
                    _write(file, arguments.output)
                    is_written = True
            finally:
                printer.show(event)
    except OCIError:
        raise
    except BaseException:  # a second Ctrl+C, or nobody reads what is printed: what was done is not lost
        if not is_written:
            projection.apply(RunFinished("stopped", 0, "stopped", "Stopped."))
            _write(file, arguments.output)
        raise
    return 0 if outcome.ran_well else 1


def _read(arguments: argparse.Namespace) -> NotebookFile:
    if arguments.ask and not sys.stdin.isatty():
        raise ConfigError("--ask needs a terminal to ask on; leave it out to let the agent run on its own.")
    if not arguments.prompt.strip():
        raise ConfigError("PROMPT is empty: say what to do.")
    file = NotebookFile.read(arguments.notebook)
    if language_of(file.notebook) not in ("python", "ipython"):
        raise ConfigError(f"{arguments.notebook} is a {language_of(file.notebook)} notebook; only Python is supported.")
    file.check_place(arguments.output)
    return file


def _write(file: NotebookFile, output: Path | None) -> None:
    place = file.save(output)
    with contextlib.suppress(OSError):
        print(f"Written to {place}.", file=sys.stderr)


def _events(arguments: argparse.Namespace, file: NotebookFile, projection: NotebookProjection) -> Iterator[RunEvent]:
    """Give the run's events, with its model and its kernel alive while they are read."""
    config = AgentConfig(mode="ask" if arguments.ask else "auto", max_rounds=arguments.rounds)
    request_from(file.notebook, arguments.prompt, arguments.cell)
    kernel_name = _kernel_name(arguments, file)
    decide = ask_on_terminal if sys.stdin.isatty() else skip_unasked
    stop = StopRequest()
    model = model_options.opened(arguments, model_options.read(arguments))
    folder = file.path.resolve().parent
    try:
        with stop.on_interrupt(), launch_kernel(KernelConfig(), folder, kernel_name) as session:
            if not _replayed(arguments, file, projection, session, stop):
                yield RunFinished("stopped", 0, "stopped", "Stopped while the notebook's own cells were being run.")
                return
            request = request_from(file.notebook, arguments.prompt, arguments.cell)
            agent = Agent(model, session, config)
            yield from follow(agent.run(request, path=str(file.path)), decide, stop)
    finally:
        model_options.end(model)


def _replayed(
    arguments: argparse.Namespace, file: NotebookFile, projection: NotebookProjection, session: KernelSession, stop: StopRequest
) -> bool:
    try:
        if not arguments.no_replay:
            replay(file.notebook, session, projection, stop)
    except Stopped:
        return False
    return True


def _kernel_name(arguments: argparse.Namespace, file: NotebookFile) -> str:
    name = str(arguments.kernel or file.notebook.metadata.get("kernelspec", {}).get("name", "python3"))
    try:
        KernelSpecManager().get_kernel_spec(name)
    except NoSuchKernel as error:
        known = ", ".join(sorted(KernelSpecManager().find_kernel_specs()))
        raise ConfigError(
            f"There is no kernel {name!r} here. Name another one with --kernel ({known}), or install it."
        ) from error
    return name
