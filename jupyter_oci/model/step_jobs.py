"""A narrow step of all layers as jobs of a `Team`, made once: in a layer nothing is left to Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final

import numpy as np
import torch

from . import kernels
from .attention import whole_blocks
from .lean_layer import Layer, Part
from .prefix_cache import GrowingLayer
from .rowwise import Product, gate_job, places, rotation_job
from .team import Job, Team

_BEFORE: Final = 2  # jobs of a layer before the rotations, then come as many attentions, and then the others
# What changes, of the numbers of a rotation and of an attention: angles, the places of states, positions and sizes.
_ANGLES, _PLACES, _KEYS_AND_VALUES, _FIRST = slice(14, 16), slice(16, 19), slice(16, 18), 19
_SEEN, _ROOM, _SEEN_FIRST, _WINDOW, _STRIDES = slice(3, 5), 7, 11, 12, slice(15, 19)


class StepJobs:
    """Steps whose parts, each of another sequence, have `sizes` rows."""

    def __init__(self, compiled: Team, layers: Sequence[Layer], sizes: Sequence[int]) -> None:
        self._team, self._layers = compiled, layers
        self._parts = [slice(end - size, end) for size, end in zip(sizes, accumulate(sizes), strict=True)]
        num_rows, hidden, intermediate = sum(sizes), layers[0].down.linear4.out_features, layers[0].down.linear4.in_features
        (num_heads, num_groups), head_dim = layers[0].heads, layers[0].head_dim

        def rows(*shape: int) -> torch.Tensor:
            return torch.zeros(num_rows, *shape, dtype=torch.bfloat16)

        self._kept, self._product, self._normal, self._gated = rows(hidden), rows(hidden), rows(hidden), rows(intermediate)
        self._gate_up, self._heads = rows(2 * intermediate), rows((num_heads + 2 * num_groups) * head_dim)
        self._queries, self._attended = rows(num_heads, head_dim), rows(num_heads, head_dim)
        self._table = np.empty((0, 0, 0), np.int64)
        self._layout = 0, 0

    def run(
        self, embedded: torch.Tensor, parts: Sequence[Part], before_layer: Callable[[], None]
    ) -> tuple[torch.Tensor, Product]:
        """Compute a step; give what `Layer` does of the last layer, in tensors that the next step overwrites."""
        self._kept.zero_()
        self._product.copy_(embedded)
        longest = max(part.seen.end for part in parts)
        self._settle(self._room_bytes(longest))
        for number, part in enumerate(parts):
            self._fill_in(number, part)
        address, size = self._table.ctypes.data, self._table.strides[0]
        for index in range(len(self._layers)):
            before_layer()
            assert self._layout == self._team.layout, "jobs compute where other things are by now"
            self._team.run_all(address + index * size, self._table.shape[1])
        return self._kept, Product(self._product, None, self._layers[-1].down.linear4.bias)

    def _settle(self, room_bytes: int) -> None:
        """Make the jobs, where there are none yet or what they compute in has another place since."""
        self._team.room(room_bytes * self._team.most_threads)
        while self._layout != (layout := self._team.layout):
            biases = [None, *(layer.down.linear4.bias for layer in self._layers)]
            jobs = [self._jobs(layer, bias) for layer, bias in zip(self._layers, biases, strict=False)]
            self._table = np.array([[_whole(job) for job in layer] for layer in jobs], np.int64)
            self._layout = layout

    def _jobs(self, layer: Layer, bias: torch.Tensor | None) -> list[Job]:
        """Give a layer's jobs; `bias` is that of the product before it."""
        team, product, output = self._team, self._product, layer.output.linear4
        attended = self._attended.flatten(1)
        before_mlp = layer.before_mlp.job(team, self._kept, Product(product, None, output.bias), self._normal)
        return [
            layer.before_attention.job(team, self._kept, Product(product, None, bias), self._normal),
            layer.qkv.linear4.job(team, self._normal, self._heads),
            *(self._rotation(layer, rows) for rows in self._parts),
            *(self._attention(layer, rows) for rows in self._parts),
            output.job(team, attended, product),
            before_mlp,
            layer.gate_up.linear4.job(team, self._normal, self._gate_up),
            gate_job(team, Product(self._gate_up, None, layer.gate_up.linear4.bias), self._gated),
            layer.down.linear4.job(team, self._gated, product),
        ]

    def _rotation(self, layer: Layer, rows: slice) -> Job:
        product = Product(self._heads[rows], None, layer.qkv.linear4.bias)
        nowhere = self._kept, self._kept
        return rotation_job(self._team, product, nowhere, self._queries[rows], layer.heads[1])

    def _attention(self, layer: Layer, rows: slice) -> Job:
        none = torch.empty(layer.heads[1], 0, 0, dtype=torch.bfloat16)
        return self._team.attention(self._queries[rows], (none, none), self._attended[rows], 0, 0, layer.scaling)

    def _fill_in(self, number: int, part: Part) -> None:
        """Say in all layers where a part's states are, making room for new ones."""
        rotations, attentions = (self._table[:, _BEFORE + number + behind] for behind in (0, len(self._parts)))
        (_, num_groups), head_dim = self._layers[0].heads, self._layers[0].head_dim
        growing = part.states.growing
        for states in growing:
            states.extend(part.seen.end - part.seen.start, num_groups, head_dim)
        rotations[:, _ANGLES] = [tensor.data_ptr() for tensor in part.rotation]
        rotations[:, _PLACES] = list(map(places, growing))
        rotations[:, _FIRST] = attentions[:, _SEEN_FIRST] = part.seen.start
        attentions[:, _SEEN] = rotations[:, _KEYS_AND_VALUES]
        attentions[:, _ROOM] = self._room_bytes(part.seen.end)
        attentions[:, _WINDOW] = part.seen.end
        attentions[:, _STRIDES] = [_strides(states, head_dim) for states in growing]  # after a stop not all may have grown alike

    def _room_bytes(self, num_states: int) -> int:
        return kernels.attention_room(kernels.HEADS_TOGETHER, self._layers[0].head_dim, whole_blocks(num_states))


def _strides(states: GrowingLayer, head_dim: int) -> list[int]:
    """Give the bytes from a group of keys to the next, and from a dimension; from a group of values, and from a state."""
    capacity = states.values.shape[-2]
    return [2 * head_dim * capacity, 2 * capacity, 2 * capacity * head_dim, 2 * head_dim]


def _whole(job: Job) -> list[int]:
    return [*job, *[0] * (kernels.NUM_ARGUMENTS - len(job))]
