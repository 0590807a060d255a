from __future__ import annotations

import torch

from jupyter_oci.model.prefix_cache import KeyValues, PrefixCache


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
    cache = PrefixCache(2, max_bytes=1 << 20)
    cache.put([1, 2, 3], states_of([1, 2, 3]))
    cache.put([1, 9, 8], states_of([1, 9, 8]))
    taken = cache.take([1, 2, 7, 7])
    assert held(taken) == [1, 2]
    _append(taken, [7, 7])
    assert held(cache.take([1, 2, 3, 4])) == [1, 2, 3]


def test_one_token_is_always_left_to_compute() -> None:
    cache = PrefixCache(2, max_bytes=1 << 20)
    cache.put([1, 2, 3], states_of([1, 2, 3]))
    assert held(cache.take([1, 2, 3])) == [1, 2]


def test_states_fall_back_to_the_tokens_they_are_kept_for() -> None:
    cache = PrefixCache(2, max_bytes=1 << 20)
    cache.put([1, 2], states_of([1, 2, 3]))
    assert held(cache.take([1, 2, 3, 4])) == [1, 2]


def test_the_oldest_goes_when_there_are_too_many_or_too_large() -> None:
    one = states_of([1]).nbytes()
    for cache in (PrefixCache(2, max_bytes=1 << 20, max_entries=2), PrefixCache(2, max_bytes=2 * one)):
        for token in (1, 2, 3):
            cache.put([token, 0], states_of([token, 0]))
        assert cache.nbytes() <= 2 * one
        assert [cache.take([token, 0, 5]).get_seq_length() for token in (1, 2, 3)] == [0, 2, 2]


def test_a_prompt_with_nothing_in_common_makes_no_entry_look_used() -> None:
    cache = PrefixCache(2, max_bytes=1 << 20, max_entries=2)
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


def test_layers_left_at_different_lengths_fall_back_together() -> None:
    states = states_of([1, 2, 3])
    values = torch.ones(1, 2, 1, 4)
    states.update(values, values, 0)
    states.truncate(2)
    assert [layer.get_seq_length() for layer in states.layers] == [2, 2]
