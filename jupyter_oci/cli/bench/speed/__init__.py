"""How fast a model answers on this machine, beside llama-cpp-python on the same file and threads, in one run."""

from .command import add_to, run
from .show import show

__all__ = ["add_to", "run", "show"]
