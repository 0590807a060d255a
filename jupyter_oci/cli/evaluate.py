"""`jupyter oci evaluate`: problems with known answers, through the same agent, with a model of your choice."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from ..config import AgentConfig, SamplingParams
from ..evaluation.ablation import PARTS, Ablation
from ..evaluation.batched import batched
from ..evaluation.data import Files
from ..evaluation.manifest import OPEN, SURROUNDINGS, computed, manifest
from ..evaluation.notebook.protocol import Notebook
from ..evaluation.paper.beside import Beside
from ..evaluation.record import Evaluation, Record
from ..evaluation.registry import Options, make_evaluation, protocols, suites
from ..evaluation.report import PLOT, titled, write_report
from ..evaluation.report.comparison import comparison
from ..evaluation.results import Results, open_results
from ..evaluation.runner import SPLITS, Unsolved, chosen, part_told, solve_all
from ..evaluation.sessions.dseval import DEFAULT_KERNEL, DSEval
from ..model.base import ChatModel
from ..model.families import chosen_template
from . import model_options
from .check_data import check_data
from .numbers import positive
from .tables import print_table

DESCRIPTION = """Put the problems of a suite through the agent and judge its code by tests that it never sees. Each problem's
record is written at once: the same command goes on where it was stopped, by Ctrl+C or a crash. A table, a plot and an HTML report
come last."""

EPILOG = "Exit code: 0 every problem has a record; 1 some could not be put to the agent; 2 the command line or the data is wrong."


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `evaluate` to the command line."""
    parser = commands.add_parser("evaluate", help="measure the agent on a suite", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("suite", metavar="SUITE", choices=suites(), help=", ".join(suites()))
    parser.add_argument("--protocol", choices=protocols(), help="(default: the suite's first, notebook or session)")
    model_options.add_to(parser)
    model_options.add_guide(parser)
    parser.add_argument(
        "--beside", type=Path, metavar="FOLDER", help="paper protocol: the other suite's results, for one table with the average"
    )
    parser.add_argument(
        "--propagate", action="store_true", help="sessions: show the agent its own earlier answers, right or wrong"
    )
    parser.add_argument("--kernel", default=DEFAULT_KERNEL, metavar="NAME", help="sessions: their kernel (default: %(default)s)")
    kept = "; ".join(f"{name}: {told}" for name, told in PARTS.items())
    parser.add_argument(
        "--without", action="append", default=[], choices=PARTS, metavar="PART", help=f"keep a part from the agent ({kept})"
    )
    parser.add_argument(
        "--rounds",
        type=positive,
        default=4,
        help="tries on one cell; paper protocol: 1 leaves out all feedback (default: %(default)s)",
    )
    parser.add_argument("--split", choices=SPLITS, default="", help="the half that is set apart for tuning, or the other one")
    parser.add_argument("--limit", type=positive, metavar="N", help="the first N problems")
    parser.add_argument("--sample", type=positive, metavar="N", help="N problems at random, the same for a seed")
    parser.add_argument("--seed", type=int, default=0, help="of the sample and of the model (default: %(default)s)")
    parser.add_argument(
        "--jobs",
        type=positive,
        default=1,
        help="problems at a time; a model here writes their replies as one batch (default: 1)",
    )
    parser.add_argument("--data", type=Path, metavar="PATH", help="your file or folder of problems (default: downloaded)")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="(default: evaluation/SUITE-PROTOCOL-MODEL)")
    _add_without_model(parser)
    parser.set_defaults(command=evaluate)


def _add_without_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check-data", action="store_true", help="run no model: put the suite's own solutions through the judge, each must pass"
    )
    parser.add_argument(
        "--compare",
        type=Path,
        nargs=2,
        metavar="FOLDER",
        help="run no model: tell what each of two results got right, and which problems only one of them did",
    )


def evaluate(arguments: argparse.Namespace) -> int:
    """Run what has no record yet, then write the report."""
    if arguments.compare:
        print_table(comparison(arguments.suite, arguments.compare))
        return 0
    files = Files(arguments.data, arguments.cache_dir / "evaluation")
    if arguments.check_data:
        return check_data(arguments.suite, files, jobs=arguments.jobs, kernel=arguments.kernel)
    with _models(arguments) as (model, guide):
        protocol = arguments.protocol or protocols(arguments.suite)[0]
        ablation = Ablation(frozenset(arguments.without))
        options = Options(files, guide, arguments.propagate, arguments.kernel, ablation)
        evaluation = make_evaluation(arguments.suite, protocol, options)
        part = (arguments.limit, arguments.sample, arguments.seed, arguments.split)
        problems = chosen(evaluation.problems(), *part)
        config = AgentConfig(mode="auto", max_rounds=arguments.rounds, sampling=SamplingParams(seed=arguments.seed))
        hosted = _hosted(arguments, guide) | {"kernel": evaluation.kernel() if isinstance(evaluation, DSEval) else ""}
        made_of = manifest(evaluation.name, model.name, config, files.used, jobs=arguments.jobs, **hosted)
        beside = Beside(arguments.beside, made_of) if arguments.beside else None
        name = "-".join(filter(None, (evaluation.name, Path(model.name).name, hosted["device"])))
        folder = arguments.output or Path("evaluation") / name
        if not_forbidden := made_of[SURROUNDINGS].get(OPEN):
            print(f"On this machine the judge cannot forbid the code under test: {not_forbidden}.", file=sys.stderr)
        with open_results(folder, made_of) as results:
            if results.lost:
                print(f"{results.lost} broken lines were left out of {folder}; their problems are done again.", file=sys.stderr)
            if len(results.records(problems)) < len(problems):
                _load([each for each in (model, guide) if each is not None])
                results.agree(computed(model, guide))
            if beside:
                beside.agree(results.manifest)
            _go_on(evaluation, results, model)
            unsolved = _solve(evaluation, problems, model, config, results, jobs=arguments.jobs)
            records = results.records(problems)
            summary = beside.table(records) if beside else evaluation.summary(records)
            table = titled(summary, results.manifest, part_told(*part))
            written = write_report(folder, table, records, results.manifest)
    print_table(table)
    _tell(written, lacks_plot=bool(records) and folder / PLOT not in written)
    return 1 if unsolved else 0


def _hosted(arguments: argparse.Namespace, guide: ChatModel | None) -> dict[str, str]:
    """Name what of the models the answers depend on beside their weights; empty: as it is by default."""
    template = chosen_template(arguments.template)
    return {
        "device": "" if arguments.device == "auto" else arguments.device,
        "draft": arguments.draft,
        "template": arguments.template,
        "template_sha256": hashlib.sha256(template.encode()).hexdigest() if template else "",
        "guide": guide.name if guide else "",
    }


@contextmanager
def _models(arguments: argparse.Namespace) -> Iterator[tuple[ChatModel, ChatModel | None]]:
    """Open the model and the guide, if there is one; close them in any case, so that what still waits for them ends."""
    configs = model_options.read_guided(arguments)
    models = [batched(model_options.opened(arguments, config), arguments.jobs) for config in configs]
    try:
        yield models[0], models[1] if arguments.guide else None
    finally:
        for model in models:
            model_options.end(model)


def _solve(
    evaluation: Evaluation, problems: Sequence[str], model: ChatModel, config: AgentConfig, results: Results, *, jobs: int
) -> list[Unsolved]:
    """Show how far it is and how long it will take; return the problems that could not be put to the agent."""
    done = len(results.records(problems))
    unsolved: list[Unsolved] = []
    with tqdm(total=len(problems), initial=done, unit="problem", desc=f"{evaluation.name}, {model.name}", smoothing=0.05) as bar:
        for outcome in solve_all(evaluation, problems, model, config, results, jobs=jobs):
            if isinstance(outcome, Record):
                bar.update()
            else:
                unsolved.append(outcome)
                bar.write(f"{outcome.problem} has no record: {outcome.reason}", file=sys.stderr)
    return unsolved


def _go_on(evaluation: Evaluation, results: Results, model: ChatModel) -> None:
    """Give it what an earlier run wrote, and tell at once what is left out for want of a file."""
    if isinstance(evaluation, (DSEval, Notebook)):
        for told in evaluation.left_out():
            print(told, file=sys.stderr)
    if isinstance(evaluation, DSEval):

        def keep(record: Record) -> None:
            results.agree(computed(model))
            results.add(record)

        evaluation.recall(results.records(evaluation.problems()), keep)


def _load(models: Sequence[ChatModel]) -> None:
    for model in models:
        for status in model.load():
            if status is not None and status.fraction is None:
                print(status.detail, file=sys.stderr)


def _tell(written: Sequence[Path], *, lacks_plot: bool) -> None:
    print(f"Written to {', '.join(str(path) for path in written)}.")
    if lacks_plot:
        print("There is no plot, for want of matplotlib: pip install 'jupyter_oci[evaluate]' brings it.", file=sys.stderr)
