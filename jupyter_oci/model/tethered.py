"""Run a module as a program that ends with whoever started it: `python -m jupyter_oci.model.tethered MODULE ARGUMENT…`.

Its standard input is a pipe into which nothing is ever written: that ends when the other process does, by whatever.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading


def _end_with_the_other_process() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_other_process, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
