"""Turn a chat into tokens: the tokenizer's own template or its family's, and never a control token out of what people wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from transformers import PreTrainedTokenizerBase

from ..errors import ModelLoadError
from .base import Message

STOP_TOKENS: Final = ("<|EOT|>", "</s>", "<|endoftext|>", "<|im_end|>", "<eos>", "<end_of_turn>", "<|eot_id|>")

_DEEPSEEK: Final = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message.role == 'system' %}{{ message.content }}"
    "{% elif message.role == 'user' %}{{ '### Instruction:\n' + message.content + '\n' }}"
    "{% else %}{{ '### Response:\n' + message.content + '\n<|EOT|>\n' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '### Response:' }}{% endif %}"
)
_CODE_LLAMA: Final = (
    "{% if messages[0].role == 'system' %}{% set system = '<<SYS>>\n' + messages[0].content + '\n<</SYS>>\n\n' %}"
    "{% set turns = messages[1:] %}{% else %}{% set system = '' %}{% set turns = messages %}{% endif %}"
    "{% for message in turns %}"
    "{% if message.role == 'user' %}"
    "{{ bos_token + '[INST] ' + (system if loop.first else '') + message.content + ' [/INST]' }}"
    "{% else %}{{ ' ' + message.content + ' ' + eos_token }}{% endif %}"
    "{% endfor %}"
)
_STARCODER: Final = "{% for message in messages %}{{ message.content + eos_token }}{% endfor %}"
_CHATML: Final = (
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def family_template(model_type: str, rope_theta: float, vocabulary: dict[str, int]) -> str | None:
    """Give the template of a published OpenCodeInterpreter family whose tokenizer carries none; None: no such family.

    Tells apart: DeepSeek-Coder by its end token, Code Llama by its rotary base, StarCoder2 and Gemma by their architecture.
    """
    if model_type == "llama" and "<|EOT|>" in vocabulary:
        return _DEEPSEEK
    if model_type == "llama" and rope_theta == 1e6:
        return _CODE_LLAMA
    return {"starcoder2": _STARCODER, "gemma": _CHATML}.get(model_type)


class ChatTemplate:
    """Renders messages with a tokenizer's template, always up to where the assistant begins to speak.

    Raises:
        ModelLoadError: the tokenizer has no template and its family is unknown.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, fallback: str | None = None) -> None:
        self._template = tokenizer.chat_template or fallback
        if not isinstance(self._template, str):
            raise ModelLoadError(
                "This model has no chat template and belongs to no known family; choose an instruction-tuned model, or add "
                "a chat_template to its tokenizer_config.json."
            )
        self._tokenizer = tokenizer
        self._plain_text = tokenizer.backend_tokenizer
        self._plain_text.encode_special_tokens = True  # once and for all: changing it while another thread encodes would raise
        added = tokenizer.added_tokens_decoder.values()
        marks = {str(token) for token in added if str(token).strip()} | set(tokenizer.all_special_tokens)
        self._vocabulary = tokenizer.get_vocab()
        self._controls = _any_of(marks)

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase, config: Any) -> ChatTemplate:
        """Take the tokenizer's own template, or that of the family which the model's `config` belongs to."""
        rope = getattr(config, "rope_parameters", None) or {}
        return cls(tokenizer, family_template(config.model_type, rope.get("rope_theta", 0.0), tokenizer.get_vocab()))

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """Give the prompt's tokens; only the template's own control tokens become control tokens."""
        return [token for text, control in self._pieces(messages) for token in self._encode_piece(text, control=control)]

    def encode_text(self, text: str) -> list[int]:
        """Give the tokens of text that people or programs wrote, with nothing added."""
        return [token for part in self._harmless(text) for token in self._plain_text.encode(part, add_special_tokens=False).ids]

    def stop_tokens(self) -> frozenset[int]:
        """Give every token id that ends a reply."""
        names = {*STOP_TOKENS, self._tokenizer.eos_token}
        return frozenset(self._vocabulary[name] for name in names if name in self._vocabulary)

    def render(self, messages: Sequence[Message]) -> str:
        """Give the prompt as text, for people to read."""
        return self._apply([message.content for message in messages], [message.role for message in messages])

    def _apply(self, contents: Sequence[str], roles: Sequence[str]) -> str:
        chat = [{"role": role, "content": content} for role, content in zip(roles, contents, strict=True)]
        rendered: Any = self._tokenizer.apply_chat_template(
            chat, chat_template=self._template, tokenize=False, add_generation_prompt=True
        )
        return str(rendered)

    def _pieces(self, messages: Sequence[Message]) -> Iterator[tuple[str, bool]]:
        """Yield (text, is a control token); contents are put in only after the template's control tokens were found.

        A template may trim contents: it then trims the stand-ins too, and the contents are trimmed alike.
        """
        stand_ins = [f" \ufdd0{index}\ufdd1 " for index in range(len(messages))]
        rendered = self._apply(stand_ins, [message.role for message in messages])
        for index, part in enumerate(self._controls.split(rendered)):
            if part:
                yield re.sub("( ?)\ufdd0([0-9]+)\ufdd1( ?)", lambda found: _content(found, messages), part), bool(index % 2)

    def _encode_piece(self, text: str, *, control: bool) -> list[int]:
        return [self._vocabulary[text]] if control else self.encode_text(text)

    def _harmless(self, text: str) -> list[str]:
        """Cut text inside whatever reads like a control token, so that none is left whole."""
        cuts = [found.start() + 1 for found in re.finditer(f"(?={self._controls.pattern})", text)]
        return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True) if end > start]


def _content(found: re.Match[str], messages: Sequence[Message]) -> str:
    content = messages[int(found[2])].content
    content = content if found[1] else content.lstrip()
    return content if found[3] else content.rstrip()


def _any_of(marks: set[str]) -> re.Pattern[str]:
    longest_first = sorted(marks, key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, longest_first)) + ")" if longest_first else "(?!)()")
