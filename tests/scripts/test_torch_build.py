"""No part of CUDA comes to a machine without a GPU."""

from typing import Any

import pytest
from torch_build import brings_cuda


def report(*names: str) -> dict[str, Any]:
    return {"install": [{"metadata": {"name": name}} for name in names]}


def test_a_cpu_build_is_taken() -> None:
    assert not brings_cuda(report("torch", "sympy", "filelock"))


@pytest.mark.parametrize("part", ["nvidia-cublas-cu12", "NVIDIA-cudnn-cu13", "triton", "cuda-bindings"])
def test_a_build_that_brings_cuda_along_is_passed_over(part: str) -> None:
    assert brings_cuda(report("torch", "sympy", part))
