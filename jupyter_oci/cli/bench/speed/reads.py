"""How many bytes a model reads for each token."""

from __future__ import annotations

from pathlib import Path

from gguf import GGUFReader
from safetensors import safe_open

from ....model.quantize import FORMS

_EMBEDDINGS = {"token_embd.weight", "model.embed_tokens.weight"}  # of which a token needs one row
_HEADS = {"output.weight", "lm_head.weight", "lm_head.codes"}


def of_gguf(file: Path) -> int:
    """Count the bytes of the weights that each token multiplies with in a GGUF file."""
    return _multiplied({tensor.name: int(tensor.n_bytes) for tensor in GGUFReader(file).tensors})


def of_prepared(folder: Path) -> int:
    """Count them in the 4-bit weights of ours, in which new replies are written."""
    with safe_open(folder / FORMS[4].file, framework="pt") as opened:
        return _multiplied({name: opened.get_tensor(name).nbytes for name in opened.keys()})  # noqa: SIM118 - it is no dict


def _multiplied(sizes: dict[str, int]) -> int:
    """Add up all but the embeddings, which count only where they are the head too."""
    tied = not _HEADS & set(sizes)
    return sum(size for name, size in sizes.items() if tied or name not in _EMBEDDINGS)
