from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import torch

from jupyter_oci.model.cores import FreeCores, threads_beside
from jupyter_oci.model.cpus import usable_cores


@pytest.fixture
def every_core_is_busy() -> Iterator[None]:
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    yield
    for process in busy:
        process.kill()
        process.wait()


def test_cores_that_others_use_are_left_to_them() -> None:
    assert threads_beside(2, 2, 0.0) == 2
    assert threads_beside(2, 2, 0.2) == 2, "a little is always going on"
    assert threads_beside(2, 2, 1.0) == 1
    assert threads_beside(8, 8, 3.1) == 5


def test_there_is_always_one_thread_and_never_more_than_asked_for() -> None:
    assert threads_beside(4, 4, 4.0) == 1
    assert threads_beside(4, 64, 0.0) == 4
    assert threads_beside(2, 64, 60.0) == 2


def test_no_more_cores_are_counted_than_we_may_run_on() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system cannot bind a process to cores")
def test_a_process_that_is_bound_to_one_core_counts_one() -> None:
    count = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
    count += "from jupyter_oci.model.cpus import usable_cores; print(usable_cores())"
    assert subprocess.check_output([sys.executable, "-c", count], text=True).strip() == "1"


def test_beside_busy_processes_one_thread_computes(every_core_is_busy: None) -> None:
    threads = torch.get_num_threads()
    try:
        cores = FreeCores(2)
        deadline = time.monotonic() + 60
        while cores.num_threads > 1 and time.monotonic() < deadline:
            time.sleep(0.2)
            cores.adapt()
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(threads)
