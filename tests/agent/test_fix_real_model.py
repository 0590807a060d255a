"""The real 0.5B model repairs a cell, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_oci.agent.fix import fix
from jupyter_oci.config import AgentConfig, ModelConfig
from jupyter_oci.kernel.session import KernelSession
from jupyter_oci.model.client import WorkerModel
from jupyter_oci.request import Cell

pytestmark = [pytest.mark.real_model, pytest.mark.timeout(900)]

ADD = """def total_of(prices):
    # add up
    total = 0
    for price in prices:
        total = total + prise
    return total

total_of([1, 2, 3])  # expected: 6"""
ERROR = {"output_type": "error", "ename": "NameError", "evalue": "name 'prise' is not defined", "traceback": []}


@pytest.fixture(scope="module")
def model() -> Iterator[WorkerModel]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        model = WorkerModel(ModelConfig("qwen2.5-coder-0.5b-instruct"))
        yield model
        model.close()


def test_an_error_is_repaired_and_the_comments_stay(model: WorkerModel, kernel: KernelSession) -> None:
    cells = [Cell("a", "code", ADD, 1, (ERROR,))]
    outcome = fix(model, kernel, AgentConfig(mode="auto", max_rounds=5), cells, "a")
    assert outcome.worked, outcome.end
    assert outcome.proposals[-1].source == ADD.replace("prise", "price")
