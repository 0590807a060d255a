"""Which imports are put into code that lacks them, and which are not."""

from __future__ import annotations

import ast

import pytest

from jupyter_oci.agent.usual_imports import with_imports


@pytest.mark.parametrize(
    ("source", "completed"),
    [
        ("x = np.ones(3)", "import numpy as np\nx = np.ones(3)"),
        ("def f(x: List[int]): ...", "from typing import List\ndef f(x: List[int]): ..."),
        ("x = datetime.now()", "from datetime import datetime\nx = datetime.now()"),
        ("%%time\nnp.ones(3)", "%%time\nimport numpy as np\nnp.ones(3)"),
        ("\n%%time\nnp.ones(3)", "\n%%time\nimport numpy as np\nnp.ones(3)"),
        (
            "from __future__ import annotations\nprint(math.pi)",
            "from __future__ import annotations\nimport math\nprint(math.pi)",
        ),
        ("time.sleep(1)", "import time\ntime.sleep(1)"),
    ],
)
def test_what_everybody_means_by_the_name_is_imported(source, completed):
    assert with_imports(source, []) == completed
    ast.parse(completed.replace("%%time", "pass"))


@pytest.mark.parametrize(
    ("source", "held"),
    [
        ("x = np.ones(3)", ["np"]),
        ("print(time.mean())", []),  # no function of that module's: it is something of the user's
        ("print(string.lower())", []),
        ("print(sp.symbols('x'))", []),
        ("df['x'] = chain(df)", []),
        ("from sympy import *\ny = sqrt(x)", []),
        ("y = sqrt(x)", ["*"]),
        ("try:\n    pass\nexcept OSError as time:\n    print(time.sleep)", []),
        ("def f():\n    global plt\n    plt = 1\nf()\nplt.plot", []),
        ("for random in x:\n    print(random.random())", []),
        ("def broken(:", []),
    ],
)
def test_what_may_be_something_else_is_not(source, held):
    assert with_imports(source, held) == source
