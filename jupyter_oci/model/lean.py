"""The forward of Llama-like models without the modules of transformers: the same values, bit for bit, in fewer operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch.nn import functional

from .attention import Rows, attend
from .cores import one_at_a_time_a_thread
from .prefix_cache import KeyValues
from .quantize import QuantizedLinear

_FAMILIES: Final = ("llama", "qwen2")
_FIXED_ROTATIONS: Final = ("default", "linear", "llama3")  # others change with the length of the sequence
_POSITIONS: Final = 1024  # cosines and sines are computed for this many at a time


class LeanForward:
    """Runs a quantised model of `_FAMILIES`; `before_layer` is called before each layer and may raise.

    Takes the linear layers out of `model`, which cannot be called any more.
    """

    def __init__(self, model: Any, before_layer: Callable[[], None]) -> None:
        decoder = model.get_decoder()
        self._before_layer = before_layer
        self._embed = decoder.embed_tokens.weight
        with one_at_a_time_a_thread() as pool:
            self._layers = list(pool.map(lambda layer: _Layer(layer, model.config), decoder.layers))
        self._norm = _Norm(decoder.norm)
        self._head = model.lm_head
        self._rotations = _Rotations(decoder.rotary_emb, self._embed)

    @staticmethod
    def fits(model: Any) -> bool:
        """Tell whether `model` is of a form that is computed here."""
        config = model.config
        if config.model_type not in _FAMILIES or config.hidden_act != "silu":
            return False
        plain = set(getattr(config, "layer_types", None) or ()) <= {"full_attention"}
        fixed = config.rope_parameters["rope_type"] in _FIXED_ROTATIONS
        return plain and fixed and all(map(_is_quantized, model.get_decoder().layers))

    def __call__(self, tokens: torch.Tensor, states: KeyValues, keep: int) -> torch.Tensor:
        """Compute a step; see `Forward`."""
        return self._run(tokens, [_Sequence.of(states, 0, len(tokens))], keep)

    def side_by_side(self, tokens: torch.Tensor, sequences: Sequence[KeyValues]) -> torch.Tensor:
        """Compute a step of several sequences; see `Forward`."""
        return self._run(tokens, [_Sequence.of(states, row, row + 1) for row, states in enumerate(sequences)], len(tokens))

    def _run(self, tokens: torch.Tensor, sequences: list[_Sequence], keep: int) -> torch.Tensor:
        cosines, sines = zip(*(self._rotations.of(sequence.seen) for sequence in sequences), strict=True)
        rotation = (cosines[0], sines[0]) if len(sequences) == 1 else (torch.cat(cosines), torch.cat(sines))
        x = functional.embedding(tokens, self._embed)
        for index, layer in enumerate(self._layers):
            self._before_layer()
            x = layer(x, rotation, sequences, index)
        logits: torch.Tensor = self._head(self._norm(x[-keep:]))
        return logits


Rotation = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True, slots=True)
class _Sequence:
    """The rows of a step that belong to one sequence: where they are, what they see, and the states that they read."""

    rows: slice
    seen: Rows
    states: KeyValues

    @classmethod
    def of(cls, states: KeyValues, first: int, last: int) -> _Sequence:
        start = states.get_seq_length()
        end = start + last - first
        return cls(slice(first, last), Rows(start, end), states)


class _Layer:
    """Attention and feed-forward of one layer, the `index`th; rows are `[rows, hidden]`."""

    def __init__(self, layer: Any, config: Any) -> None:
        attention, mlp = layer.self_attn, layer.mlp
        self._num_heads, self._num_groups = config.num_attention_heads, config.num_key_value_heads
        self._head_dim, self._scaling = attention.head_dim, attention.scaling
        self._before_attention, self._before_mlp = _Norm(layer.input_layernorm), _Norm(layer.post_attention_layernorm)
        self._qkv = _fused(attention, "q_proj", "k_proj", "v_proj")
        self._gate_up = _fused(mlp, "gate_proj", "up_proj")
        self._output, self._down = attention.o_proj, mlp.down_proj
        for linear in (self._qkv, self._gate_up, self._output, self._down):
            linear.prepare()

    def __call__(self, x: torch.Tensor, rotation: Rotation, sequences: list[_Sequence], index: int) -> torch.Tensor:
        x = x + self._attention(self._before_attention(x), rotation, sequences, index)
        gate, up = self._gate_up(self._before_mlp(x)).chunk(2, dim=-1)
        down: torch.Tensor = self._down(functional.silu(gate) * up)
        return x + down

    def _attention(self, x: torch.Tensor, rotation: Rotation, sequences: list[_Sequence], index: int) -> torch.Tensor:
        rotated = self._num_heads + self._num_groups
        heads = self._qkv(x).view(len(x), -1, self._head_dim)
        query_key = _rotate(heads[:, :rotated], rotation).transpose(0, 1)[None]
        value = heads[:, rotated:].transpose(0, 1)[None]
        query, key = query_key[:, : self._num_heads], query_key[:, self._num_heads :]
        parts = []
        for sequence in sequences:
            rows, states = sequence.rows, sequence.states.growing[index]
            known = states.update(key[:, :, rows], value[:, :, rows])
            parts.append(attend(query[:, :, rows], *known, sequence.seen, self._scaling)[0])
        attended = parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)
        output: torch.Tensor = self._output(attended.transpose(0, 1).reshape(len(x), -1))
        return output


class _Norm:
    """Root mean square normalisation, rounded where transformers rounds it."""

    def __init__(self, norm: Any) -> None:
        self._weight, self._epsilon = norm.weight.detach(), norm.variance_epsilon

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        wide = x.float()
        scale = wide.square().mean(-1, keepdim=True).add_(self._epsilon).rsqrt_()
        normal: torch.Tensor = wide.mul_(scale).to(x.dtype) * self._weight
        return normal


class _Rotations:
    """Cosines and sines of positions, `[positions, 1, head_dim]` each, the sines with the sign that a rotated half takes."""

    def __init__(self, rotary: Any, like: torch.Tensor) -> None:
        self._rotary, self._like = rotary, like[:1, None]
        self._cosines, self._sines = self._compute(0, _POSITIONS)

    def of(self, rows: Rows) -> Rotation:
        """Give those of the positions of `rows`."""
        while (known := len(self._cosines)) < rows.end:
            cosines, sines = self._compute(known, known + _POSITIONS)
            self._cosines, self._sines = torch.cat((self._cosines, cosines)), torch.cat((self._sines, sines))
        return self._cosines[rows.start : rows.end], self._sines[rows.start : rows.end]

    def _compute(self, start: int, end: int) -> Rotation:
        cosines, sines = self._rotary(self._like, torch.arange(start, end)[None])
        first, second = sines[0, :, None].chunk(2, dim=-1)
        return cosines[0, :, None], torch.cat((-first, second), dim=-1)


def _rotate(heads: torch.Tensor, rotation: Rotation) -> torch.Tensor:
    """Turn `[rows, heads, head_dim]` by the angles of its rows."""
    cosines, sines = rotation
    first, second = heads.chunk(2, dim=-1)
    return (heads * cosines).add_(torch.cat((second, first), dim=-1).mul_(sines))


def _fused(module: Any, *names: str) -> QuantizedLinear:
    """Take linear layers with the same input out of `module`, as one."""
    linear = QuantizedLinear.fused([getattr(module, name) for name in names])
    for name in names:
        delattr(module, name)  # their memory
    return linear


def _is_quantized(layer: Any) -> bool:
    attention, mlp = layer.self_attn, layer.mlp
    linears = (attention.q_proj, attention.k_proj, attention.v_proj, attention.o_proj, mlp.gate_proj, mlp.up_proj, mlp.down_proj)
    return all(isinstance(linear, QuantizedLinear) for linear in linears)
