"""Choose the next token from logits: greedy, or a seeded draw at a temperature from the nucleus."""

from __future__ import annotations

import torch

from ..config import SamplingParams


class Sampler:
    """Draws one token a call; the same seed and logits give the same tokens, drafted or not."""

    def __init__(self, sampling: SamplingParams) -> None:
        self._sampling = sampling
        self._generator = torch.Generator()
        if sampling.seed is None:
            self._generator.seed()
        else:
            self._generator.manual_seed(sampling.seed % (1 << 63))

    @property
    def greedy(self) -> bool:
        """Tell whether the likeliest token is always taken."""
        return self._sampling.temperature == 0

    def choose(self, logits: torch.Tensor) -> int:
        """Give a token id for fp32 logits `[vocabulary]`."""
        if self.greedy:
            return int(logits.argmax())
        probabilities, tokens = (logits / self._sampling.temperature).softmax(-1).sort(descending=True)
        before = probabilities.cumsum(-1) - probabilities
        probabilities = probabilities.masked_fill(before >= self._sampling.top_p, 0)
        return int(tokens[torch.multinomial(probabilities, 1, generator=self._generator)])
