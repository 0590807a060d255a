"""Open a model's files: safetensors folders and GGUF files, nothing that could run code, nothing half empty."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
import transformers
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast
from transformers.utils import logging as transformers_logging

from ..errors import ModelLoadError
from .checkpoint_weights import Stored, in_gguf, in_safetensors, stands_for, unfit
from .gguf_rotations import rotations
from .integrity import check_checksums, check_files, check_memory, noted_sha256
from .needs import whole_bytes

ARCHITECTURES: Final = ("gemma", "llama", "mistral", "qwen2", "qwen3", "starcoder2")
_PICKLES: Final = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_ABSURD: Final = 1e5  # beyond any weight of a trained model: what a flipped bit of an exponent makes


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight that a model knows by `names`, by several where they are tied; `read` gives it as bf16.

    Raises:
        ModelLoadError: by `read`: it cannot be read, or holds absurd values.
    """

    names: tuple[str, ...]
    read: Callable[[], torch.Tensor]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Files of a model: a folder with safetensors, or one GGUF file in it."""

    folder: Path
    gguf_file: str | None = None

    @classmethod
    def find(cls, path: Path) -> Checkpoint:
        """Find out what `path` holds.

        Raises:
            ModelLoadError: nothing that we open; the message says what to do.
        """
        if path.is_file():
            return cls(path.parent, _as_gguf(path).name)
        if not path.is_dir():
            raise ModelLoadError(f"There is no model at {path}; check the path or choose one by its catalogue name.")
        if (path / "config.json").is_file() and any(path.glob("*.safetensors")):
            check_files(path.glob("*.safetensors"))
            return cls(path)
        return cls(path, _only_gguf(path).name)

    @property
    def path(self) -> Path:
        """Give the path by which it is found again."""
        return self.folder / (self.gguf_file or "")

    def digest(self) -> str:
        """Tell these files from others, and from earlier ones of the same names, without reading them through."""
        files = [self.folder / self.gguf_file] if self.gguf_file else sorted(self.folder.glob("*.*"))
        stamps = [[file.name, (stat := file.stat()).st_size, stat.st_mtime_ns] for file in files]
        return hashlib.sha256(json.dumps(stamps).encode()).hexdigest()[:24]

    def identity(self) -> str:
        """Name the weights: by the SHA-256 that was noted when they came, or else by `digest`."""
        return noted_sha256(self._weight_files()) or self.digest()

    def tokenizer(self) -> PreTrainedTokenizerBase:
        """Load the tokenizer.

        A tokenizer.json is taken at its word: the class that a configuration names would build the tokenizer anew by its own
        rules, and DeepSeek-Coder's names one (Llama's) whose rules are others.

        Raises:
            ModelLoadError: it cannot be read.
        """
        as_written = self.gguf_file is None and (self.folder / "tokenizer.json").is_file()
        kind: Any = PreTrainedTokenizerFast if as_written else transformers.AutoTokenizer
        with _reading(self.folder, "tokenizer"):
            loaded: PreTrainedTokenizerBase = kind.from_pretrained(self.folder, **self._arguments())
            return loaded

    def config(self) -> Any:
        """Load the configuration of an architecture that we know.

        Raises:
            ModelLoadError: it cannot be read, wants code of others to be run, or is of another architecture or scaling.
        """
        if self.gguf_file is None:
            _check_no_code(self.folder)
        with _reading(self.folder, "configuration"):
            config = transformers.AutoConfig.from_pretrained(self.folder, **self._arguments())
        if config.model_type not in ARCHITECTURES:
            raise ModelLoadError(
                f"Models of type {config.model_type} are not supported; choose one of: {', '.join(ARCHITECTURES)}."
            )
        if self.gguf_file:
            with _told(self.folder, "configuration"):
                config.rope_parameters = rotations(self.path, config)
        elif getattr(config, "quantization_config", None):
            raise ModelLoadError("This checkpoint is already quantised; choose its original safetensors or a GGUF file instead.")
        return config

    def model(self, config: Any, **placing: Any) -> Any:
        """Load the weights as bf16 into the model that `config` describes; `placing` is for transformers: where to, in what form.

        Raises:
            ModelLoadError: they cannot be read, do not fill the model exactly, hold absurd values, or need too much memory.
        """
        check_checksums(self._weight_files())
        if placing.get("device_map", {"": "cpu"}) == {"": "cpu"}:
            check_memory(whole_bytes(count_weights(config), "gguf" if self.gguf_file else "safetensors"))
        with _reading(self.folder, "weights"):
            loaded: Any = transformers.AutoModelForCausalLM.from_pretrained(
                self.folder,
                config=config,
                dtype=torch.bfloat16,
                use_safetensors=True,
                output_loading_info=True,
                **placing,
                **self._arguments(),
            )
        model, report = loaded
        self._check_fit(report)
        for name, weight in model.named_parameters():
            _check_values(name, weight)
        return model.eval()

    def weights(self, model: Any) -> list[Weight]:
        """Look for the weights of a model, which may itself be without any; each is read when that is asked for.

        Raises:
            ModelLoadError: the files are damaged, or do not fill the model exactly.
        """
        check_checksums(self._weight_files())
        expected = model.state_dict(keep_vars=True)
        with _reading(self.folder, "weights"):
            found = in_gguf(self.path, model.config, expected) if self.gguf_file else in_safetensors(self._shards())
        self._check_fit(unfit(expected, found))
        return [Weight(names, partial(self._read, name, found[name])) for name, names in stands_for(expected, found).items()]

    def _read(self, name: str, stored: Stored) -> torch.Tensor:
        with _told(self.folder, "weights"):
            weight = stored.read()
        _check_values(name, weight)
        return weight

    def _check_fit(self, wrong: Mapping[str, Any]) -> None:
        if said := sorted(f"{kind}: {_first(names)}" for kind, names in wrong.items() if names):
            raise ModelLoadError(f"The weights in {self.folder} do not fit the model ({'; '.join(said)}); fetch it again.")

    def check_headers(self) -> None:
        """See that the files of weights are there and whole, as far as what stands at their beginning tells.

        Raises:
            ModelLoadError: one is missing, or cut short.
        """
        if self.gguf_file:
            return  # its header is its configuration
        with _reading(self.folder, "weights"):
            in_safetensors({*self._shards(), *self._weight_files()})

    def _shards(self) -> list[Path]:
        """Give the files that transformers would read; others may lie beside them."""
        if (whole := self.folder / "model.safetensors").is_file():
            return [whole]
        index = json.loads((self.folder / "model.safetensors.index.json").read_text("utf-8"))
        return sorted({self.folder / name for name in index["weight_map"].values()})

    def _weight_files(self) -> list[Path]:
        return [self.folder / self.gguf_file] if self.gguf_file else sorted(self.folder.glob("*.safetensors"))

    def _arguments(self) -> dict[str, Any]:
        return {"gguf_file": self.gguf_file, "trust_remote_code": False, "local_files_only": True}


def _as_gguf(path: Path) -> Path:
    check_files([path])
    with path.open("rb") as file:
        if file.read(4) == b"GGUF":
            return path
    raise ModelLoadError(f"{path.name} is not a GGUF file; give a GGUF file or a folder with safetensors.")


def _only_gguf(folder: Path) -> Path:
    found = sorted(folder.glob("*.gguf"))
    if len(found) == 1:
        return _as_gguf(found[0])
    if any(file for pattern in _PICKLES for file in folder.glob(pattern)):
        raise ModelLoadError(
            f"{folder} holds its weights as pickles, which can run any code when opened; convert them to safetensors first."
        )
    raise ModelLoadError(f"{folder} holds no model: config.json with *.safetensors, or exactly one GGUF file, is needed.")


def _check_no_code(folder: Path) -> None:
    """Refuse a configuration by which code of others would be run, before a library reads it."""
    with _reading(folder, "configuration"):
        written = json.loads((folder / "config.json").read_text("utf-8"))
        needs_code = "auto_map" in written and written.get("model_type") not in ARCHITECTURES
        attention = next((value for key, value in written.items() if "attn_implementation" in key and "/" in str(value)), None)
    if needs_code:
        raise ModelLoadError(f"{folder} needs code of its own, which is never run; choose one of: {', '.join(ARCHITECTURES)}.")
    if attention:
        raise ModelLoadError(f"{folder / 'config.json'} names code to be fetched from {attention!r}; take that entry out.")


def without_weights(config: Any) -> Any:
    """Build the modules of the model that `config` describes, of bf16 weights that take no memory."""
    with torch.device("meta"):
        return transformers.AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16, trust_remote_code=False)  # type: ignore[no-untyped-call]


def count_weights(config: Any) -> int:
    """Count the weights of the model that `config` describes, without making any."""
    return sum(parameter.numel() for parameter in without_weights(config).parameters())


def _check_values(name: str, weight: torch.Tensor) -> None:
    low, high = weight.aminmax()  # either is NaN when any value is
    if not (low > -_ABSURD and high < _ABSURD):
        raise ModelLoadError(f"The weights {name} hold values that no model has; its file is damaged: fetch it again.")


@contextmanager
def _reading(folder: Path, part: str) -> Iterator[None]:
    """Have the libraries say nothing, and tell in one sentence what could not be read."""
    verbosity = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with _told(folder, part):
            yield
    finally:
        transformers_logging.set_verbosity(verbosity)


@contextmanager
def _told(folder: Path, part: str) -> Iterator[None]:
    """Say in one sentence what could not be read, whatever the libraries raise over damaged files."""
    try:
        yield
    except (MemoryError, ModelLoadError):
        raise
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise ModelLoadError(f"The {part} of the model in {folder} cannot be read ({reason}); fetch it again.") from error


def _first(found: Any) -> str:
    names = sorted(map(str, found)) if not isinstance(found, str) else [found]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
