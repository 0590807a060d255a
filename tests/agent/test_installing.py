"""What is not installed is installed where the user wants it, else done without; an installation that fails is a failure."""

from __future__ import annotations

import os
import zipfile
from dataclasses import replace
from importlib.util import find_spec

import pytest

from jupyter_oci.agent.installing import Installing, install_failure, packages_of
from jupyter_oci.agent.output_text import output_text
from jupyter_oci.agent.packages import distribution_of, missing_import
from jupyter_oci.events import (
    ApprovalRequested,
    Decision,
    ExecutionStarted,
    FeedbackGiven,
    RoundStarted,
    SourceFinished,
    TextDelta,
)
from jupyter_oci.kernel.base import ExecutionResult

from .driving import block
from .fixing import Notebook, run_it

pytestmark = pytest.mark.skipif(find_spec("squarify") is not None, reason="squarify is installed")
CODE = "import squarify\nprint(squarify.area())"
INSTALLING = f"%pip install squarify\n{CODE}"
WITHOUT = "print(7 * 6)"
NOTE = "Note: you may need to restart the kernel to use updated packages.\n"
ABSENT = "surely-not-a-package-of-anyone"


@pytest.fixture
def index(tmp_path, monkeypatch):
    """Give a folder from which alone pip installs, into another one that kernels look into."""
    folder, target = tmp_path / "index", tmp_path / "installed"
    folder.mkdir()
    target.mkdir()
    settings = {"NO_INDEX": "1", "FIND_LINKS": folder, "TARGET": target, "DISABLE_PIP_VERSION_CHECK": "1", "NO_CACHE_DIR": "1"}
    for name, value in settings.items():
        monkeypatch.setenv(f"PIP_{name}", str(value))
    monkeypatch.setenv("PYTHONPATH", str(target), prepend=os.pathsep)
    return folder


@pytest.fixture
def squarify(index):
    """Put a package into the folder."""
    with zipfile.ZipFile(index / "squarify-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("squarify.py", "def area():\n    return 42\n")
        wheel.writestr("squarify-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: squarify\nVersion: 1.0\n")
        wheel.writestr("squarify-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("squarify-1.0.dist-info/RECORD", "")


def returned(steps):
    try:
        while True:
            next(steps)
    except StopIteration as end:
        return end.value


def skip(request: ApprovalRequested) -> Decision:
    return Decision("skip", request.source)


def ran(run):
    return [event.source for event in run.of(ExecutionStarted)]


@pytest.mark.parametrize("mode", ["auto", "ask"])
def test_what_is_not_installed_is_installed_by_the_cell_that_needs_it(squarify, kernel, ask, mode):
    run = ask([block(CODE), "The area is 42."], executor=kernel, decide=run_it, mode=mode)
    assert run.ending == ("done", "answered")
    assert ran(run) == [CODE, INSTALLING]
    asked = run.of(ApprovalRequested)[-1]
    assert len(run.of(ApprovalRequested)) == (1 if mode == "auto" else 2)
    assert asked.source == INSTALLING
    told = " ".join(asked.reasons)
    assert "It installs or removes packages: squarify." in told
    assert "`squarify` is not installed; the package `squarify` provides it" in told
    assert "that needs the network" in told
    assert [event.attempt for event in run.of(RoundStarted)] == [1, 2, 1]
    assert run.of(FeedbackGiven)[0].text.startswith("Execution result:\n```\n42\n```\n")
    assert run.of(SourceFinished)[-1].source == INSTALLING


def test_what_else_a_cell_installed_does_not_stand_in_the_way(squarify, kernel, ask):
    run = ask([block(f"%pip install {ABSENT}\n{CODE}"), "The area is 42."], executor=kernel, decide=run_it)
    assert ran(run) == [f"%pip install {ABSENT}\n{CODE}", INSTALLING]
    assert run.ending == ("done", "answered")


def test_what_was_installed_is_not_asked_about_again(squarify, kernel, ask):
    replies = [
        block(CODE),
        block("!pip install -q squarify > /dev/null 2>&1  # again; please\nprint(squarify.area() + 1)"),
        "The areas are 42 and 43.",
    ]
    run = ask(replies, executor=kernel, decide=run_it)
    assert ran(run) == [CODE, INSTALLING, "print(squarify.area() + 1)"]
    assert len(run.of(ApprovalRequested)) == 1


@pytest.mark.parametrize("mode", ["auto", "ask"])
def test_what_the_user_does_not_want_installed_is_done_without_and_not_asked_about_again(index, kernel, ask, mode):
    def decide(request):
        return skip(request) if "pip" in request.source else run_it(request)

    again = f"%pip install squarify\nfrom squarify import area\n{WITHOUT}"
    run = ask([block(CODE), block(again), block(WITHOUT), "It is 42."], executor=kernel, decide=decide, mode=mode)
    assert run.ending == ("done", "answered")
    assert ran(run) == [CODE, again.partition("\n")[2], WITHOUT]
    assert len([event for event in run.of(ApprovalRequested) if "pip" in event.source]) == 1
    told = run.of(FeedbackGiven)[0].text
    assert "ModuleNotFoundError: No module named 'squarify'" in told
    assert "\nThe user does not want squarify installed. `matplotlib` is installed: use it instead.\nLine 1 failed: " in told
    assert "squarify is not installed: do without it." in told
    written = [event.source for event in run.of(SourceFinished)]
    assert written[1:3] == [INSTALLING, CODE]


def test_a_run_that_finds_no_way_without_what_is_not_wanted_says_how_it_is_installed(index, kernel, ask):
    run = ask([block(CODE), block("%pip install squarify")], executor=kernel, decide=skip)
    assert run.ending == ("gave_up", "lacks_package")
    assert "run `%pip install squarify` in a cell" in run.end.message
    assert ran(run) == [CODE]


def test_an_installation_that_fails_is_told_taken_out_and_not_tried_again(index, kernel, ask):
    run = ask([block(CODE), block(WITHOUT), "It is 42."], executor=kernel, decide=run_it)
    assert run.ending == ("done", "answered")
    assert ran(run) == [CODE, INSTALLING, WITHOUT]
    failed = "nstalling squarify failed (No matching distribution found for squarify)"
    assert f"Then i{failed}: the line is taken out again." in [event.text for event in run.of(TextDelta)]
    told = run.of(FeedbackGiven)[0].text
    assert f"\nI{failed}. " in told
    assert "Line 1 failed: `import squarify`." in told
    assert [event.source for event in run.of(SourceFinished)][2] == CODE


def test_a_run_that_finds_no_way_without_what_cannot_be_installed_says_what_pip_said(index, kernel, ask):
    run = ask([block(CODE)], executor=kernel, decide=run_it)
    assert run.ending == ("gave_up", "install_failed")
    assert "installing squarify failed (No matching distribution found for squarify)" in run.end.message
    assert ran(run) == [CODE, INSTALLING]


def test_the_user_may_edit_what_installs_and_end_the_run_by_skipping_that(index, kernel, ask):
    run = ask([block(CODE)], executor=kernel, decide=lambda request: Decision("skip", "# mine"))
    assert run.ending == ("done", "declined")
    run = ask([block(CODE), block(WITHOUT), "It is 42."], executor=kernel, decide=lambda request: Decision("run", CODE + " "))
    assert ran(run) == [CODE, CODE + " ", WITHOUT]
    assert len(run.of(ApprovalRequested)) == 1


@pytest.mark.parametrize("line", [f"%pip install {ABSENT}", f"!pip install {ABSENT}", f"if True:\n    %pip install -q {ABSENT}"])
def test_an_installation_of_the_models_own_that_fails_is_told_as_a_failure(index, kernel, ask, line):
    run = ask([block(f"{line}\nprint('here')"), block(WITHOUT), "It is 42."], executor=kernel, decide=run_it)
    assert run.ending == ("done", "answered")
    told = run.of(FeedbackGiven)[0].text
    assert f"\nBut installing {ABSENT} failed (No matching distribution found for {ABSENT}).\nLine " in told
    assert NOTE not in told
    assert [event.attempt for event in run.of(RoundStarted)][:2] == [1, 2]


def test_an_installation_of_the_models_own_that_fails_again_ends_the_run(index, kernel, ask):
    run = ask([block(f"%pip install {ABSENT}"), block(f"!pip install {ABSENT}")], executor=kernel, decide=run_it)
    assert run.ending == ("gave_up", "repeated_failure")


@pytest.mark.parametrize(
    "source",
    [
        "%pip install squarify",
        "try:\n    import json\nexcept ImportError:\n    !pip install squarify",
        "%pip list",
        "!exit 3",
        "1",
    ],
)
def test_what_installs_well_or_nothing_has_not_failed(squarify, kernel, source):
    notebook = Notebook(kernel)
    notebook.add("!exit 2")
    notebook.add(source)
    cell = notebook.cells[-1]
    steps = install_failure(kernel, cell.cell_id, source, ExecutionResult("ok", "", 1, cell.outputs, 0.0))
    assert returned(steps) is None


def test_a_run_whose_own_installation_failed_says_so_in_the_end(index, kernel, ask):
    run = ask([block(f"!pip install squarify\n{CODE}")], executor=kernel, decide=run_it)
    assert run.ending == ("gave_up", "install_failed")


def test_another_package_is_another_try(index, kernel, ask):
    replies = [block(f"%pip install {ABSENT}"), block(f"%pip install {ABSENT}-2"), block(WITHOUT), "It is 42."]
    run = ask(replies, executor=kernel, decide=run_it)
    assert run.ending == ("done", "answered")
    assert ran(run) == [f"%pip install {ABSENT}", f"%pip install {ABSENT}-2", WITHOUT]


def test_a_change_that_fails_to_install_is_taken_back(index, kernel):
    notebook = Notebook(kernel)
    cell_id = notebook.add("x = 1")
    changed = f"%pip install {ABSENT}\nx = 1"
    run = notebook.edit(cell_id, f"install {ABSENT} first", [block(changed)], decide=run_it)
    assert ran(run) == [changed]
    assert run.ending == ("gave_up", "not_installed")
    assert f"Installing {ABSENT} failed" in run.end.message
    assert run.of(SourceFinished)[-1].source == "x = 1"


@pytest.mark.parametrize(
    ("source", "packages"),
    [
        ("%pip install -q Scikit_Learn 'numpy>=2'\nimport sklearn", {"scikit-learn", "numpy"}),
        ("x = 1\n!pip install a[b]==1 c", {"a", "c"}),
        ("pip install wordcloud", {"wordcloud"}),
        ("print('pip install a')", set()),
        ("x = 1 # pip install a", set()),
    ],
)
def test_the_packages_that_a_cell_installs_are_named_as_indexes_do(source, packages):
    assert packages_of(source) == packages


LOG = "Looking in links: /links\nCollecting a\n  Downloading a-1.0 (1 kB)\nSuccessfully installed a-1.0\n"


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        (f"before\n{LOG}{NOTE}after\n", "before\nafter"),
        (f"{LOG}{NOTE}{LOG}{NOTE}", ""),
        (f"{LOG}ERROR: No a\n{NOTE}1\n", "ERROR: No a\n1"),
        (f"before\n{NOTE}", "before"),
        (LOG, LOG.rstrip()),
    ],
)
def test_of_what_pip_writes_its_errors_are_read(printed, read):
    assert output_text([{"output_type": "stream", "name": "stdout", "text": printed}]) == read


@pytest.mark.parametrize(
    ("error", "package"),
    [
        ("ImportError: `Import tabulate` failed.  Use pip, conda, or your preferred tool to install it.", "tabulate"),
        ("ImportError: Missing optional dependency 'openpyxl'.  Use pip or conda to install openpyxl.", "openpyxl"),
        ("ImportError: Unable to find a usable engine; tried using: 'pyarrow', 'fastparquet'.", "pyarrow"),
        ("ImportError: cannot import name 'a' from 'tabulate'", None),
    ],
)
def test_what_pandas_says_that_a_method_needs_is_known(error, package):
    module = missing_import(error)
    assert (distribution_of(module) if module else None) == package


@pytest.mark.parametrize(
    ("source", "left"),
    [
        (INSTALLING, CODE),
        ("!pip install -q squarify > /dev/null 2>&1\nx = 1", "x = 1"),
        ("%pip install squarify  # no; really\nx = 1", "x = 1"),
        ("%pip install squarify>=0.4", None),
        ("%pip install 'squarify[all]'", None),
        ("%pip install -U squarify", None),
        ("pip install squarify", ""),
        (
            "try:\n    import squarify\nexcept ImportError:\n    !pip install squarify\n    import squarify",
            "try:\n    import squarify\nexcept ImportError:\n    pass\n    import squarify",
        ),
        ("!pip install squarify && python setup.py", None),
        ("%pip install squarify tabulate", None),
        ("%pip install squarify==0.4.3", None),
        ("%pip uninstall -y squarify", None),
    ],
)
def test_only_what_does_nothing_but_install_what_was_asked_is_left_out(source, left):
    installing = Installing(None)
    assert installing.left_out(source) == source
    installing.decided(INSTALLING, Decision("another", INSTALLING, "not so"))
    assert installing.left_out(source) == source
    installing.decided(INSTALLING, Decision("skip", INSTALLING))
    assert installing.left_out(source) == (source if left is None else left)


def test_what_the_user_says_at_an_installation_is_asked_about_with_it(index, kernel, ask):
    """The line stays in what the model writes then, and where it writes nothing else the user is asked about what stands."""
    answers = iter([Decision("another", INSTALLING, "print it twice"), None, Decision("another", "", "and thrice"), None])
    replies = {
        "thrice": ["I can't."],
        "twice": [block(f"{INSTALLING}\nprint(2)")],
        "": [block(CODE)],
    }

    def decide(request):
        given = next(answers) if "pip" in request.source else run_it(request)
        return Decision("another", request.source, given.comment) if given and given.comment else given or skip(request)

    run = ask(replies, executor=kernel, decide=decide)
    assert [event.source for event in run.of(ApprovalRequested)][:2] == [INSTALLING, f"{INSTALLING}\nprint(2)"]
    assert ran(run) == [CODE]


def test_a_cell_that_only_installs_again_ends_the_run_and_is_not_emptied(index, kernel, ask):
    run = ask([block(CODE), block("%pip install squarify")], executor=kernel, decide=skip)
    assert run.ending == ("gave_up", "lacks_package")
    assert "" not in [event.source for event in run.of(SourceFinished)]


def test_an_edited_installation_that_fails_is_told_and_the_edit_stays(index, kernel, ask):
    mine = f"{INSTALLING}\n# mine"
    run = ask([block(CODE), block(WITHOUT), "It is 42."], executor=kernel, decide=lambda _: Decision("run", mine))
    assert ran(run)[:2] == [CODE, mine]
    assert [event.source for event in run.of(SourceFinished)][1:] == [INSTALLING, WITHOUT]


@pytest.mark.parametrize(("more", "fails"), [("!false", False), ("x = 1", True), ("%matplotlib inline", True)])
def test_the_exit_code_of_another_command_is_not_that_of_pip(squarify, kernel, more, fails):
    source = f"%pip install {ABSENT if fails else 'squarify'}\n{more}"
    result = returned(kernel.execute("cell", source))
    failure = returned(install_failure(kernel, "cell", source, result))
    assert (failure is not None) == fails


def test_where_no_index_is_reached_that_is_said(kernel):
    source = "%pip install squarify"
    retrying = "WARNING: Retrying (Retry(total=0)) after connection broken\nERROR: No matching distribution\n"
    result = returned(kernel.execute("cell", "!false"))
    output = {"output_type": "stream", "name": "stdout", "text": f"{retrying}{NOTE}"}
    failure = returned(install_failure(kernel, "cell", source, replace(result, outputs=(output,))))
    assert failure.error == "installing squarify failed (pip reached no package index: is there a network?)"


def test_what_the_import_gave_is_lacking_with_its_package(index, kernel, ask):
    plot = "from squarify import plot\nplot([1, 2])"
    run = ask([block(plot), block("import math\nplot([1, 2])"), block("import math\nplot([1, 2])")], executor=kernel, decide=skip)
    assert ran(run)[-1] == "import math\nplot([1, 2])"
    assert run.ending == ("gave_up", "lacks_package")
