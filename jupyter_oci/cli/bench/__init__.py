"""`jupyter oci bench`: the figures we promise, measured on this machine beside their targets."""

from .command import add_to

__all__ = ["add_to"]
