"""What a model server says of its models: their names, the window, and how to count tokens."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from ..errors import ModelError, ModelLoadError
from . import endpoint_errors as errors
from .endpoint_http import Access
from .thought import is_thinker

UNKNOWN_WINDOW = 4096  # of a server that does not tell it; Ollama's own for small graphics cards
_WINDOW_NAMES = ("max_model_len", "loaded_context_length", "context_length", "context_window", "max_context_length")
_PATIENCE = 5.0  # seconds for each question that a server need not know
_COUNTING = ("/tokenize", "/extras/tokenize/count")


@dataclass(frozen=True, slots=True)
class Facts:
    """`model` is the name to ask for, `window` in tokens, `counting` the URL that counts tokens (empty: there is none).

    `thinks` says that it always thinks aloud before it answers, as far as its names tell.
    """

    model: str
    window: int
    counting: str
    thinks: bool


async def listed(access: Access, client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """List the server's models as it describes them; each has an `id`.

    Raises:
        ModelError: it does not list them.
    """
    answer = await access.ask(client, "GET", f"{access.address.base}/models")
    models = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(models, list):
        raise errors.not_the_api(access.address)
    return [model for model in models if isinstance(model, dict) and isinstance(model.get("id"), str)]


async def facts_of(access: Access, window: int | None) -> Facts:
    """Ask for what is needed of the chosen model; a `window` that was set is not asked for.

    Raises:
        ModelError: the server cannot be asked.
        ModelLoadError: it does not have the model.
    """
    async with access.client() as client:
        models = await listed(access, client)
        model = access.address.model or _first(models, access)
        entry = next((entry for entry in models if entry["id"] in (model, f"{model}:latest")), None)
        if entry is None:
            await _try(model, models, access, client)
        found = window or window_in(entry or {}) or await _window_elsewhere(model, access, client)
        thinks = is_thinker(f"{model} {(entry or {}).get('root')}")
        return Facts(model, found or UNKNOWN_WINDOW, await _counting(model, access, client), thinks)


def window_in(entry: dict[str, Any]) -> int:
    """Read the window in the description of a model (vLLM, llama.cpp, gateways); 0 when it is not there."""
    meta = entry.get("meta")
    candidates = [entry.get(name) for name in _WINDOW_NAMES] + ([meta.get("n_ctx")] if isinstance(meta, dict) else [])
    return next((value for value in candidates if isinstance(value, int) and value > 0), 0)


def read_counts(answer: Any) -> int | None:
    """Read how many tokens a text has, in the words of vLLM, llama.cpp, llama-cpp-python or TGI; None: they are others."""
    if isinstance(answer, dict):
        count = answer.get("count")
        answer = answer.get("tokens") if count is None else count
    if isinstance(answer, list):
        return len(answer)
    return answer if isinstance(answer, int) else None


def counting_body(model: str, text: str) -> dict[str, Any]:
    """Ask for the tokens of a text, in the words of each of them at once: they pass over what they do not know."""
    words = dict.fromkeys(("prompt", "content", "inputs", "input"), text)
    return {"model": model, **words, "add_special_tokens": False}


def _first(models: Sequence[dict[str, Any]], access: Access) -> str:
    if not models:
        raise ModelLoadError(f"{access.address.host} lists no model. Name one: {access.address.base}#model-name.")
    return str(models[0]["id"])


async def _try(model: str, models: Sequence[dict[str, Any]], access: Access, client: httpx.AsyncClient) -> None:
    """Have a model that is not listed say one word: some servers load more than they list."""
    body = {"model": model, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1}
    try:
        await access.ask(client, "POST", f"{access.address.base}/chat/completions", body)
    except errors.Busy:
        raise
    except ModelError as error:
        names = ", ".join(entry["id"] for entry in models[:20]) or "none that it lists"
        raise ModelLoadError(f"{access.address.host} has no model {model!r}; it has: {names}. {error}") from error


async def _window_elsewhere(model: str, access: Access, client: httpx.AsyncClient) -> int:
    """Ask the servers that do not list it: llama.cpp of before, TGI, Ollama."""
    root = access.address.root
    for path in ("/props", "/info"):
        answer = await _or_none(access, client, "GET", root + path)
        if isinstance(answer, dict):
            found = answer.get("max_total_tokens") or (answer.get("default_generation_settings") or {}).get("n_ctx")
            if isinstance(found, int):
                return found
    return await _window_of_ollama(model, access, client)


async def _window_of_ollama(model: str, access: Access, client: httpx.AsyncClient) -> int:
    """Ask what the model runs with, else what it is set to: what it was trained with is mostly more than is served."""
    root = access.address.root
    running = await _or_none(access, client, "GET", f"{root}/api/ps")
    for entry in running.get("models") or () if isinstance(running, dict) else ():
        if entry.get("model") in (model, f"{model}:latest") and entry.get("context_length"):
            return int(entry["context_length"])
    shown = await _or_none(access, client, "POST", f"{root}/api/show", {"model": model})
    match = re.search(r"^num_ctx\s+(\d+)", str(shown.get("parameters")), re.MULTILINE) if isinstance(shown, dict) else None
    return int(match[1]) if match else 0


async def _counting(model: str, access: Access, client: httpx.AsyncClient) -> str:
    for path in _COUNTING:
        answer = await _or_none(access, client, "POST", access.address.root + path, counting_body(model, "one two"))
        if read_counts(answer):
            return access.address.root + path
    return ""


async def _or_none(access: Access, client: httpx.AsyncClient, method: str, url: str, body: dict[str, Any] | None = None) -> Any:
    """Ask a question that the server, or a proxy before it, may not know: some hang up at it, or never answer."""
    with contextlib.suppress(ModelError, httpx.HTTPError, asyncio.TimeoutError):
        return await asyncio.wait_for(access.ask(client, method, url, body), _PATIENCE)
    return None
