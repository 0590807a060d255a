"""The options that say which model answers."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from jupyter_oci.cli import model_options
from jupyter_oci.model.endpoint_key import VARIABLE

SERVER = "http://localhost:8000/v1#name"


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    model_options.add_to(parser)
    model_options.add_guide(parser)
    return parser.parse_args(words)


def test_a_window_bounds_a_model_here_and_is_that_of_a_model_server() -> None:
    here, there = (model_options.read(parsed("--window", "4096", "--model", name)) for name in ("auto", SERVER))
    assert (here.max_window, here.endpoint_window) == (4096, None)
    assert (there.max_window, there.endpoint_window) == (model_options.read(parsed()).max_window, 4096)


@pytest.mark.parametrize(
    ("model", "guide", "keys"),
    [
        (SERVER, "https://elsewhere.example/v1#larger", ["ours", ""]),
        (SERVER, "https://localhost:8000/v1#name", ["ours", ""]),
        (SERVER, "http://localhost:8000/v1#larger", ["ours", "ours"]),
        ("auto", SERVER, ["", "ours"]),
        (SERVER, "auto", ["ours", ""]),
    ],
)
def test_a_servers_key_is_given_to_no_other_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model: str, guide: str, keys: list[str]
) -> None:
    words, file = ("--model", model, "--guide", guide), tmp_path / "key"
    monkeypatch.setenv(VARIABLE, "ours")
    assert [config.endpoint_key for config in model_options.read_guided(parsed(*words))] == keys
    monkeypatch.setenv(VARIABLE, "ours")
    file.write_text("theirs")
    configs = model_options.read_guided(parsed(*words, "--guide-key-file", str(file), "--guide-window", "4096"))
    assert [config.endpoint_key for config in configs] == [keys[0], "" if guide == "auto" else "theirs"]
    assert [config.endpoint_window for config in configs] == [None, None if guide == "auto" else 4096]
