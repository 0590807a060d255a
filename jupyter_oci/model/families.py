"""The chat formats of the published OpenCodeInterpreter families, three of which ship no template of their own.

Each is what the authors' runs came to with the transformers of their day: the tokenizer's own template (DeepSeek-Coder), or the
default of the tokenizer's class (Code Llama's `[INST]`, StarCoder2's bare texts, ChatML for Gemma), which transformers 4.44
removed. Whether Code Llama's and Gemma's models were trained on just these is not published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import ConfigError

# The generation configurations of these models name wrong ids (StarCoder2's lie outside its vocabulary): ends go by their names.
STOP_TOKENS: Final = ("<|EOT|>", "</s>", "<|endoftext|>", "<|im_end|>", "<eos>", "<end_of_turn>", "<|eot_id|>")

_DEEPSEEK_SYSTEM: Final = (
    "You are an AI programming assistant, utilizing the Deepseek Coder model, developed by Deepseek Company, and you only answer "
    "questions related to computer science. For politically sensitive questions, security and privacy issues, and other "
    "non-computer science questions, you will refuse to answer\n"
)
_DEEPSEEK: Final = (
    "{{ bos_token }}{% if messages | selectattr('role', 'eq', 'system') | list | length == 0 %}"
    "{{ '" + _DEEPSEEK_SYSTEM + "' }}{% endif %}{% for message in messages %}"
    "{% if message.role == 'system' %}{{ message.content }}"
    "{% elif message.role == 'user' %}{{ '### Instruction:\n' + message.content + '\n' }}"
    "{% else %}{{ '### Response:\n' + message.content + '\n<|EOT|>\n' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '### Response:\n' }}{% endif %}"
)
_CODE_LLAMA: Final = (
    "{% if messages[0].role == 'system' %}{% set system = '<<SYS>>\n' + messages[0].content + '\n<</SYS>>\n\n' %}"
    "{% set turns = messages[1:] %}{% else %}{% set system = '' %}{% set turns = messages %}{% endif %}"
    "{% for message in turns %}"
    "{% if message.role == 'user' %}"
    "{{ bos_token + '[INST] ' + ((system if loop.first else '') + message.content) | trim + ' [/INST]' }}"
    "{% else %}{{ ' ' + message.content | trim + ' ' + eos_token }}{% endif %}"
    "{% endfor %}"
)
_STARCODER: Final = "{% for message in messages %}{{ message.content + eos_token }}{% endfor %}"
_CHATML: Final = (
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

TEMPLATES: Final = {
    "deepseek": _DEEPSEEK,
    "codellama": _CODE_LLAMA,
    "starcoder2": _STARCODER,
    "gemma": _CHATML,
    "chatml": _CHATML,
}


def family_of(model_type: str, rope_theta: float, vocabulary: Mapping[str, int]) -> str | None:
    """Name the published family that a model without a template belongs to; None: to none.

    Tells apart: DeepSeek-Coder by its end token, Code Llama by its rotary base, StarCoder2 and Gemma by their architecture.
    """
    if model_type == "llama" and "<|EOT|>" in vocabulary:
        return "deepseek"
    if model_type == "llama" and rope_theta == 1e6:
        return "codellama"
    return model_type if model_type in ("starcoder2", "gemma") else None


@dataclass(frozen=True, slots=True)
class TemplateChoice:
    """Jinja texts beside a tokenizer's own: `chosen` comes before it, `fallback` after it; empty: there is none."""

    chosen: str = ""
    fallback: str = ""


OWN_TEMPLATE: Final = TemplateChoice()


def chosen_template(choice: str) -> str | None:
    """Give the Jinja text that a user chose by a family's name or by a file; None: nothing was chosen.

    Raises:
        ConfigError: it is neither.
    """
    if not choice:
        return None
    if choice in TEMPLATES:
        return TEMPLATES[choice]
    try:
        return Path(choice).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"template: {choice!r} is neither a file nor one of {', '.join(TEMPLATES)}.") from error
