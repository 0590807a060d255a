"""Offer: the models of the one model server that the administrator has set. No page can send text to another one."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from ..errors import ModelError
from ..model.catalogue import ModelSpec, find
from ..model.endpoint_address import Address

_GOOD_FOR_SECONDS = 30.0
_PATIENCE_SECONDS = 5.0
_MOST = 50


class Offer:
    """Asks the model server what it offers, now and then. May be used from any thread."""

    def __init__(self, address: Address, key: str) -> None:
        self._address = address
        self._key = key
        self._lock = threading.Lock()
        self._asked = -_GOOD_FOR_SECONDS
        self._specs: Sequence[ModelSpec] = ()
        self.failure = ""

    def holds(self, spec: ModelSpec) -> bool:
        """Tell whether a model is one of this server; the server itself says whether it is there."""
        return Address.parse(spec.name).base == self._address.base

    def specs(self) -> Sequence[ModelSpec]:
        """List the model that is set and those that the server names, or else those it named last. Blocks for seconds at most."""
        with self._lock:
            if time.monotonic() - self._asked > _GOOD_FOR_SECONDS:
                self._ask()
                self._asked = time.monotonic()
            own = find(str(self._address))
            return self._specs if any(spec.name == own.name for spec in self._specs) else [own, *self._specs]

    def _ask(self) -> None:
        from ..model.endpoint_http import Access  # noqa: PLC0415 - not needed to start the server
        from ..model.endpoint_list import list_models  # noqa: PLC0415

        try:
            self._specs = list_models(Access(self._address, self._key), _PATIENCE_SECONDS)[:_MOST]
            self.failure = ""
        except ModelError as error:
            self.failure = str(error)
