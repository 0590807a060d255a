"""What the page is told of a model (docs/api.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..model.catalogue import ModelSpec
from ..model.endpoint_address import Address
from ..model.machine import Fit
from ..model.needs import gpu_bytes


@dataclass(frozen=True, slots=True)
class State:
    """Where a model stands: `state` as in docs/api.md, what to show, and progress 0..1 where it is known."""

    state: str
    detail: str = ""
    fraction: float | None = None


def card(spec: ModelSpec, state: State, fit: Fit, kept: int) -> dict[str, Any]:
    """Describe a model; what is ready has shown that it fits. `kept` bytes are left of a download that did not end."""
    obstacle = "" if state.state == "ready" else fit.obstacle
    return {
        "name": spec.name,
        "title": spec.title,
        "license": spec.license,
        "base": spec.base,
        "parameters": in_words(spec.parameters),
        "download_bytes": spec.download_bytes,
        "kept_bytes": kept,
        "memory_bytes": spec.memory_bytes,
        "disk_bytes": fit.disk_bytes,
        "gpu_memory_bytes": gpu_bytes(spec.parameters, 16, spec.state_bytes) if spec.parameters else 0,
        "gpu_4bit_bytes": gpu_bytes(spec.parameters, 4, spec.state_bytes) if spec.parameters and 4 in spec.card_bits else 0,
        "context_window": spec.context_window,
        "host": spec.host,
        "is_local": not spec.host or Address.parse(spec.name).is_local,
        "fits": not obstacle,
        "obstacle": obstacle,
        "tokens_per_second": fit.tokens_per_second,
        "state": state.state,
        "detail": state.detail,
        "fraction": state.fraction,
    }


def in_words(parameters: int) -> str:
    """Write a count of weights as it is used in names: 494 M, 1.5 B."""
    return f"{parameters / 1e9:.1f} B" if parameters >= 1e9 else f"{parameters / 1e6:.0f} M" if parameters else ""
