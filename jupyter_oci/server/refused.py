"""Refused: a request that cannot be served now, with its HTTP status and a short reason."""

from __future__ import annotations

from ..errors import ConfigError, ContextOverflow, KernelNotFound, ModelError, OCIError, ProtocolError


class Refused(OCIError):  # noqa: N818 - not a fault: a "no" with its reason
    """The request is understood but not done. `reason` is a short code for programs, the message a sentence for the user."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


_STATUS: tuple[tuple[type[OCIError], int, str], ...] = (
    (ProtocolError, 400, "bad_request"),
    (ConfigError, 400, "bad_setting"),
    (KernelNotFound, 404, "unknown_kernel"),
    (ContextOverflow, 400, "too_long"),
    (ModelError, 503, "model"),
)


def as_refused(error: OCIError) -> Refused:
    """Give any of our errors an HTTP status and a reason; what is not the client's fault is a 500."""
    if isinstance(error, Refused):
        return error
    for kind, status, reason in _STATUS:
        if isinstance(error, kind):
            return Refused(status, reason, str(error))
    return Refused(500, "failed", str(error))
