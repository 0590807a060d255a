from __future__ import annotations

import pytest
from faulty_server import DONE, chunk, faulty

from jupyter_oci.agent.loop import Agent
from jupyter_oci.config import AgentConfig, ModelConfig
from jupyter_oci.events import ReplyFinished
from jupyter_oci.model.endpoint import EndpointModel
from jupyter_oci.request import Cell, Request

from .driving import drive


@pytest.mark.parametrize("intent", ["ask", "explain", "hint"])
def test_a_thought_without_an_answer_is_said_to_be_one(shared_kernel, intent):
    request = Request("Why?", (Cell("a", "code", "total = 0"),), "a", intent=intent, target_cell_id="a")
    with faulty(lambda asked: asked.stream(chunk("<think>Hm, let me see.", "length"), DONE)) as (base, _):
        run = drive(Agent(EndpointModel(ModelConfig(name=base)), shared_kernel, AgentConfig(), {}), request)
    assert run.ending == ("gave_up", "thought")
    assert len(run.of(ReplyFinished)) == 1
