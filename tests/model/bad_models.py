"""Ways to make a model's folder one that is no model, or no longer one, and what its refusal says."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tiny_models import save_tiny

from jupyter_oci.model.integrity import Origin, keep_origin, sha256


def weights_of(folder: Path) -> Path:
    return folder / "model.safetensors"


def truncated(folder: Path) -> None:
    weights_of(folder).write_bytes(weights_of(folder).read_bytes()[:-4000])


def empty(folder: Path) -> None:
    weights_of(folder).write_bytes(b"")


def pointer(folder: Path) -> None:
    weights_of(folder).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")


def header_bomb(folder: Path) -> None:
    """A header that says that it is longer than any memory."""
    weights_of(folder).write_bytes(struct.pack("<Q", 1 << 62) + b"{" * 100)


def without_a_layer(folder: Path) -> None:
    weights = load_file(weights_of(folder))
    save_file(
        {name: weight for name, weight in weights.items() if ".layers.1." not in name}, weights_of(folder), {"format": "pt"}
    )


def flipped_bit(folder: Path) -> None:
    """The lowest bit of one weight: nothing but the checksum of the download can tell."""
    keep_origin(folder, Origin("here", "1", {"model.safetensors": sha256(weights_of(folder))}))
    content = bytearray(weights_of(folder).read_bytes())
    content[-10] ^= 1
    weights_of(folder).write_bytes(content)


def flipped_exponent(folder: Path) -> None:
    weights = load_file(weights_of(folder))
    bits = weights["model.layers.0.mlp.up_proj.weight"].view(torch.int16)
    bits[3, 5] ^= 1 << 14
    save_file(weights, weights_of(folder), {"format": "pt"})


def not_numbers(folder: Path) -> None:
    weights = load_file(weights_of(folder))
    save_file({name: weight * torch.nan for name, weight in weights.items()}, weights_of(folder), {"format": "pt"})


def configured(folder: Path, **changes: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


def another_architecture(folder: Path) -> None:
    configured(folder, model_type="gpt2", architectures=["GPT2LMHeadModel"])


def own_code(folder: Path) -> None:
    (folder / "evil.py").write_text("raise SystemExit('the code of a checkpoint ran')")
    configured(folder, model_type="evil", auto_map={"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model"})


def fetched_attention(folder: Path) -> None:
    """What CVE-2026-4372 did: a configuration alone had a library fetch code."""
    configured(folder, _attn_implementation="evil/kernel")


def no_template(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()


def too_large(folder: Path) -> None:
    configured(folder, vocab_size=1 << 22, hidden_size=1 << 20)


def missing_shard(folder: Path) -> None:
    save_tiny(folder / "shards", max_shard_size="50KB")
    for file in [weights_of(folder), sorted((folder / "shards").glob("*.safetensors"))[0]]:
        file.unlink()
    for file in (folder / "shards").iterdir():
        file.rename(folder / file.name)


BAD = [
    (truncated, "cannot be read.*fetch it again"),
    (empty, "is empty; fetch the model again"),
    (pointer, "only points to the weights; run `git lfs pull`"),
    (header_bomb, "cannot be read.*fetch it again"),
    (without_a_layer, "do not fit the model.*fetch it again"),
    (flipped_bit, "damaged: its SHA-256 is not that of its download; remove the model and fetch it again"),
    (flipped_exponent, "values that no model has.*fetch it again"),
    (not_numbers, "values that no model has.*fetch it again"),
    (missing_shard, "cannot be read.*fetch it again"),
    (another_architecture, "gpt2 are not supported; choose"),
    (own_code, "needs code of its own, which is never run; choose one of: gemma"),
    (fetched_attention, "names code to be fetched from 'evil/kernel'; take that entry out"),
    (no_template, "no chat template.*choose"),
    (too_large, r"too large for this machine: to open it takes \d+\.\d GB of memory, \d+\.\d GB are free; choose a smaller one"),
]
