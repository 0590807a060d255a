from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from jupyter_oci.model import cgroup
from jupyter_oci.model.cgroup import cpu_limits, memory_left
from jupyter_oci.model.cpus import usable_cores
from jupyter_oci.model.memory import available_memory

GIB = 1 << 30
Machine = Callable[[str, Mapping[str, str]], None]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Give what makes a machine of what `/proc/self/cgroup` says, and of the files below `/sys/fs/cgroup`."""

    def make(ours: str, files: Mapping[str, str]) -> None:
        (tmp_path / "ours").write_text(ours)
        for name, text in files.items():
            file = tmp_path / "mount" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{text}\n")
        monkeypatch.setattr(cgroup, "_OURS", tmp_path / "ours")
        monkeypatch.setattr(cgroup, "_MOUNT", tmp_path / "mount")

    return make


def memory(group: str, limit: str, used: int, of_files: int = 0) -> dict[str, str]:
    stat = f"anon 1\ninactive_file {of_files // 4}\nactive_file {of_files - of_files // 4}"
    return {f"{group}memory.max": limit, f"{group}memory.current": str(used), f"{group}memory.stat": stat}


def test_a_service_s_limits_are_those_of_its_own_group(machine: Machine) -> None:
    service = "system.slice/jupyter-ada.service/"
    machine(f"0::/{service}\n", {**memory(service, str(GIB), GIB // 4), f"{service}cpu.max": "150000 100000"})
    assert available_memory() == GIB * 3 // 4
    assert cpu_limits() == [2]


def test_the_smallest_limit_on_the_way_up_holds(machine: Machine) -> None:
    files = {
        **memory("job/step/", "max", GIB // 2),
        **memory("job/", str(GIB), GIB // 2),
        **memory("", str(8 * GIB), GIB),
        "job/step/cpu.max": "max 100000",
        "job/cpu.max": "50000 100000",
        "cpu.max": "400000 100000",
    }
    machine("0::/job/step\n", files)
    assert available_memory() == GIB // 2
    assert usable_cores() == 1
    assert cpu_limits() == [1, 4]


def test_a_group_beside_ours_limits_nothing(machine: Machine) -> None:
    machine("0::/job/step\n", {**memory("job/other/", str(GIB), 0), "job/other/cpu.max": "1000 100000"})
    assert memory_left() == cpu_limits() == []


def test_what_was_only_read_from_files_is_free_though_it_was_read_twice(machine: Machine) -> None:
    machine("0::/\n", memory("", str(4 * GIB), 3 * GIB, of_files=2 * GIB))
    assert memory_left() == [3 * GIB]


def test_a_container_that_sees_its_own_tree_alone_finds_its_limits_at_the_root(machine: Machine) -> None:
    machine("0::/docker/0123\n", {**memory("", str(GIB), 0), "cpu.max": "200000 100000"})
    assert (memory_left(), cpu_limits()) == ([GIB], [2])


def test_version_1_has_a_tree_for_each_kind_of_limit(machine: Machine) -> None:
    job = "slurm/job_7/step_0"
    files = {
        f"memory/{job}/memory.limit_in_bytes": str(GIB),
        f"memory/{job}/memory.usage_in_bytes": "7",
        f"memory/{job}/memory.stat": "inactive_file 1\nactive_file 0\ntotal_inactive_file 4\ntotal_active_file 3",
        f"cpu/{job}/cpu.cfs_quota_us": "300000",
        f"cpu/{job}/cpu.cfs_period_us": "100000",
        "cpu/cpu.cfs_quota_us": "-1",
        "cpu/cpu.cfs_period_us": "100000",
    }
    machine(f"9:name=systemd:/else\n4:memory:/{job}\n3:cpu,cpuacct:/{job}\n0::/else\n", files)
    assert (memory_left(), cpu_limits()) == ([GIB], [3])


def test_where_there_are_no_groups_nothing_is_limited(machine: Machine) -> None:
    machine("", {})
    assert memory_left() == cpu_limits() == []
