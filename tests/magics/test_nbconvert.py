"""`jupyter nbconvert --execute`: no server, no page that takes the next input, nobody to ask."""

from __future__ import annotations

import os
import subprocess
import sys

import nbformat
import pytest
from nbformat import v4

CONFIG = """
from jupyter_oci.errors import ModelError
from jupyter_oci.model.scripted import ScriptedModel

script = {
    "# Request\\nadd": ["```python\\ntotal = sum(values)\\nprint('total', total)\\n```", "The total is 6."],
    "# Request\\nclean": ["```python\\nimport os\\nos.remove('work.ipynb')\\n```"],
    "# Request\\nbreak": [ModelError("The model is broken.")],
}
c.OCIMagics.model_factory = lambda config: ScriptedModel(script)
"""


@pytest.fixture
def convert(tmp_path):
    profile = tmp_path / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_config.py").write_text(CONFIG)

    def run(*sources, code=0):
        notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in ("%load_ext jupyter_oci", *sources)])
        nbformat.write(notebook, tmp_path / "work.ipynb")
        command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", "--output", "done", "work.ipynb"]
        environment = {**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        if code:
            return done.stderr
        return [_text(cell) for cell in nbformat.read(tmp_path / "done.ipynb", as_version=4).cells[1:]]

    return run


def _text(cell):
    return "\n".join(output.get("text") or output["data"]["text/plain"] for output in cell.outputs)


def test_the_agent_runs_in_the_kernel_and_code_is_shown_where_no_page_takes_it(convert):
    shown = convert("values = [1, 2, 3]", "%oci run add them", "print(total * 2)", "%oci add them", "%oci run clean up")
    assert "total 6" in shown[1]
    assert shown[2] == "12\n"
    assert "│ total = sum(values)" in shown[3]
    assert "has not been run" in shown[4]


def test_a_magic_that_fails_ends_the_conversion(convert):
    assert "The model is broken." in convert("%oci break", "print('never')", code=1)
