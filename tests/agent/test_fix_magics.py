"""Magics, shell lines and cells in another language are fixed as Python is: the model's answer was no proposal."""

from __future__ import annotations

import ast
import sys

import pytest

from jupyter_oci.agent.python_text import foreign_magic, is_cell, magics, parses, tree_of
from jupyter_oci.events import ApprovalRequested, FixProposed

from .fixing import Notebook, run_it, said

BROKEN_SCRIPT = "%%script sh\nif true; then exit 3"


@pytest.mark.skipif(sys.platform == "win32", reason="these cells need a POSIX shell")
@pytest.mark.parametrize(
    ("source", "fixed"),
    [
        ("# here\n%matplotlib inlin\n1", "# here\n%matplotlib inline\n1"),
        ("x = 2\n%timeit -n1 -r1 summ([x])", "x = 2\n%timeit -n1 -r1 sum([x])"),
        ("%load_ext autoreloads", "%load_ext autoreload"),
        ("files = !lss", "files = !ls"),
        ("x = 1\nx?\ny = x +", "x = 1\nx?\ny = x + 1"),
        ("%%bash\nls /nonexistent\nexit 3", "%%bash\nls / > /dev/null\nexit 0"),
        ("%%bsh\necho 1 | cat", "%%bash\necho 1 | cat"),
    ],
)
def test_what_is_not_python_is_fixed(shared_kernel, source, fixed):
    notebook = Notebook(shared_kernel)
    run = notebook.fix(notebook.add(source), [said(fixed)], decide=run_it)
    assert run.ending == ("done", "fixed_unchecked")
    assert [event.source for event in run.of(FixProposed)] == [fixed]


def test_a_shell_cell_whose_fix_lacks_its_first_line_keeps_that_and_asks(shared_kernel):
    notebook = Notebook(shared_kernel)
    run = notebook.fix(notebook.add(BROKEN_SCRIPT), [said("if true; then exit 0; fi")], decide=run_it)
    assert [event.source for event in run.of(FixProposed)] == ["%%script sh\nif true; then exit 0; fi"]
    assert any("shell" in reason for reason in run.of(ApprovalRequested)[0].reasons)


def test_python_is_no_fix_of_a_shell_cell(shared_kernel):
    notebook = Notebook(shared_kernel)
    run = notebook.fix(notebook.add(BROKEN_SCRIPT), [said("import subprocess\nprint(1)")], decide=run_it)
    assert run.ending == ("gave_up", "no_fix")
    assert not run.of(FixProposed)


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("x = 1", True),
        ("files = !ls", True),
        ("x?", True),
        ("%%sql\nselect * from sales", True),
        ("select * from sales", False),
        ("def (", False),
    ],
)
def test_what_ipython_takes_is_a_cell(code, is_one):
    assert is_cell(code) is is_one


def test_a_cell_magic_over_python_is_not_foreign():
    assert [foreign_magic(cell) for cell in ("%%time\nx = 1", "x = 1", "\n%%sql x\nselect 1")] == ["", "", "%%sql x"]


BLACKS = "print(\n    'found %d of %d'\n    % (a, b)\n    != c\n)"
TEXT = 'words = """\n%d items\n!important\n"""'


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (BLACKS, []),
        (TEXT, []),
        ("a = (\n    b\n    %c\n)", []),
        (f"%matplotlib inline\n!ls\n{BLACKS}", [0, 1]),
        ("if x:\n    %time f()", [1]),
    ],
)
def test_a_line_that_a_statement_goes_on_with_is_no_magic(cell, found):
    assert parses(cell)
    assert magics(cell) == found


def test_text_that_looks_like_a_magic_stays_text():
    assert "%d items" in ast.unparse(tree_of(TEXT))
