"""Address: where a model is served, as a user writes it: `http://host:8000/v1#model`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from ..errors import ConfigError

_FORM = "Write it as http://host:8000/v1#model-name; the part after # may be left out."


def is_address(name: str) -> bool:
    """Tell whether the name of a model says where it is served."""
    return re.match(r"https?://", name, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class Address:
    """`base` is the URL that the OpenAI API lies below; `model` a name that the server knows (empty: the first that it lists)."""

    base: str
    model: str = ""

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read what a user wrote; without a path it is `/v1`.

        Raises:
            ConfigError: it is no such address, or holds what does not belong there.
        """
        parts = _split(text)
        if parts.username is not None or parts.password is not None or parts.query:
            raise ConfigError("The address of a model server holds no password and no query: keys have a file or variable.")
        path = parts.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
        return cls(f"{parts.scheme}://{parts.netloc.lower()}{path}", parts.fragment)

    def __str__(self) -> str:
        return f"{self.base}#{self.model}" if self.model else self.base

    def named(self, model: str) -> Address:
        """Give the address of another model of the same server."""
        return replace(self, model=model)

    @property
    def host(self) -> str:
        """Give the host, with its port where one is written."""
        return urlsplit(self.base).netloc

    @property
    def root(self) -> str:
        """Give the URL that a server's own routes lie below, beside those of the OpenAI API."""
        return self.base.removesuffix("/v1")

    @property
    def is_local(self) -> bool:
        """Whether text that is sent there stays on this machine."""
        name = urlsplit(self.base).hostname or ""
        try:
            return ip_address(name).is_loopback
        except ValueError:
            return name == "localhost"


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text.strip())
        _ = parts.port
    except ValueError as error:
        raise ConfigError(f"{text!r} is no address of a model server ({error}). {_FORM}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{text!r} is no address of a model server. {_FORM}")
    return parts
