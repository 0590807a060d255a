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
        probabilities = (logits / self._sampling.temperature).softmax(-1)
        if self._sampling.top_p == 1:
            return self._drawn(probabilities)
        probabilities, tokens = probabilities.sort(descending=True)  # takes as long as half a step of a small model
        before = probabilities.cumsum(-1) - probabilities
        return int(tokens[self._drawn(probabilities.masked_fill(before >= self._sampling.top_p, 0))])

    def _drawn(self, weights: torch.Tensor) -> int:
        """Draw a place, each as likely as its weight is great, fp32 `[n]`."""
        sums = weights.cumsum(-1, dtype=torch.float64)
        part = 1 - torch.rand(1, dtype=torch.float64, generator=self._generator)  # above 0: a weight of 0 is never drawn
        return int(torch.searchsorted(sums, part * sums[-1]))
