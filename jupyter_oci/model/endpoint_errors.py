"""What can go wrong with a model server, as sentences that say what to do."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from typing import Any

import httpx

from ..errors import ContextOverflow, ModelError
from .endpoint_address import Address
from .endpoint_key import VARIABLE

SILENCE_SECONDS = 300.0

_OVERFLOW = re.compile(
    r"context[_ ](length|size|window)|exceed_context|maximum context|too many tokens|longer than the maximum|inputs. tokens", re.I
)
_ROLES = re.compile(r"\broles?\b|chat.template|jinja", re.I)
_BUSY = (429, 502, 503, 504)


class Busy(ModelError):  # noqa: N818 - a state that passes
    """The server cannot serve just now; another try may help. `wait` is what it asks for in seconds (None: it does not say)."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class RolesRefused(ModelError):  # noqa: N818 - as the server says it
    """The server's chat template does not take these turns."""


def of_connection(error: httpx.HTTPError, address: Address) -> ModelError:
    """Explain why there is no answer, or no whole one."""
    host = address.host
    if fault := next((cause for cause in _causes(error) if isinstance(cause, ssl.SSLError)), None):
        return ModelError(_of_tls(fault, host))
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
        return Busy(f"Nothing answers at {host}. Look whether the model server runs, and whether its address is right.")
    if isinstance(error, httpx.TimeoutException):
        return ModelError(f"The model server at {host} fell silent for {SILENCE_SECONDS:.0f} s. Look at its log, and ask again.")
    return cut_off(address)


def of_proxies(error: Exception, address: Address) -> ModelError:
    """Say that what the environment says of proxies cannot be used."""
    variables = "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY"
    return ModelError(f"The proxy for {address.host} cannot be used ({error}). Correct {variables} where Jupyter starts.")


def cut_off(address: Address) -> ModelError:
    """Say that the reply has no end."""
    message = f"The model server at {address.host} ended the reply before its end. Look whether it still runs, and ask again."
    return ModelError(message)


def not_the_api(address: Address) -> ModelError:
    """Say that something else answers."""
    return ModelError(f"{address.base} answers, but not as an OpenAI-compatible server does. The address mostly ends in /v1.")


def of_status(status: int, body: bytes, headers: httpx.Headers, address: Address, *, has_key: bool) -> ModelError:
    """Explain a refusal."""
    host, said = address.host, _said(body)
    if status in (401, 403):
        problem = "does not accept the key" if has_key else "wants a key"
        return ModelError(f"The model server at {host} {problem}. Put the right one into {VARIABLE}, or into the key file.")
    if status in _BUSY:
        wait = headers.get("Retry-After", "")
        return Busy(f"The model server at {host} is overloaded ({status}). {said}", float(wait) if wait.isdecimal() else None)
    if status == 413 or (status in (400, 422) and _OVERFLOW.search(said)):
        return ContextOverflow(f"The request does not fit the window of the model at {host}. {said}")
    if status in (404, 405) and "model" not in said.lower():
        return not_the_api(address)
    kind = RolesRefused if status in (400, 422, 500) and _ROLES.search(said) else ModelError
    return kind(f"The model server at {host} refuses ({status}). {said or 'Its log may say why.'}")


def in_stream(error: Any, address: Address) -> ModelError:
    """Explain an error that came in place of the reply's next piece."""
    said = _sentence(error)
    if _OVERFLOW.search(said):
        return ContextOverflow(f"The request does not fit the window of the model at {address.host}. {said}")
    return ModelError(f"The model server at {address.host} failed. {said}")


def _of_tls(fault: ssl.SSLError, host: str) -> str:
    if isinstance(fault, ssl.SSLCertVerificationError):
        return (
            f"The certificate of {host} is not trusted ({fault.verify_message}). If it is signed by an authority of your own, "
            "name that authority's file in SSL_CERT_FILE where Jupyter starts."
        )
    return (
        f"{host} does not speak TLS as it should ({fault.reason or 'no reason given'}). Is its address http:// and not https://?"
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _said(body: bytes) -> str:
    """Find the server's own words in the body of a refusal; empty when it is not of the API."""
    try:
        fields = json.loads(body)
    except ValueError:
        return ""
    return _sentence(fields.get("error") or fields.get("detail") or fields) if isinstance(fields, dict) else ""


def _sentence(error: Any) -> str:
    if isinstance(error, dict):
        error = error.get("message") or json.dumps(error)
    words = " ".join(str(error).split())[:300]
    return f'It says: "{words}"' if words else ""
