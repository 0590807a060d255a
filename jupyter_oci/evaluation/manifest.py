"""What results are results of: all that must be the same for two records to stand in one table, and what is told beside it."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
import platform
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import psutil

from .._version import __version__
from ..config import AgentConfig
from ..model.base import ChatModel
from .judge.confinement import confinement

_PACKAGE = Path(__file__).parents[1]
SURROUNDINGS = "surroundings"
"""What of a manifest may change between two sittings, as a kernel does by an update of the system."""
COMPUTED = "computed"
"""What the models are computed in and of which weights, which is not known before they are loaded."""
BEGAN = "began"
"""The day of the first sitting, in UTC."""
FORBIDDEN, OPEN = "judged code is forbidden", "judged code is not forbidden"
_NOT_MEASURED = ("cli", "server", "magics", "evaluation/report", "labextension")


def manifest(
    evaluation: str, model: str, config: AgentConfig, data: Mapping[str, str], *, jobs: int, **more: str
) -> dict[str, Any]:
    """Say of what evaluation, model, settings, data (name to SHA-256), code and machine results are, with so many jobs.

    `more` is what else the answers depend on where it is set: the `guide` that plays the human, the model's `device`, `draft`,
    `template` and its text's SHA-256, the versions in the `kernel` of sessions.
    """
    settings = dataclasses.asdict(config)
    return {
        "evaluation": evaluation,
        "model": model,
        **{name: value for name, value in more.items() if value},
        "jobs": jobs,
        "settings": settings,
        "settings_sha256": hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest(),
        "data": dict(data),
        BEGAN: datetime.now(timezone.utc).date().isoformat(),
        "version": __version__,
        "code_sha256": code_digest(),
        "machine": machine(),
        SURROUNDINGS: surroundings() | ({} if evaluation.startswith("dseval-") else judge_keeps()),
    }


def computed(model: ChatModel, guide: ChatModel | None = None) -> dict[str, Any]:
    """Say what the models, which have been loaded, are computed in, as far as they know: device, bits, weights, window."""
    of_guide: Mapping[str, Any] = getattr(guide, "computed", {})
    return {**getattr(model, "computed", {}), **{f"guide's {name}": value for name, value in of_guide.items()}}


def machine() -> dict[str, str]:
    """Describe the machine as far as answers, verdicts and speed depend on it."""
    return {
        "system": platform.system(),
        "processor": f"{platform.machine()}, {os.cpu_count()} CPUs",
        "python": platform.python_version(),
    }


def surroundings() -> dict[str, str]:
    """Describe what else there is, on which results should not depend."""
    return {"platform": platform.platform(), "memory": f"{psutil.virtual_memory().total / (1 << 30):.0f} GiB"}


def judge_keeps() -> dict[str, str]:
    """Say what the judge can forbid the code under test on this machine, and what it cannot."""
    kept = confinement()
    by_outcome = {
        name: ", ".join(what for what in kept if kept[what] is held) for name, held in ((FORBIDDEN, True), (OPEN, False))
    }
    return {name: what for name, what in by_outcome.items() if what}


@functools.cache
def code_digest() -> str:
    """Give the SHA-256 of the code that answers and judges, as this process found it: a changed prompt is another product."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        place = path.relative_to(_PACKAGE).as_posix()
        if not place.startswith(_NOT_MEASURED):
            digest.update(place.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
