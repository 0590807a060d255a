"""Where Numba keeps what it has compiled, so that a model's process has it at once from the second time on."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numba
from llvmlite import binding
from numba.core.caching import FunctionCache
from platformdirs import user_cache_path

_ROOM: Final = 1 << 20  # bytes, more than all that is compiled takes
_SOURCES: Final = ("bfloat.py", "compiled_code.py", "int4_grid.py", "kernels.py", "row_kernels.py", "simd.py")


def _folder() -> Path | None:
    """Give a folder for these very sources and this CPU: Numba itself looks at that file only in which a function is."""
    sources = b"".join(Path(__file__).with_name(name).read_bytes() for name in _SOURCES)
    cpu = f"{binding.get_host_cpu_name()} {binding.get_host_cpu_features().flatten()}"
    folder = user_cache_path("jupyter-oci") / "compiled" / hashlib.sha256(sources + cpu.encode()).hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_ROOM))
            return folder
    except OSError:
        return None


_KEPT_IN = _folder()
if _KEPT_IN:
    numba.config.CACHE_DIR = str(_KEPT_IN)  # type: ignore[attr-defined]

carray: Final[Any] = numba.carray  # type: ignore[attr-defined]


class _Kept(FunctionCache):
    """Compiles anew what a crash or a full disk cut short in the folder, where Numba would fail ever after."""

    def load_overload(self, *asked: Any) -> Any:
        try:
            return super().load_overload(*asked)  # type: ignore[no-untyped-call]
        except Exception:  # a pickle that was cut short fails in many ways
            self.flush()  # type: ignore[no-untyped-call]
            return None


def _compiler(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    def compiler(function: Callable[..., Any]) -> Any:
        # Other threads go on while it runs; a division looks for no zero, which would keep loops from being written in vectors.
        dispatcher = numba.njit(nogil=True, error_model="numpy", **options)(function)
        if _KEPT_IN:
            dispatcher._cache = _Kept(function)  # type: ignore[no-untyped-call]  # what `cache=True` sets, and more
        return dispatcher

    return compiler


compiled: Final = _compiler()
compiled_with_sums_in_any_order: Final = _compiler(fastmath={"reassoc", "contract", "nsz"})
