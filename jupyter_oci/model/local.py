"""LocalModel: tokenizer, weights and decoding together; lives in the worker process only."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import PreTrainedTokenizerBase

from ..config import SamplingParams
from ..errors import ContextOverflow, ModelLoadError
from .base import CandidatePart, Message, Usage
from .candidates import Candidates
from .checkpoint import Checkpoint
from .cores import FreeCores
from .cpus import usable_cores
from .decode import Cancelled, Decoder
from .device import free_beside, load_placed, placed
from .draft_model import DraftModel
from .families import OWN_TEMPLATE, TemplateChoice
from .memory import available_memory
from .placement import Placement
from .prefix_cache import PrefixCache, tokens_to_keep, tokens_within
from .prepared import open_prepared
from .prepared_forms import Report
from .quantize import OwnBits
from .reply_text import Reply
from .sampling import Sampler
from .templates import ChatTemplate

if TYPE_CHECKING:
    from .plain_decode import PlainDecoder


class LocalModel:
    """An open model on this machine. Not thread-safe: one request at a time.

    `template` turns chats into tokens, `decoder` tokens into more of them; `computed` says in what, and by which weights.
    """

    def __init__(
        self,
        config: Any,
        tokenizer: PreTrainedTokenizerBase,
        max_window: int,
        decoder: Decoder | PlainDecoder,
        computed: Mapping[str, Any],
        *,
        choice: TemplateChoice = OWN_TEMPLATE,
    ) -> None:
        self._tokenizer = tokenizer
        self.template = ChatTemplate.of(tokenizer, config, choice)
        self._stop_tokens = self.template.stop_tokens()
        self._opens_thought = self.template.opens_thought()
        self.decoder = decoder
        self.computed = dict(computed)
        self._window = _window(max_window, config)
        if not self.decoder.is_sound():
            raise ModelLoadError("The model computes values that are not numbers; its files are damaged: fetch it again.")

    @classmethod
    def load(  # noqa: PLR0917 - each is a word of its own; the last three are named where they are given
        cls,
        path: Path,
        threads: int | None,
        cache_dir: Path,
        report: Report,
        max_window: int,
        device: str = "auto",
        choice: TemplateChoice = OWN_TEMPLATE,
        draft: Path | None = None,
    ) -> LocalModel:
        """Open the GGUF file or safetensors folder at `path`.

        On the CPU it computes with `threads` threads at most; None takes the physical cores that it may use. The quantised form
        is kept in `cache_dir`; `report` hears what goes on and how far it is, 0 to 1, where that is known. `device` is the
        setting of that name. At `draft` is a smaller model, which drafts on the CPU; one that has other tokens is not used, and
        that is reported. The window is no longer than half of the memory that is free then, there or on the cards, has room for.

        Raises:
            ModelLoadError: it cannot be used; the message says why and what to do.
        """
        cores = FreeCores(threads or usable_cores())
        checkpoint = Checkpoint.find(path)
        placement, weights = placed(device, checkpoint), {"weights": checkpoint.identity()}
        if placement.own_bits is None:
            report(f"Loading the model onto {placement.device}", None)
            model = load_placed(checkpoint, placement)
            from .plain_decode import PlainDecoder  # noqa: PLC0415 - its import takes seconds, and the CPU needs none of it

            window = _with_states(max_window, model.config, free_beside(model))
            computed = {**placement.computed, **weights}
            return cls(model.config, checkpoint.tokenizer(), window, PlainDecoder(model), computed, choice=choice)
        tokenizer, model = open_prepared(checkpoint, cache_dir, report, placement.own_bits, choice)
        drafting = _draft_model(Checkpoint.find(draft), tokenizer, cache_dir, report, placement.own_bits) if draft else None
        window = _with_states(max_window, model.config, available_memory())
        cache = PrefixCache(model.config.num_hidden_layers, tokens_to_keep(model.config, window))
        computed = {**Placement("cpu", 8 if model.precision.has_8 else 4).computed, **weights}
        return cls(model.config, tokenizer, window, Decoder(model, cache, cores, drafting), computed, choice=choice)

    @property
    def window(self) -> int:
        """Count the tokens that prompt and reply may have together."""
        return self._window

    def calibrate(self, interrupted: Callable[[], bool] = lambda: False) -> bool:
        """Time a little of what makes later replies faster; tell whether there was something left to time.

        It ends soon after `interrupted` says so.
        """
        return self.decoder.calibrate(interrupted)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text in the model's tokens, without template."""
        return [len(self.template.encode_text(text)) for text in texts]

    def generate(
        self,
        messages: Sequence[Message],
        sampling: SamplingParams,
        drafts: Sequence[str],
        cancelled: Callable[[], bool],
    ) -> Generator[str, None, Usage]:
        """Yield the reply's text as it comes; return what it cost, with stop reason "enough" after `cancelled`.

        Raises:
            ContextOverflow: the prompt leaves no room for a reply in the window.
        """
        start = time.perf_counter()
        prompt = self._prompt(messages)
        drafted = [self.template.encode_text(text) for text in drafts]
        reply = self._reply(prompt, sampling)
        steps = self.decoder.generate(prompt, Sampler(sampling), drafted, cancelled)
        try:
            yield from reply.read(steps)
        except Cancelled:
            reply.stop_reason = "enough"
        finally:
            steps.close()
        seconds = time.perf_counter() - start
        return Usage(len(prompt), self.decoder.cached_tokens, len(reply.tokens), seconds, reply.stop_reason)

    def candidates(
        self,
        conversations: Sequence[Sequence[Message]],
        samplings: Sequence[SamplingParams],
        enough: Callable[[int], bool],
        cancelled: Callable[[], bool],
    ) -> Iterator[CandidatePart]:
        """Yield the text of a reply to each conversation as it comes, and when one has ended what it cost.

        They are decoded as one batch, or where there is no room for the states of all, as several. `enough` names those that need
        not go on.

        Raises:
            ContextOverflow: a prompt leaves no room for a reply in the window.
        """
        prompts = [self._prompt(messages) for messages in conversations]
        lengths = [len(prompt) for prompt in prompts]
        replies = Candidates(list(map(self._reply, prompts, samplings)), lengths, enough)
        samplers = [Sampler(sampling) for sampling in samplings]
        try:
            for batch in self._batches(lengths, samplings):
                ended, read = partial(replies.ended, batch.start), replies.cached_tokens.append
                with closing(self.decoder.candidates(prompts[batch], samplers[batch], ended, cancelled, read)) as steps:
                    yield from replies.read(steps, batch.start)
        except Cancelled:
            yield from replies.cut()

    def _batches(self, prompt_tokens: Sequence[int], samplings: Sequence[SamplingParams]) -> Iterator[slice]:
        """Divide replies into batches that there is room for, of one reply at least."""
        first, taken, room = 0, 0, self.decoder.room()
        for place, (length, sampling) in enumerate(zip(prompt_tokens, samplings, strict=True)):
            needed = min(length + sampling.max_tokens, self._window)
            if place > first and taken + needed > room:
                yield slice(first, place)
                first, taken = place, 0
            taken += needed
        yield slice(first, len(prompt_tokens))

    def _prompt(self, messages: Sequence[Message]) -> list[int]:
        prompt = self.template.encode(messages)
        if len(prompt) >= self._window:
            raise ContextOverflow(
                f"The request takes {len(prompt)} tokens, but the model reads at most {self._window}; shorten it."
            )
        return prompt

    def _reply(self, prompt: Sequence[int], sampling: SamplingParams) -> Reply:
        longest = min(sampling.max_tokens, self._window - len(prompt))
        return Reply(self._tokenizer, self._stop_tokens, longest, in_thought=self._opens_thought)


def _with_states(max_window: int, config: Any, free: int) -> int:
    return min(_window(max_window, config), tokens_within(config, free))


def _window(most: int, config: Any) -> int:
    return min(most, int(config.max_position_embeddings))


def _draft_model(
    checkpoint: Checkpoint, tokenizer: PreTrainedTokenizerBase, cache_dir: Path, report: Report, bits: OwnBits
) -> DraftModel | None:
    """Open a smaller model for drafts; None where its tokens are others than those of `tokenizer`."""
    own_tokenizer, model = open_prepared(checkpoint, cache_dir, report, bits)
    if own_tokenizer.get_vocab() != tokenizer.get_vocab():
        report("The draft model has other tokens than the model, and is not used", None)
        return None
    return DraftModel(model)
