"""What is tried in a copy of the kernel: with its values, and without a trace in it, on its page or on the disk."""

from __future__ import annotations

import ast
import inspect
import time
from dataclasses import replace
from typing import Any

import psutil
import pytest

from jupyter_oci.agent import check_runner, kernel_copy, trial_program, trial_runner
from jupyter_oci.agent.elsewhere import Proposal
from jupyter_oci.agent.only_computes import stays_inside
from jupyter_oci.agent.problem import problem_of
from jupyter_oci.agent.stage import stages
from jupyter_oci.agent.trial import Trial
from jupyter_oci.errors import KernelDied, Stopped
from jupyter_oci.events import ApprovalRequested, Decision, FixProposed, KernelOutput, ReplyFinished

from .fixing import Notebook, said

NOT_TRIED = None
SALES = "import pandas as pd\nsales = pd.DataFrame({'shop': list('aaabbb'), 'price': [1, 2, 6, 3, 6, 3]})"


def result(steps: Any) -> Any:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def told(notebook: Notebook, change: str, *, mode: str = "ask", seconds: float = 10.0) -> str | None:
    """Say what a trial of a change of the last cell but one tells; the last cell may hold asserts."""
    place = len(notebook.cells) - 2
    problem = problem_of(notebook.cells, place, "", notebook.kernel.variables())
    steps = Trial(notebook.kernel, lambda: mode, seconds).of(problem, Proposal(place, change, ""))
    answer: str | None = result(steps)
    return answer


def reject(asked: ApprovalRequested) -> Decision:
    return Decision("skip", asked.source)


@pytest.fixture
def sales(notebook: Notebook) -> Notebook:
    notebook.add(SALES)
    notebook.add("means = sales.groupby('shop').price.sum()")
    notebook.add("assert means['a'] == 3\nassert means['b'] == 4")
    return notebook


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("means = sales.groupby('shop').price.mean()", ""),
        ("means = sales.groupby('shop').price.max()", "the check fails: `means['a']` is 6, expected 3"),
        (
            "means = sales.groupby('store').price.mean()",
            "the cell raises KeyError: 'store', in `means = sales.groupby('store').price.mean()`",
        ),
        ("def of(x: Unknown): ...", "the cell raises NameError: name 'Unknown' is not defined, in `def of(x: Unknown): ...`"),
        ("raise SystemExit(3)", "the cell raises SystemExit: 3, in `raise SystemExit(3)`"),
    ],
)
def test_what_fails_with_the_kernels_values_is_told(sales, change, expected):
    assert told(sales, change) == expected


def test_the_change_that_holds_is_found_without_a_model(sales):
    run = sales.fix("cell-1", [], mode="ask", decide=reject)
    [proposed] = run.of(FixProposed)
    assert proposed.source == "means = sales.groupby('shop').price.mean()"


def test_a_function_that_the_cell_has_defined_can_be_tried_with_another_body(notebook):
    notebook.add(SALES)
    notebook.add("def total(frame):\n    return frame.price.max()")
    notebook.add("assert total(sales) == 21")
    assert told(notebook, "def total(frame):\n    return frame.price.sum()") == ""
    assert "expected 21" in (told(notebook, "def total(frame):\n    return frame.price.min()") or "")
    opening = "def total(frame):\n    return open('seen')"
    notebook.cells[1] = replace(notebook.cells[1], source=opening)
    assert told(notebook, "def total(frame):\n    return frame.price.sum()") is None


def test_the_kernel_is_as_it_was(sales, tmp_path):
    sales.add("held = [1]\nbefore = {}\nbefore.update(globals())")
    sales.cells.pop()
    change = "held.append(2)\nsales['more'] = 1\nnew = 1\n"
    assert told(sales, f"{change}del nothing") == "the cell raises NameError: name 'nothing' is not defined, in `del nothing`"
    assert told(sales, f"{change}means = sales.groupby('shop').price.mean()") == ""
    sales.add("assert held == [1]\nassert list(sales.columns) == ['shop', 'price']")
    sales.add("assert {name for name in globals() if before.get(name) is not globals()[name] and name[0] != '_'} == set()")
    assert [cell.outputs for cell in sales.cells[-2:]] == [(), ()]
    assert list(tmp_path.iterdir()) == []


def test_nothing_of_it_is_sent_to_the_page(sales):
    change = "import time\nprint('seen')\ndisplay(sales)\nmeans = sales.groupby('shop').price.mean()"
    problem = problem_of(sales.cells, 1, "", sales.kernel.variables())
    [stage] = stages(problem, 1, change)
    assert stage.in_copy
    source = stage.runnable(f"fails({list(stage.cells)!r}, {problem.check.code!r})", 10.0)
    assert [event for event in sales.kernel.execute("cell", source) if isinstance(event, KernelOutput)] == []


@pytest.mark.parametrize(
    "change",
    [
        "sales.agg('to_csv', path_or_buf='seen')",
        "pd.read_csv('http://127.0.0.1:9/x')",
        "address = 'http' + '://127.0.0.1:9/x'\ntry:\n    pd.read_csv(address)\nexcept Exception:\n    pass",
        "sales.to_pickle('seen')",
        "open('seen', 'w')",
        "import os",
        "get_ipython().kernel",
        "sales.groupby('shop').pipe(rows.send)",
        "names = list(cursor)",
        "names = next(lines)",
        "names = cached()",
        "names = bound()",
        "names = part()",
        "names = stamp.tolist()",
        "value = unseen(1)",
        "await sales",
    ],
)
def test_what_reaches_out_is_not_tried(sales, change, tmp_path):
    sales.add("import sqlite3\ncursor = sqlite3.connect(':memory:').execute('select 1')\nrows = (row for row in [1])")
    sales.add("exec('def unseen(x):\\n    return x')")
    sales.add("lines = enumerate(open(__import__('os').devnull))")
    sales.add("import functools\n\n@functools.lru_cache\ndef cached():\n    return cursor")
    sales.add("part = functools.partial(cached)\nbound = cursor.fetchall")
    sales.add("import numpy as np\nstamp = np.memmap('kept', dtype='u1', mode='w+', shape=4)")
    (tmp_path / "kept").unlink()
    sales.cells = [cell for cell in sales.cells if cell.cell_id in ("cell-0", "cell-1", "cell-2")]
    assert told(sales, change) is NOT_TRIED
    assert list(tmp_path.iterdir()) == []


def test_files_may_be_read(sales, tmp_path):
    (tmp_path / "more.csv").write_text("shop,price\na,3\nb,4\n")
    assert told(sales, "means = pd.read_csv('more.csv').set_index('shop').price") == ""


def test_a_function_of_the_users_is_run_where_it_was_looked_at(notebook):
    notebook.add(
        "import os\n\ndef safe(x):\n    return x + 1\n\ndef unsafe(x):\n    os.remove('mine')\n    return x + 1\n\nstart = 2"
    )
    notebook.add("value = start")
    notebook.add("assert value == 3")
    assert told(notebook, "value = safe(start)") == ""
    assert told(notebook, "value = unsafe(start)") is NOT_TRIED


@pytest.mark.parametrize(("rows", "answer"), [("[1]", ""), ("open('/dev/null')", NOT_TRIED)])
def test_an_object_of_the_users_is_looked_into(notebook, rows, answer):
    notebook.add("import os\n\nclass Store:\n    def first(self):\n        return 1")
    notebook.add(f"store = Store()\nstore.rows = {rows}")
    notebook.add("value = store.first() - 1")
    notebook.add("assert value == 1")
    assert told(notebook, "value = store.first()") == answer


def test_what_does_not_end_is_not_judged_and_waited_for_once(sales):
    problem = problem_of(sales.cells, 1, "", sales.kernel.variables())
    trial = Trial(sales.kernel, lambda: "ask", 1.0)
    for _ in range(20):
        assert result(trial.of(problem, Proposal(1, "while len(sales):\n    pass", ""))) is NOT_TRIED
    assert told(sales, "means = sales.groupby('shop').price.mean()") == ""


def test_a_copy_ends_though_its_kernel_is_gone(sales):
    problem = problem_of(sales.cells, 1, "", sales.kernel.variables())
    [stage] = stages(problem, 1, "while len(sales):\n    pass")
    sales.add("import os\nprint(os.getpid())")
    kernel = psutil.Process(int(sales.cells[-1].outputs[0]["text"]))
    steps = sales.kernel.execute("cell", stage.runnable(f"fails({list(stage.cells)!r}, '')", 1.0))
    children: list[psutil.Process] = []
    while not children:
        next(steps)
        children = kernel.children()
    kernel.kill()
    with pytest.raises(KernelDied):
        result(steps)
    assert psutil.wait_procs(children, timeout=10)[1] == []


def test_what_needs_more_memory_than_a_copy_has_is_not_judged(sales):
    assert told(sales, "big = [sales] * (1 << 34)") is NOT_TRIED


def test_random_numbers_are_those_that_the_kernel_would_draw(notebook):
    notebook.add("import random\nrandom.seed(42)\nexpected = random.Random(42).randint(1, 10**6)")
    notebook.add("drawn = 0")
    notebook.add("assert drawn == expected")
    assert told(notebook, "drawn = random.randint(1, 10**6)") == ""


def test_cells_are_compiled_as_the_kernel_compiles_them(notebook):
    notebook.add("from __future__ import annotations\nstart = [1]")
    notebook.add("value = start")
    notebook.add("assert value == 3")
    assert told(notebook, "def later(x: Unknown): ...\nvalue = len(start) + 2") == ""


def test_a_search_is_stopped_as_any_cell_is(notebook):
    notebook.add("values = [1]")
    notebook.add("while len(values) < 1:\n    pass\nlength = len(values)")
    notebook.add("assert length == 5")
    problem = problem_of(notebook.cells, 1, "", notebook.kernel.variables())
    steps = Trial(notebook.kernel, lambda: "ask").mutations(problem)
    began = time.monotonic()
    while time.monotonic() < began + 1:
        next(steps)
    steps.throw(Stopped())
    with pytest.raises(Stopped):
        result(steps)
    assert time.monotonic() < began + 4  # the search itself would take five seconds
    notebook.add("print(values)")
    assert notebook.cells[-1].outputs[0]["text"] == "[1]\n"


@pytest.mark.parametrize(("module", "replies"), [("polars", 1), ("nothing_special", 3)])
def test_where_there_can_be_no_copy_the_model_is_asked_once(notebook, module, replies):
    notebook.add(f"import sys, types\nsys.modules['{module}'] = types.ModuleType('{module}')\nheld = {{1}}")
    cell_id = notebook.add("first = held[0]")
    notebook.add("assert first == 1")
    run = notebook.fix(cell_id, [said("first = list(held)[1]"), said("first = list(held)[0]")], mode="ask", decide=reject)
    assert len(run.of(ReplyFinished)) == replies


def test_nothing_is_copied_where_threads_or_windows_would_be_lost(sales):
    sales.add("import sys, types\nsys.modules['polars'] = types.ModuleType('polars')")
    sales.cells.pop()
    assert told(sales, "means = sales.groupby('shop').price.mean()") is NOT_TRIED


def test_nothing_is_copied_in_suggest_mode(sales):
    assert told(sales, "means = sales.groupby('shop').price.mean()", mode="suggest") is NOT_TRIED


def test_a_check_is_seen_to_fail_before_anything_is_accepted(sales):
    problem = problem_of(sales.cells, 1, "", sales.kernel.variables())
    steps = Trial(sales.kernel, lambda: "ask").as_it_is(problem)
    assert result(steps) == "the check fails: `means['a']` is 9, expected 3"


def test_a_proposal_that_raises_with_the_kernels_values_is_not_shown(notebook):
    notebook.add(SALES)
    cell_id = notebook.add("print(sales.cost.sum())")
    replies = [said("print(sales.costs.sum())"), said("print(sales['cost'].sum())"), said("print(sales.price.sum())")]
    run = notebook.fix(cell_id, replies)
    assert [event.source for event in run.of(FixProposed)] == ["print(sales.price.sum())"]
    assert run.ending == ("done", "fixed_unchecked")


def test_modules_that_run_in_one_namespace_share_no_name():
    modules = (check_runner, kernel_copy, trial_program, trial_runner)
    names = [name for module in modules for name in _defined(module)]
    assert sorted(names) == sorted(set(names))


def _defined(module: Any) -> set[str]:
    body = ast.parse(inspect.getsource(module)).body
    targets = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    return names | {node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


@pytest.mark.parametrize(
    "source", ["df.query('a > 1')", "import numpy as np\nnp.linalg.norm(x)", "df.iloc[0].plot()", "display(df)"]
)
def test_the_libraries_of_data_stay_inside(source):
    assert stays_inside(source)


@pytest.mark.parametrize(
    "source",
    [
        "np.save('x', y)",
        "df.to_sql('t', c)",
        "pd.HDFStore('x')",
        "plt.savefig('x')",
        "np.os.remove('x')",
        "pd.read_csv('http://x/y')",
        "!ls",
        "import torch",
        "x = eval('1')",
        "df._mgr",
        "pd.ExcelWriter('x')",
    ],
)
def test_what_writes_or_leaves_does_not(source):
    assert not stays_inside(source)
