"""Runs what fails, outside a kernel."""

from __future__ import annotations

import warnings

from jupyter_oci.agent.traceback_text import Failure, Frame


def failure_of(source, names):
    """Run the source; give how it fails, as an IPython traceback is read, or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(source, "<cell>", "exec"), names)
    except Exception as error:
        trace, line, deeper = error.__traceback__, 0, 0
        while trace:
            is_users = trace.tb_frame.f_code.co_filename == "<cell>"
            line, deeper = (trace.tb_lineno, 0) if is_users else (line, deeper + 1)
            trace = trace.tb_next
        frame = Frame(f"Cell In[1], line {line}", line, source.splitlines()[line - 1].strip(), ())
        return Failure((frame,), f"{type(error).__name__}: {error}", deeper)
    return None
