"""The main job with the published 0.5B model and a real kernel; judged by what the kernel holds afterwards, not by words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_oci.agent.loop import Agent
from jupyter_oci.config import AgentConfig, ModelConfig
from jupyter_oci.events import CellOpened, ExecutionFinished, KernelOutput, RunEvent, RunFinished
from jupyter_oci.kernel.launch import launch_kernel
from jupyter_oci.kernel.session import KernelSession
from jupyter_oci.model.client import WorkerModel
from jupyter_oci.request import Request

pytestmark = [pytest.mark.real_model, pytest.mark.timeout(900)]

SALES = "region,amount\nnorth,150\nsouth,80\nnorth,280\neast,300\nsouth,70\n"
CONFIG = '{"server": {"host": "localhost", "port": 8080}}'


@pytest.fixture(scope="module")
def model() -> Iterator[WorkerModel]:
    model = WorkerModel(ModelConfig("qwen2.5-coder-0.5b-instruct"))
    yield model
    model.close()


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[KernelSession]:
    (tmp_path / "sales.csv").write_text(SALES)
    (tmp_path / "config.json").write_text(CONFIG)
    with launch_kernel(cwd=tmp_path) as session:
        yield session


def ask(model: WorkerModel, kernel: KernelSession, prompt: str) -> list[RunEvent]:
    steps = Agent(model, kernel, AgentConfig(mode="auto")).run(Request(prompt))
    events = [event for event in steps if event is not None]
    end = events[-1]
    assert isinstance(end, RunFinished)
    assert end.status == "done", end.message
    return events


def value(kernel: KernelSession, expression: str) -> object:
    """Evaluate in the kernel; what comes of it is a literal."""
    steps = kernel.execute("check", expression)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            [output] = end.value.outputs
            return ast.literal_eval(output["data"]["text/plain"])


def shown(events: list[RunEvent]) -> str:
    """Give what the kernel sent, as text."""
    return "".join(str(event.message["content"]) for event in events if isinstance(event, KernelOutput))


def test_a_function_is_written_and_used(model: WorkerModel, kernel: KernelSession):
    events = ask(
        model, kernel, "Write a function area(width, height) that returns the area of a rectangle. Then print area(6, 7)."
    )
    assert "42" in shown(events)
    assert value(kernel, "area(3, 5)") == 15


def test_a_table_is_read_and_grouped(model: WorkerModel, kernel: KernelSession):
    ask(model, kernel, "Read sales.csv with pandas into df and print the total amount for each region.")
    assert value(kernel, "df.groupby('region')['amount'].sum().to_dict()") == {"east": 300, "north": 430, "south": 150}
    assert value(kernel, "len(df)") == 5


def test_a_file_that_the_request_does_not_name_is_found(model: WorkerModel, kernel: KernelSession):
    events = ask(model, kernel, "Load the sales data and print the total amount for each region.")
    assert all(total in shown(events) for total in ("300", "430", "150"))


def test_a_cell_that_fails_is_revised_until_it_works(model: WorkerModel, kernel: KernelSession):
    events = ask(model, kernel, "Read config.json and print the value of the port.")
    statuses = [event.status for event in events if isinstance(event, ExecutionFinished)]
    assert (statuses[0], statuses[-1]) == ("error", "ok")
    first, second, *_ = (event for event in events if isinstance(event, CellOpened))
    assert (second.cell_id, second.revises) == (first.cell_id, True)
    assert "8080" in shown(events)
