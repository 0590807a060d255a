"""The real 0.5B model repairs cells whose checks stand beside them, as a user's would."""

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

PRODUCT = """def sum_product(numbers):
    # both begin with what changes nothing
    sum_value = 0
    prod_value = 0
    for n in numbers:
        sum_value += n
        prod_value *= n
    return sum_value, prod_value"""


@pytest.fixture(scope="module")
def model() -> Iterator[WorkerModel]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        model = WorkerModel(ModelConfig("qwen2.5-coder-0.5b-instruct"))
        yield model
        model.close()


def test_a_silent_wrong_result_is_repaired_with_the_comment_kept(model: WorkerModel, kernel: KernelSession) -> None:
    cells = [Cell("a", "code", PRODUCT), Cell("b", "code", "assert sum_product([1, 2, 3, 4]) == (10, 24)")]
    outcome = fix(model, kernel, AgentConfig(mode="auto", max_rounds=5), cells, "a")
    assert outcome.worked, outcome.end
    assert "    # both begin with what changes nothing\n" in outcome.proposals[-1].source
