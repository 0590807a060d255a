"""The forward of Llama-like models without the modules of transformers: what these compute, in few operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import torch
from torch.nn import functional

from .attention import LANES, NARROW_ROWS, Rows
from .lean_layer import Part
from .lean_model import LeanModel
from .prefix_cache import KeyValues
from .rowwise import Product, Rotation
from .step_jobs import StepJobs
from .team import team

_POSITIONS: Final = 1024  # cosines and sines are computed for this many at a time


class LeanForward:
    """Runs a model; `before_layer` is called before each layer and may raise."""

    batches = True

    def __init__(self, model: LeanModel, before_layer: Callable[[], None]) -> None:
        self._before_layer = before_layer
        self._embed, self._layers, self._norm, self._head = model.embed, model.layers, model.norm, model.head
        self._jobs: dict[tuple[int, ...], StepJobs] = {}
        self._rotations = _Rotations(model.frequencies)

    def __call__(self, tokens: torch.Tensor, states: KeyValues, keep: int) -> torch.Tensor:
        """Compute a step; see `Forward`."""
        return self._run(tokens, [self._part(states, 0, len(tokens))], keep)

    def side_by_side(self, tokens: torch.Tensor, sequences: Sequence[KeyValues]) -> torch.Tensor:
        """Compute a step of several sequences; see `Forward`."""
        return self._run(tokens, [self._part(states, row, row + 1) for row, states in enumerate(sequences)], len(tokens))

    def _part(self, states: KeyValues, first: int, last: int) -> Part:
        start = states.get_seq_length()
        seen = Rows(start, start + last - first)
        return Part(slice(first, last), seen, self._rotations.of(seen), states)

    def _run(self, tokens: torch.Tensor, parts: Sequence[Part], keep: int) -> torch.Tensor:
        embedded = functional.embedding(tokens, self._embed)
        if jobs := self._jobs_for(parts):
            x, product = jobs.run(embedded, parts, self._before_layer)
        else:
            x, product = self._through_layers(embedded, parts, all_of_last=keep > 0)
        if keep == 0:
            return x.new_empty(0, len(self._embed))
        rows = slice(len(tokens) - keep, len(tokens))
        normed = self._norm.of_sum(x[rows], product.of_rows(rows), as_codes=False)
        assert isinstance(normed, torch.Tensor), "it was not asked for as codes"
        return self._head(normed)

    def _through_layers(
        self, embedded: torch.Tensor, parts: Sequence[Part], *, all_of_last: bool
    ) -> tuple[torch.Tensor, Product]:
        """Do one layer after the other; of the last one no more than its states, where nothing else of it is asked for."""
        x, product = torch.zeros_like(embedded), Product(embedded)
        *others, last = self._layers
        for layer in others:
            self._before_layer()
            product = layer(x, product, parts)
        self._before_layer()
        if all_of_last:
            return x, last(x, product, parts)
        last.append(x, product, parts)
        return x, product

    def _jobs_for(self, parts: Sequence[Part]) -> StepJobs | None:
        """Give the jobs of a step that is for the team alone."""
        sizes = tuple(part.rows.stop - part.rows.start for part in parts)
        layer = self._layers[0]
        if (compiled := team()) is None or sum(sizes) > NARROW_ROWS or layer.qkv.takes_codes or layer.head_dim % LANES:
            return None
        if sizes not in self._jobs:
            self._jobs[sizes] = StepJobs(compiled, self._layers, sizes)
        return self._jobs[sizes]


class _Rotations:
    """Cosines and sines of positions, `[positions, 1, head_dim]` each, the sines with the sign that a rotated half takes."""

    def __init__(self, frequencies: torch.Tensor) -> None:
        self._frequencies = frequencies
        self._cosines, self._sines = self._compute(0, _POSITIONS)

    def of(self, rows: Rows) -> Rotation:
        """Give those of the positions of `rows`."""
        while (known := len(self._cosines)) < rows.end:
            cosines, sines = self._compute(known, known + _POSITIONS)
            self._cosines, self._sines = torch.cat((self._cosines, cosines)), torch.cat((self._sines, sines))
        return self._cosines[rows.start : rows.end], self._sines[rows.start : rows.end]

    def _compute(self, start: int, end: int) -> Rotation:
        angles = torch.arange(start, end, dtype=torch.float32)[:, None] * self._frequencies
        sines = angles.sin().bfloat16()
        return torch.cat((angles, angles), dim=-1).cos().bfloat16()[:, None], torch.cat((-sines, sines), dim=-1)[:, None]
