"""A notebook whose cells are fixed, with a real kernel and scripted replies."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from jupyter_oci.agent.loop import Agent
from jupyter_oci.config import AgentConfig
from jupyter_oci.events import ApprovalRequested, Decision
from jupyter_oci.kernel.session import KernelSession
from jupyter_oci.model.scripted import ScriptedModel
from jupyter_oci.request import Cell, Request

from .driving import Run, drive

BUGGY = "def mean(xs):\n    # add up\n    return sum(xs)  # short"
FIXED = "def mean(xs):\n    # add up\n    return sum(xs) / len(xs)  # short"
IN_ANOTHER_WAY = "in another way"  # in the prompt that asks for the cell anew


def said(code: str, why: str = "It is not divided.") -> str:
    return f"{why}\n```python\n{code}\n```"


@dataclass
class Notebook:
    """Cells of a notebook, run in the kernel as a user would run them."""

    kernel: KernelSession
    cells: list[Cell] = field(default_factory=list)

    def add(self, source: str, *, run: bool = True) -> str:
        cell = Cell(f"cell-{len(self.cells)}", "code", source)
        if run:
            execution = self.kernel.execute(cell.cell_id, source)
            try:
                while True:
                    next(execution)
            except StopIteration as end:
                cell = replace(cell, outputs=end.value.outputs, execution_count=end.value.execution_count)
        self.cells.append(cell)
        return cell.cell_id

    def fix(self, cell_id: str, replies: Any = (), sentence: str = "", **options: Any) -> Run:
        decide, edits = options.pop("decide", None), options.pop("edits", {})
        stop = {"stop_at": options.pop("stop_at")} if "stop_at" in options else {}
        live = options.pop("live", None)
        intent = options.pop("intent", "fix")
        config = AgentConfig(**{"mode": "auto", **options})
        request = Request(sentence, tuple(self.cells), cell_id, intent=intent, target_cell_id=cell_id)
        return drive(Agent(ScriptedModel(replies), self.kernel, config, edits, live), request, decide, **stop)

    def edit(self, cell_id: str, prompt: str, replies: Any = (), **options: Any) -> Run:
        return self.fix(cell_id, replies, prompt, intent="edit", **options)


def run_it(request: ApprovalRequested) -> Decision:
    return Decision("run", request.source)
