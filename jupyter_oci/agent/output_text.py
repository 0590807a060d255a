"""Give nbformat outputs as text that a model can read."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from .plain_text import plain

_PNG = b"\x89PNG\r\n\x1a\n"
_FIGURE_REPR = re.compile(r"<Figure size (\d+)x(\d+) with \d+ Axes>")
_PIP_ENDS = re.compile(r"^Note: you may need to restart the kernel to use updated packages\.\n?", re.MULTILINE)
_PIP_BEGINS = re.compile(
    r"^(?:Looking in|Defaulting to|Requirement already|Collecting|Obtaining|Processing|DEPRECATION:|ERROR:|WARNING:) ",
    re.MULTILINE,
)
_PIP_ERROR = re.compile(r"^ERROR: .*\n", re.MULTILINE)
_TEMPORARY_FILE = re.compile(r"\S*[\\/]ipykernel_\d+[\\/]\d+\.py:(\d+): ")


def output_text(outputs: Sequence[Mapping[str, Any]]) -> str:
    """Join the outputs in order; errors are left out, they are told with their traceback. Of what `%pip` says its errors stay."""
    texts = [_one(output) for output in outputs if output.get("output_type") != "error"]
    return "\n".join(text.rstrip("\n") for text in texts if text.strip())


def _one(output: Mapping[str, Any]) -> str:
    if output.get("output_type") == "stream":
        text = _without_pip(plain(_joined(output.get("text", ""))))
        return _TEMPORARY_FILE.sub(r"line \1: ", text) if output.get("name") == "stderr" else text
    data = output.get("data")
    return _rich(data) if isinstance(data, Mapping) else ""


def _without_pip(text: str) -> str:
    """Leave out what `%pip` writes while it installs: it is long, and the versions in it are no result."""
    *logs, rest = _PIP_ENDS.split(text)
    starts = [match.start() if (match := _PIP_BEGINS.search(log)) else len(log) for log in logs]
    kept = [log[:start] + "".join(_PIP_ERROR.findall(log, start)) for log, start in zip(logs, starts, strict=True)]
    return "".join((*kept, rest))


def _rich(data: Mapping[str, Any]) -> str:
    """Prefer a word for an image over its repr, text/plain over anything else."""
    text = plain(_joined(data.get("text/plain", "")))
    if figure := _FIGURE_REPR.fullmatch(text.strip()):
        return f"[figure {figure[1]}x{figure[2]}]"
    if image := next((mimetype for mimetype in data if mimetype.startswith("image/")), None):
        return _image(image, _joined(data[image]))
    return text or "".join(f"[{mimetype} output]" for mimetype in list(data)[:1])


def _image(mimetype: str, content: str) -> str:
    size = _png_size(content) if mimetype == "image/png" else None
    return f"[figure {size[0]}x{size[1]}]" if size else "[figure]"


def _png_size(content: str) -> tuple[int, int] | None:
    """Read width and height in pixels from the header of a base64 PNG."""
    try:
        header = base64.b64decode("".join(content[:64].split())[:32])
    except (binascii.Error, ValueError):
        return None
    if len(header) < 24 or not header.startswith(_PNG):
        return None
    width, height = struct.unpack(">II", header[16:24])
    return width, height


def _joined(text: Any) -> str:
    return "".join(map(str, text)) if isinstance(text, (list, tuple)) else str(text)
