"""Whether a model fits this machine, and the estimate of how fast it would be."""

from __future__ import annotations

import os
import runpy
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_oci.model import bandwidth
from jupyter_oci.model.bandwidth import known_bandwidth, measured_bandwidth
from jupyter_oci.model.catalogue import CATALOGUE, ModelSpec, find
from jupyter_oci.model.download import packed_dir
from jupyter_oci.model.machine import Fit, Machine, hardware
from jupyter_oci.model.needs import gpu_bytes, loading_bytes, opening_bytes, packed_bytes, states_bytes, tokens_per_second
from jupyter_oci.model.placement import Hardware

SPEC = find("m-a-p/OpenCodeInterpreter-DS-6.7B")
GPU_LESS = Hardware((), 0, has_bitsandbytes=False, cpu_bits=8)
ROOM = Machine(memory=10**12, disk=10**12, hardware=GPU_LESS, bandwidth=30e9)


def machine(**changes: Any) -> Machine:
    return replace(ROOM, **changes)


def gpus(*cards: int, bitsandbytes: bool = True) -> Hardware:
    return Hardware(cards, 0, bitsandbytes, 8)


def put(cache: Path, *, downloaded: bool = False, prepared: bool = False, kept: int = 0) -> None:
    """Put what there may be of a model into the cache."""
    if downloaded:
        (cache / "models" / SPEC.name.replace("/", "--") / "files").mkdir(parents=True)
    if prepared:
        (folder := packed_dir(SPEC, cache)).mkdir(parents=True)
        (folder / "int4.safetensors").write_bytes(b"12345678")
    if kept:
        (folder := cache / "partial" / SPEC.name.replace("/", "--")).mkdir(parents=True)
        with (folder / "part").open("wb") as part:
            part.truncate(kept)


def test_with_room_for_it_a_model_fits_and_its_speed_is_estimated(tmp_path: Path) -> None:
    fit = ROOM.fit(SPEC, tmp_path)
    assert (fit.lacks, fit.obstacle) == ("", "")
    assert 3 < fit.tokens_per_second < 5


@pytest.mark.parametrize(
    ("changes", "lacks", "obstacle"),
    [
        ({"memory": 8_000_000_000}, "memory", "needs 8.7 GB of memory, 8.0 GB are free"),
        ({"disk": 8_000_000_000}, "disk", "needs 19.5 GB of disk, 8.0 GB are free"),
    ],
)
def test_what_there_is_too_little_of_is_said(tmp_path: Path, changes: dict[str, int], lacks: str, obstacle: str) -> None:
    fit = machine(**changes).fit(SPEC, tmp_path)
    assert (fit.lacks, fit.obstacle) == (lacks, obstacle)


def test_a_graphics_card_takes_what_the_memory_cannot(tmp_path: Path) -> None:
    card = gpus(gpu_bytes(SPEC.parameters, 4, SPEC.state_bytes))
    assert machine(memory=10**9, hardware=card).fit(SPEC, tmp_path) == Fit("", "", SPEC.download_bytes, SPEC.download_bytes, None)


def test_what_bitsandbytes_would_do_does_not_count_without_it(tmp_path: Path) -> None:
    """24 GB of graphics and 15 of memory: it goes to the CPU, where it takes more than there is."""
    spec, card = find("m-a-p/OpenCodeInterpreter-CL-13B"), 24 * 10**9
    here = machine(memory=15 * 10**9, hardware=gpus(card, bitsandbytes=False))
    assert here.fit(spec, tmp_path).obstacle == "needs 15.5 GB of memory, 15.0 GB are free"
    assert not replace(here, hardware=gpus(card)).fit(spec, tmp_path).lacks


@pytest.mark.parametrize(
    ("wish", "obstacle"),
    [
        ("cpu", ""),
        ("cpu-16bit", "needs 21.5 GB of memory, 20.0 GB are free"),
        ("cuda", "needs 17.6 GB of graphics memory, 11.0 GB are free"),
        ("cuda-8bit", ""),
        ("mps", "device: torch finds no card for 'mps'; choose 'auto' or 'cpu', or install a torch for it."),
    ],
)
def test_the_device_that_is_set_counts(tmp_path: Path, wish: str, obstacle: str) -> None:
    here = machine(memory=20 * 10**9, hardware=gpus(11 * 10**9))
    assert here.fit(SPEC, tmp_path, wish).obstacle == obstacle


def test_a_gguf_file_takes_memory_on_its_way_to_a_card(tmp_path: Path) -> None:
    spec = find("qwen2.5-coder-1.5b-instruct")
    here = machine(hardware=gpus(10**10))
    assert here.fit(spec, tmp_path) == Fit("", "", spec.download_bytes, spec.download_bytes, None)
    assert replace(here, memory=10**9).fit(spec, tmp_path).lacks == "memory"


def test_a_model_that_was_prepared_needs_no_room_for_opening_it_again(tmp_path: Path) -> None:
    put(tmp_path, downloaded=True, prepared=True)
    fit = machine(memory=3 * 10**9, disk=0).fit(SPEC, tmp_path)
    assert fit == Fit("", "", 0, 0, ROOM.fit(SPEC, tmp_path).tokens_per_second)
    assert machine(memory=2 * 10**9).fit(SPEC, tmp_path).lacks == "memory", "its states need 2 GB"


def test_what_is_made_of_a_download_takes_disk_too(tmp_path: Path) -> None:
    put(tmp_path, downloaded=True)
    assert machine(disk=5 * 10**9).fit(SPEC, tmp_path).obstacle == "needs 6.0 GB of disk, 5.0 GB are free"
    assert machine(disk=0).fit(SPEC, tmp_path, "cpu-16bit").lacks == ""


def test_the_8_bits_are_told_of_and_not_asked_for(tmp_path: Path) -> None:
    put(tmp_path, downloaded=True)
    fit = machine(disk=7 * 10**9).fit(SPEC, tmp_path)
    assert fit.lacks == ""
    assert fit.disk_bytes == packed_bytes(SPEC.parameters, 8)
    assert fit.least_disk_bytes == packed_bytes(SPEC.parameters, 4)


def test_a_file_whose_weights_are_not_counted_yet_is_not_refused_for_the_disk(tmp_path: Path) -> None:
    """7.2 billion weights take 14.4 GB in 16 bits, of which 6.4 are made: by its size it would have 21 billion."""
    with (path := tmp_path / "model-f16.gguf").open("wb") as file:
        file.truncate(14_400_000_000)
    assert machine(disk=7 * 10**9).fit(find(str(path)), tmp_path).lacks == ""


def test_what_came_of_a_download_takes_no_disk_again(tmp_path: Path) -> None:
    whole = ROOM.fit(SPEC, tmp_path).disk_bytes
    put(tmp_path, kept=10**9)
    assert ROOM.fit(SPEC, tmp_path).disk_bytes == whole - 10**9


DRIVER = """\
#!/bin/sh
test "$1" = --query-gpu=uuid,memory.free && echo GPU-5a8f, 8192 && echo GPU-5b07, 24576
"""
WITH_CUDA = "cuda: Optional[str] = '12.8'\n"
SMALL, LARGE = 8 << 30, 24 << 30


@pytest.mark.parametrize(
    ("written", "visible", "cards"),
    [
        (WITH_CUDA, None, (SMALL, LARGE)),
        ("cuda: Optional[str] = None\n", None, ()),
        (WITH_CUDA, "1", (LARGE,)),
        (WITH_CUDA, "1, 0", (LARGE, SMALL)),
        (WITH_CUDA, "GPU-5b", (LARGE,)),
        (WITH_CUDA, "0,2,1", (SMALL,)),
        (WITH_CUDA, "MIG-5c41", (SMALL, LARGE)),
        (WITH_CUDA, "-1", ()),
        (WITH_CUDA, "", ()),
    ],
)
def test_what_is_free_on_cards_counts_where_torch_was_built_for_them_and_sees_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, visible: str | None, cards: tuple[int, ...]
) -> None:
    (tmp_path / "version.py").write_text(written)
    (driver := tmp_path / "nvidia-smi").write_text(DRIVER)
    driver.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    torch = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr("jupyter_oci.model.machine.find_spec", lambda name: torch if name == "torch" else None)
    assert hardware.__wrapped__() == Hardware(cards, 0, has_bitsandbytes=False, cpu_bits=8)


@pytest.mark.parametrize(("name", "measured"), [("0.5b", 42.5), ("1.5b", 16.6)])
def test_the_estimate_of_the_speed_is_near_what_was_measured(name: str, measured: float) -> None:
    spec = find(f"qwen2.5-coder-{name}-instruct")
    assert tokens_per_second(spec.parameters, 27.9e9) == pytest.approx(measured, rel=0.2)


def test_a_served_model_needs_nothing_here(tmp_path: Path) -> None:
    assert machine(memory=0, disk=0).fit(find("http://localhost:8000/v1#big"), tmp_path) == Fit("", "", 0, 0, None)


def test_what_the_catalogue_says_of_memory_is_what_opening_asks_for_or_more() -> None:
    for spec in CATALOGUE:
        assert opening_bytes(spec.parameters, spec.state_bytes) <= spec.memory_bytes


@pytest.mark.parametrize("spec", CATALOGUE, ids=lambda spec: spec.name)
def test_what_opening_asks_for_has_room_for_states_afterwards(spec: ModelSpec) -> None:
    packed = packed_bytes(spec.parameters, 4)
    assert loading_bytes(packed, spec.state_bytes) <= spec.memory_bytes
    assert packed + states_bytes(spec.state_bytes) < spec.memory_bytes


def test_a_model_of_seven_billion_weights_opens_where_twelve_gigabytes_are_free(tmp_path: Path) -> None:
    assert machine(memory=12 * 10**9).fit(SPEC, tmp_path).lacks == ""


def test_opening_asks_for_the_larger_of_making_and_loading() -> None:
    assert opening_bytes(10**6, 0) == 1_700_000_000
    assert opening_bytes(10**10, 10**5) == loading_bytes(packed_bytes(10**10, 4), 10**5) == 9_500_000_000 + 4096 * 10**5


def test_where_the_memory_is_short_it_is_not_taken_to_measure_the_bandwidth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[int] = []
    monkeypatch.setattr(bandwidth, "bandwidth_of", lambda num_threads: measured.append(num_threads) or 7e9)
    monkeypatch.setattr(bandwidth, "usable_cores", lambda: 3)
    monkeypatch.setattr(bandwidth, "available_memory", lambda: 3 * 10**9)
    assert measured_bandwidth(tmp_path) is None
    assert measured == []
    monkeypatch.setattr(bandwidth, "available_memory", lambda: 4 * 10**9)
    assert measured_bandwidth(tmp_path) == 7e9
    assert measured == [3]


def test_what_measures_the_bandwidth_is_the_first_to_end_where_the_memory_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class HardenedError(Exception):
        pass

    def harden() -> None:
        raise HardenedError

    monkeypatch.setattr("jupyter_oci.model.hardening.harden", harden)
    monkeypatch.setattr(sys, "argv", ["bandwidth", "1"])
    monkeypatch.delitem(sys.modules, bandwidth.__name__)
    with pytest.raises(HardenedError):
        runpy.run_module(bandwidth.__name__, run_name="__main__")


def test_the_bandwidth_is_measured_once_and_kept(tmp_path: Path) -> None:
    assert known_bandwidth(tmp_path) is None
    measured = measured_bandwidth(tmp_path)
    assert measured is not None
    assert 1e8 < measured < 1e13
    assert measured_bandwidth(tmp_path) == known_bandwidth(tmp_path) == measured
    assert Machine.look(tmp_path).bandwidth == measured
