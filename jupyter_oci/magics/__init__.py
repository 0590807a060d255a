"""The magics `%oci` and `%%oci`: the agent from a cell, a console or a plain IPython."""

from __future__ import annotations

import atexit
from typing import Any

from .door import OCIMagics
from .question import asked


def load(shell: Any) -> None:
    """Add the magics to a shell; those of an earlier load are replaced."""
    unload(shell)
    magics = OCIMagics(shell)
    shell.register_magics(magics)
    shell.Completer.custom_matchers.append(magics.match)
    shell.input_transformers_cleanup.append(asked)
    atexit.register(magics.close)


def unload(shell: Any) -> None:
    """End what the magics hold, and take them away."""
    magics = shell.magics_manager.registry.pop(OCIMagics.__name__, None)
    if magics is None:
        return
    magics.close()
    atexit.unregister(magics.close)
    shell.Completer.custom_matchers.remove(magics.match)
    shell.input_transformers_cleanup.remove(asked)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("oci", None)
