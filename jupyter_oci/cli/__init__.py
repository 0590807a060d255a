"""`jupyter oci …`: the agent, its models and their measures from a terminal."""

from .main import main

__all__ = ["main"]
