"""Two small problems in the form of the suites, and a folder that holds them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

ADD: dict[str, Any] = {
    "task_id": "HumanEval/0",
    "prompt": 'def add(a, b):\n    """Add.\n\n    >>> add(1, 2)\n    3\n    """\n',
    "canonical_solution": "    return a + b\n",
    "entry_point": "add",
    "base_input": [[1, 2], [2, 2]],
    "plus_input": [[0, 0], [-1, 5]],
    "atol": 0,
}
LONGEST: dict[str, Any] = {
    "task_id": "HumanEval/1",
    "prompt": 'def longest(words):\n    """Give the first longest word; None of none."""\n',
    "canonical_solution": "    return max(words, key=len, default=None)\n",
    "entry_point": "longest",
    "base_input": [[["a", "bb"]]],
    "plus_input": [[[]]],
    "atol": 0,
}
EXAMPLES = {"Python/0": "assert add(1, 2) == 3\nassert add(2, 2) == 4", "Python/1": "def check(f):\n    x\n  assert f([])"}
SHARED: dict[str, Any] = {
    "task_id": "Mbpp/2",
    "prompt": '"""\nWrite a function to find the shared elements of tuples.\nassert set(shared((3, 4), (4, 5))) == {4}\n"""\n',
    "canonical_solution": "\ndef shared(a, b):\n  return tuple(set(a) & set(b))\n",
    "entry_point": "shared",
    "base_input": [[[3, 4], [4, 5]]],
    "plus_input": [[[], []]],
    "atol": 0,
}
MEDIAN: dict[str, Any] = {
    "task_id": "Python/0",
    "declaration": "def middle(values):\n",
    "buggy_solution": "    values = sorted(values)\n    return sum(values[:1])\n",
    "canonical_solution": "    values = sorted(values)\n    return values[len(values) // 2]\n",
    "example_test": "def check(middle):\n    assert middle([30, 10, 20]) == 20\n\ncheck(middle)\n",
    "test": "def check(middle):\n    assert middle([3, 1, 2]) == 2\n    assert middle([5, 4, 9, 7, 8]) == 7\n\ncheck(middle)\n",
    "entry_point": "middle",
}


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write rows as JSON lines, gzipped where the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def data_folder(folder: Path) -> Path:
    """Write the suites' files as small ones of the same form."""
    write_lines(folder / "humanevalplus" / "HumanEvalPlus-v0.1.9.jsonl.gz", [ADD, LONGEST])
    write_lines(folder / "mbppplus" / "MbppPlus-v0.1.0.jsonl.gz", [SHARED])
    pack = [{"task_id": task_id, "example_test": text} for task_id, text in EXAMPLES.items()]
    write_lines(folder / "humanevalfix" / "humanevalpack_python.jsonl", pack)
    return folder
