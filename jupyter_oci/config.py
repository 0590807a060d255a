"""Settings as frozen values. The doors build them; everything else is handed them."""

from __future__ import annotations

from dataclasses import dataclass, field

from .errors import ConfigError
from .events import Mode

DEVICES = ("auto", "cpu", "cpu-4bit", "cpu-16bit", "cuda", "cuda-8bit", "cuda-4bit", "mps")


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """How a reply is decoded. `temperature` 0 is greedy; `max_tokens` counts new tokens."""

    max_tokens: int = 1024
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.max_tokens < 1 or self.temperature < 0 or not 0 < self.top_p <= 1:
            raise ConfigError("Sampling: max_tokens must be at least 1, temperature at least 0, top_p in (0, 1].")


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """Bounds of one run.

    `max_rounds` is the number of tries on one cell (the first one and its revisions), `max_cells` the number of new cells in a
    run. `max_feedback_tokens` bounds one execution result as the model reads it, `max_context_tokens` bounds a prompt (None:
    only the model's window does).
    """

    mode: Mode = "ask"
    max_rounds: int = 3
    max_cells: int = 6
    max_feedback_tokens: int = 700
    max_context_tokens: int | None = 6144
    sampling: SamplingParams = SamplingParams()

    def __post_init__(self) -> None:
        for name in ("max_rounds", "max_cells", "max_feedback_tokens"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 1, not {getattr(self, name)}.")


@dataclass(frozen=True, slots=True)
class KernelConfig:
    """How the live kernel is used. Times in seconds, sizes in bytes; `execution_timeout` None waits for ever.

    Of one execution, `max_output_bytes` of text are kept and `max_rich_bytes` of all else, such as pictures and tables.

    `redacted` is a secret that the kernel knows: it is blotted out of everything that the kernel says.
    """

    execution_timeout: float | None = 600.0
    interrupt_grace: float = 5.0
    variables_budget: float = 0.25
    max_output_bytes: int = 1 << 20
    max_rich_bytes: int = 16 << 20
    redacted: str = ""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which model is hosted and how.

    `name` is a catalogue name, a Hugging Face Hub name, a local folder or GGUF file, or the address of a model server; `threads`
    None takes all but none that the machine lacks; `idle_unload` is in seconds (None: stays loaded); `hub` is the URL of a mirror
    of the hub (empty: the hub, or HF_ENDPOINT); `device` is one of `DEVICES`; `template` is the chat template that comes before
    the model's own, a family's name or a file; `draft` names a smaller model with the same tokens, which drafts for it on a CPU.
    Of a model server: `endpoint_key` opens it, `endpoint_window` is the model's window in tokens (None: the server is asked).
    """

    name: str = "auto"
    threads: int | None = None
    idle_unload: float | None = 1800.0
    max_window: int = 16384
    hub: str = ""
    device: str = "auto"
    template: str = ""
    draft: str = ""
    endpoint_key: str = field(default="", repr=False)
    endpoint_window: int | None = None

    def __post_init__(self) -> None:
        if self.device not in DEVICES:
            raise ConfigError(f"device: {self.device!r} is none of {', '.join(DEVICES)}.")
