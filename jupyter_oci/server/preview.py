"""What would be sent to the model, with token counts, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..config import KernelConfig
from ..errors import KernelError
from ..kernel.base import DataFile, Variable
from ..request import Request
from .door import Parts
from .kernels import ServerKernel

_CHARACTERS_PER_TOKEN = 3.5


def preview(parts: Parts, request: Request, kernel: ServerKernel) -> dict[str, Any]:
    """Build the prompt of a request. Blocks for as long as the kernel takes to list its variables."""
    from ..agent.file_text import files_asked_about  # noqa: PLC0415 - not needed to start the server
    from ..agent.fix_prompt import build_fix_prompt  # noqa: PLC0415 - not needed to start the server
    from ..agent.problem import problem_of  # noqa: PLC0415
    from ..agent.prompt import build_prompt, prompt_limit, subject_of  # noqa: PLC0415
    from ..agent.question import as_meant  # noqa: PLC0415

    request = as_meant(request)
    exact = parts.models.ready()
    count_tokens = parts.models.hosted().count_tokens if exact else _estimate
    window = parts.models.window()
    target = next((i for i, cell in enumerate(request.cells) if cell.cell_id == request.target_cell_id), None)
    about = subject_of(request) if target is None or request.intent == "edit" else request.cells[target].source
    variables, files = _held(kernel, parts.limits.kernel, about, files_asked_about(request))
    if request.intent in ("ask", "edit") or target is None:
        prompt = build_prompt(request, variables or (), files, count_tokens, prompt_limit(window, parts.limits.agent))
    else:
        said = request.prompt if request.intent == "fix" else request.said
        problem = problem_of(request.cells, target, said, variables, lambda: files)
        prompt = build_fix_prompt(problem, request.intent, count_tokens, window, parts.limits.agent)
    counts = count_tokens([message.content for message in prompt.messages])
    return {
        "messages": [
            {"role": message.role, "content": message.content, "tokens": tokens}
            for message, tokens in zip(prompt.messages, counts, strict=True)
        ],
        "total_tokens": prompt.total_tokens,
        "window": window,
        "exact": exact,
        "dropped_cells": prompt.dropped_cells,
    }


def _held(
    kernel: ServerKernel, config: KernelConfig, about: str, files_about: str
) -> tuple[Sequence[Variable] | None, Sequence[DataFile]]:
    """List what the kernel holds, and the files in its folder; None and nothing when it cannot be reached."""
    try:
        with kernel.session(config) as session:
            return session.variables(about), session.files(files_about)
    except KernelError:
        return None, ()


def _estimate(texts: Sequence[str]) -> list[int]:
    return [round(len(text) / _CHARACTERS_PER_TOKEN) + 1 for text in texts]
