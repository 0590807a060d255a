"""What can be seen of a model without loading it: which ones are refused, and how much memory the others take."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

import bad_models as bad
import pytest
from tiny_models import save_tiny

from jupyter_oci.config import ModelConfig
from jupyter_oci.errors import ModelLoadError
from jupyter_oci.model.checkpoint import Checkpoint, count_weights
from jupyter_oci.model.client import WorkerModel
from jupyter_oci.model.families import OWN_TEMPLATE
from jupyter_oci.model.local import LocalModel
from jupyter_oci.model.needs import opening_bytes, whole_bytes
from jupyter_oci.model.prefix_cache import token_bytes
from jupyter_oci.model.vetting import Vetting
from jupyter_oci.server.successor import VETTING

# These are seen only in the weights themselves, and too much memory by who knows what else will be free.
_NOT_SEEN = (bad.without_a_layer, bad.flipped_bit, bad.flipped_exponent, bad.not_numbers, bad.too_large)


def drained(steps: Generator[object, None, int]) -> int:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return int(end.value)


def vetted(folder: Path, cache: Path, device: str = "auto") -> int:
    return Vetting.load(folder, 1, cache, lambda *_: None, 2048, device=device, choice=OWN_TEMPLATE, draft=None).window


@pytest.mark.parametrize(("damage", "reason"), [pair for pair in bad.BAD if pair[0] not in _NOT_SEEN])
def test_a_bad_model_is_refused_with_the_same_words(tmp_path: Path, damage: Callable[[Path], None], reason: str) -> None:
    damage(folder := save_tiny(tmp_path / "model"))
    with pytest.raises(ModelLoadError, match=reason):
        vetted(folder, tmp_path / "cache")


def test_what_is_too_large_is_seen_by_its_need(tmp_path: Path) -> None:
    bad.too_large(folder := save_tiny(tmp_path / "model"))
    assert vetted(folder, tmp_path / "cache") > 10**12


def test_what_was_prepared_takes_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, cache = save_tiny(tmp_path / "model"), tmp_path / "cache"
    config = Checkpoint(folder).config()
    opening, whole = opening_bytes(count_weights(config), token_bytes(config)), whole_bytes(count_weights(config), "safetensors")
    assert vetted(folder, cache) == opening
    assert vetted(folder, cache, "cpu-16bit") == whole
    LocalModel.load(folder, 1, cache, lambda *_: None, 2048)
    for of_token in (0, 10**9):
        monkeypatch.setattr("jupyter_oci.model.vetting.token_bytes", lambda _, of_token=of_token: of_token)
        states = 4096 * of_token
        assert states < vetted(folder, cache) < opening + states, "states count too"
    assert vetted(folder, cache, "cpu-16bit") == whole


def test_it_is_done_in_a_process_that_is_confined_as_the_model_is(tmp_path: Path) -> None:
    model = WorkerModel(ModelConfig(str(save_tiny(tmp_path / "model"))), tmp_path / "cache", host=VETTING)
    try:
        assert drained(model.load()) == vetted(tmp_path / "model", tmp_path / "cache")
    finally:
        model.close()
