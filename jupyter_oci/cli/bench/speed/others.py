"""Other processes that keep the cores busy, as the user's own kernel may while a model writes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from ....model.cpus import own_cpus

# It ends with the bench, too.
_SPIN = """
import os
parent = os.getppid()
print(flush=True)
while os.getppid() == parent:
    sum(range(100_000))
"""


@contextmanager
def busy_cores() -> Iterator[list[int]]:
    """Have as many processes compute without end as there are CPUs that this one may use; give their ids."""
    with ExitStack() as stack:
        spinning = []
        for _ in own_cpus():
            process = stack.enter_context(subprocess.Popen([sys.executable, "-c", _SPIN], stdout=subprocess.PIPE))
            stack.callback(process.kill)
            spinning.append(process)
        for process in spinning:
            assert process.stdout is not None
            process.stdout.readline()  # it has begun
        yield [process.pid for process in spinning]
