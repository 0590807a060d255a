"""`jupyter oci doctor`, `models` and `bench`: what they say of this machine."""

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from packaging.version import Version

from jupyter_oci.cli import main
from jupyter_oci.cli.bench.figure import Figure, percentile
from jupyter_oci.cli.checks import _is_safe, front_end, server_extension, versions
from jupyter_oci.config import ModelConfig
from jupyter_oci.model.base import ChatModel
from jupyter_oci.model.catalogue import CATALOGUE
from jupyter_oci.model.probe import probe
from jupyter_oci.model.scripted import ScriptedModel


def test_commands_need_nothing_that_windows_lacks() -> None:
    code = "import psutil, sys; sys.modules.update(resource=None); import jupyter_oci.cli.main"  # of psutil Windows has another
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_doctor_says_of_everything_how_it_is_and_gives_a_cure_for_what_is_not_well(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["doctor", "--json"])
    findings = json.loads(capsys.readouterr().out)
    assert {"python", "torch", "server extension", "labextension", "kernel", "memory", "model"} <= {
        finding["name"] for finding in findings
    }
    assert all(finding["cure"] for finding in findings if finding["status"] != "ok")
    assert code == any(finding["status"] == "fail" for finding in findings)


def test_the_doctor_says_of_the_model_s_process_what_was_found_by_trying(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_API_KEY", "hidden")
    main(["doctor", "--json"])
    (found,) = [finding for finding in json.loads(capsys.readouterr().out) if finding["name"] == "confinement"]
    kept, _, not_kept = found["detail"].partition("; not from: ")
    assert {name for name, refused in probe().items() if refused} == set(kept.partition(": ")[2].split(", "))
    assert found["status"] == ("warn" if not_kept else "ok")


@pytest.mark.parametrize(
    ("package", "version", "safe"),
    [
        ("jupyterlab", "4.5.10", False),
        ("jupyterlab", "4.5.11", True),
        ("jupyterlab", "4.6.3", False),
        ("jupyterlab", "4.6.4", True),
        ("jupyter_server", "2.19.9", False),
        ("torch", "2.13.0+cpu", True),
    ],
)
def test_versions_with_known_holes_are_told_apart(package: str, version: str, safe: bool) -> None:
    assert _is_safe(package, Version(version)) is safe


@pytest.mark.parametrize(
    ("configured", "cure"),
    [
        ({}, "pip install --force-reinstall --no-deps"),
        ({"jupyter_oci": False}, "jupyter server extension enable jupyter_oci"),
    ],
)
def test_a_server_extension_that_is_not_there_is_not_just_enabled(
    configured: dict[str, bool], cure: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_oci.cli.checks.jupyter_config_path", lambda: [str(tmp_path)])
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": {"jpserver_extensions": configured}}))
    (found,) = server_extension()
    assert (found.status, found.cure.startswith(cure)) == ("fail", True)


@pytest.mark.parametrize("name", ["jupyter-oci", "jupyter-oci:plugin"])
def test_a_panel_that_was_switched_off_is_not_called_well(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    for folder in ("labextensions/jupyter-oci", "labconfig"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "labextensions" / "jupyter-oci" / "package.json").write_text("{}")
    assert [found.status for found in front_end()] == ["ok"]
    (tmp_path / "labconfig" / "page_config.json").write_text(json.dumps({"disabledExtensions": {name: True, "other": True}}))
    assert [(found.status, found.cure) for found in front_end()] == [("fail", f"jupyter labextension enable {name}")]


@pytest.mark.parametrize("has_gpu", [False, True])
def test_torch_is_had_without_cuda_where_there_is_no_card(has_gpu: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(package: str) -> str:
        raise PackageNotFoundError(package)

    if has_gpu:
        (tmp_path / "nvidia-smi").write_text("#!/bin/sh\n")
        (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("jupyter_oci.cli.checks.version", missing)
    cures = {found.name: found.cure for found in versions()}
    assert cures["torch"].startswith("pip install 'torch>=2.6'")
    assert [name for name, cure in cures.items() if "/whl/cpu" in cure] == ([] if has_gpu else ["torch"])


def test_the_list_of_models_names_the_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    shown = capsys.readouterr().out
    assert "qwen2.5-coder-0.5b-instruct" in shown
    assert "an estimate" in shown


def downloaded(cache: Path) -> Path:
    folder = cache / "models" / "owner--name"
    (folder / "files").mkdir(parents=True)
    return folder


def test_the_list_names_what_was_downloaded_beside_the_catalogue(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    downloaded(tmp_path)
    monkeypatch.setattr("jupyter_oci.cli.models.measured_bandwidth", lambda _: None)
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["models", "list", "--cache-dir", str(tmp_path)]) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("owner/name "))
    assert line.rstrip().endswith("downloaded")


def test_a_model_is_removed_from_the_folder_that_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = downloaded(tmp_path)
    assert main(["models", "remove", "owner/name", "--cache-dir", str(tmp_path)]) == 0
    assert not folder.exists()
    capsys.readouterr()
    assert main(["models", "remove", "owner/name", "--cache-dir", str(tmp_path)]) == 2
    assert f"There is nothing of name in {tmp_path}" in capsys.readouterr().err


def test_what_cannot_be_removed_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = downloaded(tmp_path)
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)  # as where nothing may be deleted: root may everything
    assert main(["models", "remove", "owner/name", "--cache-dir", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert (out, str(folder) in err) == ("", True)


def test_a_model_is_opened_and_looked_for_in_the_folder_that_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[Path | None] = []

    def opened(config: ModelConfig, cache_dir: Path | None = None) -> ChatModel:
        places.append(cache_dir)
        return ScriptedModel(["It is done."])

    monkeypatch.setattr("jupyter_oci.cli.model_options.open_model", opened)
    nbformat.write(v4.new_notebook(), tmp_path / "work.ipynb")
    main(["run", str(tmp_path / "work.ipynb"), "what is this?", "--cache-dir", str(tmp_path)])
    assert places == [tmp_path]
    capsys.readouterr()
    main(["doctor", "--json", "--cache-dir", str(tmp_path)])
    findings = json.loads(capsys.readouterr().out)
    (model,) = (finding for finding in findings if finding["name"] == "model")
    assert f"--cache-dir {tmp_path}" in model["cure"]


@pytest.mark.parametrize("columns", ["100", "80"])
def test_the_list_of_models_is_whole_in_100_columns_and_in_a_pipe_or_a_narrow_window(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert main(["models", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 100
    assert all(any(line.startswith(spec.name + " ") for line in lines) for spec in CATALOGUE)
    assert lines[0].split() == ["model", "window", "download", "memory", "GPU", "tokens/s", "here"]


def test_a_model_is_shown_with_its_licence_its_base_and_what_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "show", "m-a-p/OpenCodeInterpreter-CL-70B"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for fact in ("CodeLlama-70b-Python (Llama 2 Community License)", "4,096 tokens", "codellama", "138.0 GB download", "at main"):
        assert fact in shown


def test_bits_that_no_card_reads_a_file_in_are_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "show", "qwen2.5-coder-1.5b-instruct"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "4.1 GB in 16 bits this machine" in shown


def test_the_bench_gives_each_figure_beside_its_target(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["bench", "context", "--json"])
    (figure,) = json.loads(capsys.readouterr().out)["figures"]
    assert figure["target"] == 200
    assert code == (0 if figure["value"] <= figure["target"] else 1)


def test_a_percentile_is_the_nearest_rank() -> None:
    assert percentile([5, 1, 4, 2, 3], 95) == 5
    assert percentile(list(range(1, 101)), 95) == 95
    assert percentile([7], 99) == 7


def test_a_figure_on_its_target_reaches_it() -> None:
    assert Figure("x", 50, 50).reached
    assert not Figure("x", 50.1, 50).reached
