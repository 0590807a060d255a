"""Everything that can go wrong on our side, as one tree.

OCIError
├── ConfigError            a setting is wrong; the message names it
├── ProtocolError          a client sent what we cannot read
├── ModelError
│   ├── ModelLoadError     weights or tokenizer cannot be used
│   ├── ContextOverflow    the request does not fit the model's window
│   └── WorkerDied         the model process ended
└── KernelError
    ├── KernelNotFound     no such kernel, or it cannot be reached
    ├── KernelDied         the kernel's process ended while we used it
    ├── KernelRestarted    another process answers now; its variables are gone
    └── KernelUnresponsive the code goes on after an interrupt

Each message is one or two sentences for the user: what happened and what to do next. User code that raises
or runs too long is not an error of ours: it is an `ExecutionResult.status`. `Stopped` is not an error either.
"""

from __future__ import annotations


class OCIError(Exception):
    """Base of all errors that jupyter-oci raises; `str(error)` is fit to be shown to the user."""


class ConfigError(OCIError):
    """A setting is wrong; the message names it."""


class ProtocolError(OCIError):
    """A client sent what we cannot read."""


class ModelError(OCIError):
    """The model cannot do what was asked."""


class ModelLoadError(ModelError):
    """Weights or tokenizer cannot be used."""


class ContextOverflow(ModelError):
    """The request does not fit the model's context window."""


class WorkerDied(ModelError):
    """The model process ended."""


class KernelError(OCIError):
    """The kernel cannot be used."""


class KernelNotFound(KernelError):
    """No such kernel, or it cannot be reached."""


class KernelDied(KernelError):
    """The kernel's process ended while we used it."""


class KernelRestarted(KernelError):
    """Another process answers now; the variables are gone."""


class KernelUnresponsive(KernelError):
    """The code goes on after an interrupt; only the user may restart the kernel."""


class Stopped(Exception):
    """Thrown into a running generator to stop it: it cleans up, may yield its last events, and lets it pass."""
