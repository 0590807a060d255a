"""The options that say which model answers."""

from __future__ import annotations

import argparse

from jupyter_oci.cli import model_options

SERVER = "http://localhost:8000/v1#name"


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    model_options.add_to(parser)
    return parser.parse_args(words)


def test_a_window_bounds_a_model_here_and_is_that_of_a_model_server() -> None:
    here, there = (model_options.read(parsed("--window", "4096", "--model", name)) for name in ("auto", SERVER))
    assert (here.max_window, here.endpoint_window) == (4096, None)
    assert (there.max_window, there.endpoint_window) == (model_options.read(parsed()).max_window, 4096)
