"""Turn a chat into tokens: the tokenizer's own template or its family's, and never a control token out of what people wrote."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from transformers import PreTrainedTokenizerBase

from ..errors import ModelError, ModelLoadError
from .base import Message
from .families import OWN_TEMPLATE, STOP_TOKENS, TEMPLATES, TemplateChoice, family_of
from .plain_text import PlainText
from .roles import ARRANGEMENTS, Chat
from .thought import OPENING
from .time_limit import time_limit

SECONDS = 2.0
_ENDLESS = (
    f"This model's chat template has not ended after {SECONDS:.0f} seconds, so it is damaged or hostile. Choose another model, "
    "or a template for it."
)
_MARK = "\ufdd0system\ufdd1"
_BLANK = "\u2028"  # is trimmed as any white space, and no template writes it
_STAND_IN = re.compile(f"({_BLANK}?)\ufdd0([0-9]+)\ufdd1({_BLANK}?)")
_USER, _ASSISTANT = Message("user", "a"), Message("assistant", "a")
_EVERY_KIND = (Message("system", _MARK), _USER, _USER, _ASSISTANT, _USER)


class ChatTemplate:
    """Renders messages with a tokenizer's template, always up to where the assistant begins to speak.

    A template that knows no system, or wants user and assistant to alternate, gets the same words in turns that it takes.

    Raises:
        ModelLoadError: there is no template, or it cannot be used.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, template: str | None = None, vocabulary: Mapping[str, int] | None = None
    ) -> None:
        """Take `template`, or the tokenizer's own, and its `vocabulary` where it is at hand: to give it takes a while."""
        self._template = template or tokenizer.chat_template
        if not isinstance(self._template, str):
            raise ModelLoadError(
                "This model has no chat template and belongs to no known family; choose an instruction-tuned model, or a "
                "template for it."
            )
        self._tokenizer = tokenizer
        self._vocabulary = tokenizer.get_vocab() if vocabulary is None else vocabulary
        controls = _controls(tokenizer)
        self._control = _any_of(controls)
        known = {name: self._vocabulary[name] for name in controls if name in self._vocabulary}
        self._plain_text = PlainText(tokenizer.backend_tokenizer, known)
        self._arranged = self._arrangement()

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase, config: Any, choice: TemplateChoice = OWN_TEMPLATE) -> ChatTemplate:
        """Take the template that was chosen, else the tokenizer's own, else that of the family which the model belongs to."""
        rope = getattr(config, "rope_parameters", None) or {}
        vocabulary = tokenizer.get_vocab()
        family = family_of(config.model_type, rope.get("rope_theta", 0.0), vocabulary)
        own = choice.chosen or tokenizer.chat_template
        return cls(tokenizer, own or choice.fallback or TEMPLATES.get(family or ""), vocabulary)

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """Give the prompt's tokens; only the template's own control tokens become control tokens."""
        tokens: list[int] = []
        for text, is_control in self._pieces(self._arranged(messages)):
            if is_control:
                tokens.append(self._vocabulary[text])
            else:  # a prompt's beginning is what follows the token that marks it: tokenizers put that one there themselves
                at_start = not tokens or tokens[-1] == self._tokenizer.bos_token_id
                tokens += self._plain_text.encode(text, at_start=at_start)
        return tokens

    def encode_text(self, text: str) -> list[int]:
        """Give the tokens of text that people or programs wrote, as in the middle of a prompt."""
        return self._plain_text.encode(text, at_start=False)

    def stop_tokens(self) -> frozenset[int]:
        """Give every token id that ends a reply."""
        names = {*STOP_TOKENS, self._tokenizer.eos_token}
        return frozenset(self._vocabulary[name] for name in names if name in self._vocabulary)

    def opens_thought(self) -> bool:
        """Tell whether its prompts end where the model already thinks aloud."""
        return self.render([_USER]).rstrip().endswith(OPENING)

    def render(self, messages: Sequence[Message]) -> str:
        """Give the prompt as text, for people to read."""
        return self._apply(self._arranged(messages))

    def _arrangement(self) -> Callable[[Chat], Chat]:
        """Find out how the template takes turns of every kind."""
        reason = "it leaves out what the model is told"
        for arranged in ARRANGEMENTS:
            try:
                if _MARK in self._apply(arranged(_EVERY_KIND)):
                    return arranged
            except ModelError as error:
                raise ModelLoadError(str(error)) from error
            except Exception as error:  # a template is a program, and says in any way that it does not take a turn
                reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise ModelLoadError(f"This model's chat template cannot be used ({reason}). Choose another model, or a template for it.")

    def _apply(self, messages: Chat) -> str:
        chat = [asdict(message) for message in messages]
        with time_limit(SECONDS, ModelError(_ENDLESS)):
            rendered: Any = self._tokenizer.apply_chat_template(
                chat,
                chat_template=self._template,
                tokenize=False,
                add_generation_prompt=True,
                enable_thinking=False,  # some models would think aloud for minutes before they answer
            )
        return str(rendered)

    def _pieces(self, messages: Chat) -> Iterator[tuple[str, bool]]:
        """Yield (text, is a control token); contents are put in only after the template's control tokens were found.

        A template may trim contents: it then trims the stand-ins too, and the contents are trimmed alike.
        """
        stand_ins = [replace(message, content=f"{_BLANK}\ufdd0{index}\ufdd1{_BLANK}") for index, message in enumerate(messages)]
        rendered = self._apply(stand_ins)
        for index, part in enumerate(self._control.split(rendered)):
            if part:
                yield _STAND_IN.sub(lambda found: _content(found, messages), part), bool(index % 2)


def _content(found: re.Match[str], messages: Sequence[Message]) -> str:
    content = messages[int(found[2])].content
    content = content if found[1] else content.lstrip()
    return content if found[3] else content.rstrip()


def _controls(tokenizer: PreTrainedTokenizerBase) -> frozenset[str]:
    """Name the tokens that only a template may write.

    Some that control nothing are among them (HTML tags of Gemma's); as text they take a few tokens more. Single characters and
    white space, which several tokenizers add too, are not.
    """
    added = {str(token) for token in tokenizer.added_tokens_decoder.values()} | set(tokenizer.all_special_tokens)
    return frozenset(token for token in added if len(token) > 1 and token.strip(" \t\r\n▁"))


def _any_of(marks: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted(marks, key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, longest_first)) + ")" if longest_first else "(?!)()")
