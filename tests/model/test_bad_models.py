"""Files that are no model, or no longer one: each is refused in one sentence that says what to do, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bad_models import BAD, no_template, too_large, truncated, weights_of
from family_models import save_family
from tiny_models import save_tiny

from jupyter_oci.config import ModelConfig, SamplingParams
from jupyter_oci.errors import ConfigError, ModelLoadError
from jupyter_oci.model.base import Message
from jupyter_oci.model.client import WorkerModel
from jupyter_oci.model.families import TemplateChoice
from jupyter_oci.model.integrity import Origin, keep_origin, sha256
from jupyter_oci.model.local import LocalModel

each_bad_model = pytest.mark.parametrize(("damage", "reason"), BAD, ids=[damage.__name__ for damage, _ in BAD])


@each_bad_model
def test_a_bad_model_is_refused_with_the_cure(tmp_path: Path, damage: Callable[[Path], None], reason: str) -> None:
    damage(folder := save_tiny(tmp_path / "model"))
    with pytest.raises(ModelLoadError, match=reason) as error:
        LocalModel.load(folder, 1, tmp_path / "cache", lambda *_: None, 2048)
    assert "\n" not in str(error.value)
    assert not list((tmp_path / "cache").rglob("*.safetensors"))


def test_pickled_weights_are_refused_by_name_and_in_the_process(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "model")
    weights_of(folder).rename(folder / "pytorch_model.bin")
    with pytest.raises(ConfigError, match="holds no model"):
        WorkerModel(ModelConfig(str(folder)), tmp_path / "cache")
    with pytest.raises(ModelLoadError, match=r"pickles.*convert them to safetensors"):
        LocalModel.load(folder, 1, tmp_path / "cache", lambda *_: None, 2048)


def test_weights_that_are_as_they_came_are_opened(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / "model")
    keep_origin(folder, Origin("here", "1", {"model.safetensors": sha256(weights_of(folder))}))
    assert LocalModel.load(folder, 1, tmp_path / "cache", lambda *_: None, 2048).window == 2048


def test_with_a_template_of_the_users_choice_a_model_without_one_is_opened(tmp_path: Path) -> None:
    no_template(folder := save_tiny(tmp_path / "model"))
    choice = TemplateChoice(chosen="{{ messages[0].content }}")
    for _ in ("made", "kept"):
        model = LocalModel.load(folder, 1, tmp_path / "cache", lambda *_: None, 2048, choice=choice)
        assert model.template.render([Message("user", "Sum it.")]) == "Sum it."


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[Path], WorkerModel]]:
    made: list[WorkerModel] = []

    def make(folder: Path) -> WorkerModel:
        made.append(WorkerModel(ModelConfig(str(folder), threads=1), tmp_path / "cache"))
        return made[-1]

    yield make
    for model in made:
        model.close()


def said(model: WorkerModel) -> str:
    reply = model.generate([Message("user", "Sum it.")], SamplingParams(12))
    return "".join(item for item in reply if isinstance(item, str))


@pytest.mark.parametrize("damage", [truncated, too_large])
def test_its_process_says_so_and_another_model_goes_on_working(
    tmp_path: Path, make: Callable[[Path], WorkerModel], damage: Callable[[Path], None]
) -> None:
    good = make(save_family(tmp_path / "good", "deepseek"))
    before = said(good)
    damage(folder := save_tiny(tmp_path / "bad"))
    bad = make(folder)
    with pytest.raises(ModelLoadError) as error:
        said(bad)
    assert bad.card() == {"state": "failed", "detail": str(error.value), "fraction": None}
    assert bad.pid is None
    assert said(good) == before
