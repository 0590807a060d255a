"""Whether a model fits this machine, and the estimate of how fast it would be."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_oci.model.bandwidth import known_bandwidth, measured_bandwidth
from jupyter_oci.model.catalogue import CATALOGUE, find
from jupyter_oci.model.download import packed_dir
from jupyter_oci.model.machine import Fit, Machine
from jupyter_oci.model.needs import gpu_bytes, opening_bytes

SPEC = find("m-a-p/OpenCodeInterpreter-DS-6.7B")
ROOM = Machine(memory=10**12, disk=10**12, gpu_memory=0, bandwidth=30e9)


def machine(**changes: int) -> Machine:
    return Machine(**{"memory": 10**12, "disk": 10**12, "gpu_memory": 0, "bandwidth": 30e9, **changes})


def test_with_room_for_it_a_model_fits_and_its_speed_is_estimated(tmp_path: Path) -> None:
    fit = ROOM.fit(SPEC, tmp_path)
    assert (fit.lacks, fit.obstacle) == ("", "")
    assert 3 < fit.tokens_per_second < 5


@pytest.mark.parametrize(
    ("changes", "lacks", "obstacle"),
    [
        ({"memory": 8_000_000_000}, "memory", "needs 21.2 GB of memory, 8.0 GB are free"),
        ({"disk": 8_000_000_000}, "disk", "needs 26.3 GB of disk, 8.0 GB are free"),
    ],
)
def test_what_there_is_too_little_of_is_said(tmp_path: Path, changes: dict[str, int], lacks: str, obstacle: str) -> None:
    fit = machine(**changes).fit(SPEC, tmp_path)
    assert (fit.lacks, fit.obstacle) == (lacks, obstacle)


def test_a_graphics_card_takes_what_the_memory_cannot(tmp_path: Path) -> None:
    assert machine(memory=10**9, gpu_memory=gpu_bytes(SPEC.parameters, 4)).fit(SPEC, tmp_path) == Fit("", "", None)


def test_a_model_that_was_prepared_needs_no_room_for_opening_it_again(tmp_path: Path) -> None:
    folder = packed_dir(SPEC, tmp_path)
    folder.mkdir(parents=True)
    (folder / "int8.safetensors").write_bytes(b"12345678")
    assert not machine(memory=10**9).fit(SPEC, tmp_path).lacks


def test_a_served_model_needs_nothing_here(tmp_path: Path) -> None:
    assert machine(memory=0, disk=0).fit(find("http://localhost:8000/v1#big"), tmp_path) == Fit("", "", None)


def test_what_the_catalogue_says_of_memory_is_what_opening_asks_for() -> None:
    for spec in CATALOGUE:
        assert opening_bytes(spec.parameters, spec.format) <= spec.memory_bytes


def test_the_bandwidth_is_measured_once_and_kept(tmp_path: Path) -> None:
    assert known_bandwidth(tmp_path) is None
    measured = measured_bandwidth(tmp_path)
    assert measured is not None
    assert 1e8 < measured < 1e13
    assert measured_bandwidth(tmp_path) == known_bandwidth(tmp_path) == measured
    assert Machine.look(tmp_path).bandwidth == measured
