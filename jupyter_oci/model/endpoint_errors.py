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
# What a request may lack or say in another way, where a server, or a model of its, does not take it.
_PARAMETERS = re.compile(r"\b(stream_options|max_tokens|temperature|top_p|seed)\b")
_NOT_TAKEN = re.compile(r"un(known|supported|recogni[sz]ed|expected)|not (be )?(support|permitted|allowed|recogni[sz]ed)", re.I)
_NO_ANSWER = {
    "content_filter": "The content filter of the model server at {host} held the reply back. Ask in other words.",
    "tool_calls": "The model at {host} called a tool and answered nothing. Have its server offer it no tools.",
}
_BUSY = (429, 502, 503, 504)


class Busy(ModelError):  # noqa: N818 - a state that passes
    """The server cannot serve just now; another try may help. `wait` is what it asks for in seconds (None: it does not say)."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class RolesRefused(ModelError):  # noqa: N818 - as the server says it
    """The server's chat template does not take these turns."""


class ParameterRefused(ModelError):  # noqa: N818 - as the server says it
    """The server does not take a parameter of the request, `name`."""

    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name


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


def without_answer(finish_reason: str, address: Address) -> ModelError | None:
    """Say why a reply that has ended for this reason has no text; None: that needs no words here."""
    words = _NO_ANSWER.get(finish_reason)
    return ModelError(words.format(host=address.host)) if words else None


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
    message = f"The model server at {host} refuses ({status}). {said or 'Its log may say why.'}"
    if status in (400, 422) and (named := _PARAMETERS.search(said)) and _NOT_TAKEN.search(said):
        return ParameterRefused(message, named[1])
    return RolesRefused(message) if status in (400, 422, 500) and _ROLES.search(said) else ModelError(message)


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
