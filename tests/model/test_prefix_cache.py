from __future__ import annotations

import torch
from transformers import LlamaConfig, Starcoder2Config

from jupyter_oci.model.prefix_cache import KeyValues, PrefixCache, token_bytes, tokens_to_keep, tokens_within


def states_of(tokens: list[int]) -> KeyValues:
    states = KeyValues.empty(2)
    _append(states, tokens)
    return states


def _append(states: KeyValues, tokens: list[int]) -> None:
    values = torch.tensor(tokens, dtype=torch.float32).view(1, 1, -1, 1).expand(1, 2, -1, 4)
    for layer in range(2):
        states.update(values, -values, layer)


def held(states: KeyValues) -> list[int]:
    return [int(value) for value in states.layers[1].keys[0, 1, 3, : states.get_seq_length()]]


def test_the_longest_common_prefix_is_found_and_copied() -> None:
    cache = PrefixCache(2, max_tokens=1 << 20)
    cache.put([1, 2, 3], states_of([1, 2, 3]))
    cache.put([1, 9, 8], states_of([1, 9, 8]))
    taken = cache.take([1, 2, 7, 7])
    assert held(taken) == [1, 2]
    _append(taken, [7, 7])
    assert held(cache.take([1, 2, 3, 4])) == [1, 2, 3]


def test_one_token_is_always_left_to_compute() -> None:
    cache = PrefixCache(2, max_tokens=1 << 20)
    cache.put([1, 2, 3], states_of([1, 2, 3]))
    assert held(cache.take([1, 2, 3])) == [1, 2]


def test_states_fall_back_to_the_tokens_they_are_kept_for() -> None:
    cache = PrefixCache(2, max_tokens=1 << 20)
    cache.put([1, 2], states_of([1, 2, 3]))
    assert held(cache.take([1, 2, 3, 4])) == [1, 2]


def test_the_oldest_goes_when_there_are_too_many_or_too_large() -> None:
    one = states_of([1]).capacity
    for cache in (PrefixCache(2, max_tokens=1 << 20, max_entries=2), PrefixCache(2, max_tokens=2 * one + 3)):
        for token in (1, 2, 3):
            cache.put([token, 0], states_of([token, 0]))
        assert cache.num_tokens() <= 2 * one
        assert [cache.take([token, 0, 5]).get_seq_length() for token in (1, 2, 3)] == [0, 2, 2]


def test_the_newest_stays_however_large_it_is() -> None:
    cache = PrefixCache(2, max_tokens=1)
    for token in (1, 2):
        cache.put([token, 0], states_of([token, 0]))
        assert held(cache.take([token, 0, 5])) == [token, 0]


def test_of_what_there_is_no_room_for_twice_the_common_part_moves_out() -> None:
    one = states_of([1]).capacity
    cache = PrefixCache(2, max_tokens=one + 3)
    cache.put([1, 2, 3], states_of([1, 2, 3]))
    assert held(cache.take([1, 2, 7])) == [1, 2]
    assert cache.num_tokens() == one, "there was room for both"
    assert held(cache.take([1, 2, 7, 7])) == [1, 2]
    assert cache.num_tokens() == 0


def test_room_is_made_for_a_prompt_before_it_is_read() -> None:
    one = states_of([1]).capacity
    cache = PrefixCache(2, max_tokens=2 * one)
    for token in (1, 2):
        cache.put([token, 0], states_of([token, 0]))
    cache.take([9] * one)
    assert [cache.take([token, 0, 5]).get_seq_length() for token in (1, 2)] == [0, 2]


def test_what_was_stopped_before_its_first_token_takes_no_place() -> None:
    cache = PrefixCache(2, max_tokens=1 << 20, max_entries=1)
    cache.put([1, 2], states_of([1, 2]))
    cache.put([], KeyValues.empty(2))
    assert held(cache.take([1, 2, 3])) == [1, 2]


def test_a_prompt_with_nothing_in_common_makes_no_entry_look_used() -> None:
    cache = PrefixCache(2, max_tokens=1 << 20, max_entries=2)
    for token in (1, 2):
        cache.put([token, 0], states_of([token, 0]))
    assert cache.take([9, 9]).get_seq_length() == 0
    cache.put([3, 0], states_of([3, 0]))
    assert [cache.take([token, 0, 5]).get_seq_length() for token in (1, 2)] == [0, 2]


def test_buffers_grow_without_losing_anything() -> None:
    states = KeyValues.empty(2)
    for start in range(0, 1000, 10):
        _append(states, [number % 256 for number in range(start, start + 10)])
    assert held(states) == [number % 256 for number in range(1000)]
    assert states.capacity <= 1000 * 1.25 + 256


def test_layers_left_at_different_lengths_fall_back_together() -> None:
    states = states_of([1, 2, 3])
    values = torch.ones(1, 2, 1, 4)
    states.update(values, values, 0)
    states.truncate(2)
    assert [layer.get_seq_length() for layer in states.layers] == [2, 2]


def sizes(layers: int, groups: int, head_dim: int) -> LlamaConfig:
    return LlamaConfig(num_hidden_layers=layers, num_attention_heads=32, num_key_value_heads=groups, head_dim=head_dim)


def test_half_of_the_free_memory_bounds_a_conversation_and_the_states_of_a_window_are_kept() -> None:
    large = sizes(32, 32, 128)  # DeepSeek-Coder 6.7B
    assert token_bytes(large) == 512 << 10
    assert tokens_within(large, free=6 << 30) == 6144
    assert tokens_within(large, free=0) == 1024
    assert tokens_to_keep(large, 6144) == 6144
    small = sizes(24, 2, 64)  # Qwen2.5-Coder 0.5B
    assert tokens_to_keep(small, 16384) == (512 << 20) // token_bytes(small)


def test_a_configuration_may_leave_the_size_of_a_head_to_be_computed() -> None:
    config = Starcoder2Config(num_hidden_layers=2, num_attention_heads=8, num_key_value_heads=4, hidden_size=256)
    assert token_bytes(config) == 2 * 4 * 32 * 2 * 2
