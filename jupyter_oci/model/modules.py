"""Transformers' own modules, for any architecture: built of prepared weights, and run."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from accelerate import init_empty_weights
from transformers import AttentionInterface, AttentionMaskInterface, AutoModelForCausalLM, Cache

from .attention import Rows, attend
from .checkpoint import Checkpoint
from .cores import one_at_a_time_a_thread
from .prefix_cache import KeyValues
from .prepared_weights import PreparedWeights
from .quantize import linears

_ATTENTION: Final = "growing_states"


class TransformersForward:
    """Runs the modules of transformers; `before_layer` is called before each layer and may raise."""

    batches = False

    def __init__(self, model: Any, before_layer: Callable[[], None]) -> None:
        self._model = model
        parameters = inspect.signature(model.forward).parameters
        self._states_name = "cache" if "cache" in parameters else "past_key_values"  # its name before transformers 5.24
        for layer in model.get_decoder().layers:
            layer.register_forward_pre_hook(lambda *_: before_layer())

    def __call__(self, tokens: torch.Tensor, states: KeyValues, keep: int) -> torch.Tensor:
        """Compute a step; see `Forward`."""
        output = self._model(tokens[None], use_cache=True, logits_to_keep=max(keep, 1), **{self._states_name: states})
        logits: torch.Tensor = output.logits[0]
        return logits if keep else logits[:0]

    def batch(self, tokens: torch.Tensor, mask: torch.Tensor, states: Cache) -> torch.Tensor:
        """Append int64 `[n, rows]` to the `n` sequences in `states`; give the logits after each, `[n, vocabulary]`.

        `mask`, int64 `[n, length]`, is 0 where a sequence is filled up from the left, of what is in the states and what is new.
        """
        places = (mask.cumsum(-1) - 1).clamp(min=0)[:, -tokens.shape[1] :]
        given = {"attention_mask": mask, "position_ids": places, self._states_name: states}
        logits: torch.Tensor = self._model(tokens, use_cache=True, logits_to_keep=1, **given).logits
        return logits[:, -1]

    def side_by_side(self, tokens: torch.Tensor, sequences: Sequence[KeyValues]) -> torch.Tensor:
        """Compute one sequence after another: transformers would have all states in one tensor; see `Forward`."""
        return torch.cat([self(token[None], states, 1) for token, states in zip(tokens, sequences, strict=True)])


def modules_of(weights: PreparedWeights, folder: Path) -> Any:
    """Build the model that the configuration in `folder` describes; its linear layers are quantised ones.

    Raises:
        DamagedWeights: they are not what was written.
        ModelLoadError: the configuration cannot be used.
    """
    with init_empty_weights(include_buffers=False):
        model: Any = AutoModelForCausalLM.from_config(  # type: ignore[no-untyped-call]
            Checkpoint(folder).config(), dtype=torch.bfloat16, attn_implementation=_ATTENTION, trust_remote_code=False
        )
    layers = [name for name, _ in linears(model)]
    with one_at_a_time_a_thread() as pool:
        for name, linear in zip(layers, pool.map(weights.linear, layers), strict=True):
            model.set_submodule(name, linear)
    # A bias is in the state too, but no longer in the model.
    rest: dict[str, torch.Tensor] = {name: weights.tensor(name) for name in model.state_dict()}
    model.load_state_dict(rest, strict=True, assign=True)
    model.precision = weights.precision
    return model.eval()


def _attend_in_transformers(  # noqa: PLR0917 - the signature is that of transformers
    _module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    _attention_mask: None,
    scaling: float,
    position_ids: torch.Tensor,
    sliding_window: int | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attend from the rows at `position_ids` `[1, rows]`; gives `[1, rows, heads, head_dim]`."""
    start = int(position_ids[0, 0])
    rows = Rows(start, start + query.shape[2], sliding_window)
    return attend(query, key, value, rows, scaling).transpose(1, 2).contiguous(), None


def _no_mask(*_: Any, **__: Any) -> None:
    """Spare transformers the mask: it is made from the positions."""


AttentionInterface.register(_ATTENTION, _attend_in_transformers)
AttentionMaskInterface.register(_ATTENTION, _no_mask)
