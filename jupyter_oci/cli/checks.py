"""What the doctor looks at: each check gives findings, and what is not well comes with its cure."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_core.paths import jupyter_config_path, jupyter_path
from packaging.version import Version

from ..errors import OCIError
from ..model.catalogue import DEFAULTS, find
from ..model.download import default_cache_dir, is_available
from ..model.memory import available_memory
from ..model.probe import probe


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; `cure` says what to do unless all is well. Only "fail" keeps the agent from working."""

    name: str
    status: Literal["ok", "warn", "fail"]
    detail: str
    cure: str = ""


# Below these a published hole is open: stored XSS, trusted pasted cells, code run by a model's configuration, pickled weights.
FLOORS = {"jupyter_server": "2.20.0", "jupyterlab": "4.6.4", "transformers": "5.3.0", "torch": "2.6", "ipykernel": "6.29"}
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
REINSTALL = "pip install --force-reinstall --no-deps, with the wheel file that you installed; in a checkout: make clean setup"
ESSENTIAL = ("jupyter_server", "transformers", "torch", "ipykernel")


def versions() -> Iterator[Check]:
    """Compare what is installed with the oldest versions without a known hole."""
    yield Check("python", "ok", sys.version.split()[0])
    for package in FLOORS:
        try:
            found = version(package)
        except PackageNotFoundError:
            status: Literal["warn", "fail"] = "fail" if package in ESSENTIAL else "warn"
            yield Check(package, status, "not installed", f"pip install {_wish(package)}")
            continue
        if _is_safe(package, Version(found)):
            yield Check(package, "ok", found)
        else:
            yield Check(package, "warn", f"{found} has known holes", f"pip install --upgrade {_wish(package)}")


def _wish(package: str) -> str:
    """Write it as pip takes it; without a graphics card torch's usual builds bring gigabytes of CUDA for nothing."""
    index = f" --index-url {CPU_INDEX}" if package == "torch" and not _has_gpu() else ""
    return f"'{package}>={FLOORS[package]}'{index}"


def _is_safe(package: str, found: Version) -> bool:
    """JupyterLab has mended two lines: 4.5.11 and 4.6.4."""
    if package == "jupyterlab" and found.release[:2] == (4, 5):
        return found >= Version("4.5.11")
    return found >= Version(FLOORS[package])


def server_extension() -> Iterator[Check]:
    """Look whether a Jupyter server would load the agent."""
    from jupyter_server.extension.config import ExtensionConfigManager  # noqa: PLC0415 - slow to import, and only used here

    enabled: dict[str, bool] = {}
    for folder in _config_folders():
        enabled.update(ExtensionConfigManager(read_config_path=[folder]).get_jpserver_extensions())
    if enabled.get("jupyter_oci"):
        yield Check("server extension", "ok", "enabled")
    elif "jupyter_oci" in enabled:
        yield Check("server extension", "fail", "disabled", "jupyter server extension enable jupyter_oci")
    else:  # `enable` knows only what is configured already
        yield Check("server extension", "fail", "not installed", REINSTALL)


def _config_folders() -> list[str]:
    """Give the configuration folders, the strongest last."""
    return list(reversed(jupyter_config_path()))


def front_end() -> Iterator[Check]:
    """Look whether JupyterLab would find the panel."""
    found = [Path(folder) for folder in jupyter_path("labextensions") if Path(folder, "jupyter-oci", "package.json").is_file()]
    if not found:
        yield Check("labextension", "fail", "not installed", REINSTALL)
    elif disabled := _disabled():
        yield Check("labextension", "fail", "disabled", f"jupyter labextension enable {disabled[0]}")
    else:
        yield Check("labextension", "ok", str(found[0] / "jupyter-oci"))


def _disabled() -> list[str]:
    """Give what of ours JupyterLab does not load: the whole extension, or a plugin of it."""
    from jupyter_server.services.config import ConfigManager  # noqa: PLC0415 - slow to import, and only used here

    folders = [str(Path(folder, "labconfig")) for folder in jupyter_config_path()]
    named: dict[str, bool] = ConfigManager(read_config_path=folders).get("page_config").get("disabledExtensions", {})
    return [name for name, is_disabled in named.items() if is_disabled and name.partition(":")[0] == "jupyter-oci"]


def kernel() -> Iterator[Check]:
    """Look whether there is a Python kernel."""
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
        yield Check("kernel", "ok", str(spec.display_name))
    except NoSuchKernel:
        yield Check("kernel", "fail", "no Python kernel", "pip install ipykernel")


def device() -> Iterator[Check]:
    """Say where the model would run, without importing torch."""
    try:
        torch = version("torch")
    except PackageNotFoundError:
        return
    where = "an NVIDIA GPU is here" if _has_gpu() else "CPU"
    yield Check("device", "ok", f"{where}; torch {torch}")


def _has_gpu() -> bool:
    driver = shutil.which("nvidia-smi")
    return driver is not None and not subprocess.run([driver, "-L"], capture_output=True, check=False).returncode


def memory() -> Iterator[Check]:
    """Compare the free memory with what the smallest model needs."""
    free, needed = available_memory(), DEFAULTS[0].memory_bytes
    detail = f"{free / 1e9:.1f} GB free"
    if free >= needed:
        yield Check("memory", "ok", detail)
    else:
        yield Check("memory", "warn", detail, f"Close other programs: the smallest model needs {needed / 1e9:.1f} GB.")


def model(cache_dir: Path) -> Iterator[Check]:
    """Look whether the default model is here."""
    spec = find("auto")
    if is_available(spec, cache_dir):
        yield Check("model", "ok", f"{spec.name} in {cache_dir}")
    else:
        where = "" if cache_dir == default_cache_dir() else f" --cache-dir {cache_dir}"
        cure = f"jupyter oci models download {spec.name}{where} (else it comes at its first use)"
        yield Check("model", "warn", f"{spec.name} is not downloaded", cure)


def confinement() -> Iterator[Check]:
    """Say what the operating system keeps the model's process from: a process of the same making has tried it."""
    try:
        refused = probe()
    except OCIError as error:
        yield Check("confinement", "warn", str(error), "Close other programs and try again.")
        return
    kept = ", ".join(name for name, is_refused in refused.items() if is_refused)
    open_to_it = ", ".join(name for name, is_refused in refused.items() if not is_refused)
    if open_to_it:
        detail = f"the model's process is kept from: {kept or 'nothing'}; not from: {open_to_it}"
        yield Check("confinement", "warn", detail, "Use only models that you trust; Linux 6.12 or newer confines it wholly.")
    else:
        yield Check("confinement", "ok", f"the model's process is kept from: {kept}")


def findings_of(cache_dir: Path) -> Iterator[Check]:
    """Make all checks, those of models in this folder."""
    for check in (versions, server_extension, front_end, kernel, device, memory):
        yield from check()
    yield from model(cache_dir)
    yield from confinement()
