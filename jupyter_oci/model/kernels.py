"""What torch is slow at on a CPU: products with 4-bit weights, attention of few rows, what 8-bit products need around them.

Each is divided into shares, which threads take one by one. A row is computed the same whatever else there is in the step.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .bfloat import bfloat_of, float_of
from .compiled_code import carray, compiled, compiled_with_sums_in_any_order
from .simd import (
    BLOCK,
    GROUP,
    GROUP_BYTES,
    add_shared,
    as_bits,
    as_float,
    lanes,
    pause,
    pointer,
    read_shared,
    replace_shared,
    tile,
    weighted_sum,
    write_shared,
)

STATE_BLOCK: Final = 64  # states that are read together
PRODUCT, ATTENTION, ROUNDING, SCALING = range(4)

# The control block: int64 numbers, those that threads wait for in a cache line each. A ticket is the number of the job, and below
# it how many of its shares nobody has taken yet.
TICKET, DONE, HELPERS, ARGUMENTS = 0, 64, 128, 192
NUM_ARGUMENTS: Final = 20
CONTROL_BYTES: Final = ARGUMENTS + 8 * NUM_ARGUMENTS
_TICKET_BITS: Final = 16
MOST_SHARES: Final = (1 << _TICKET_BITS) - 1

_LANES: Final = lanes() or BLOCK
_CACHED_ROWS: Final = 64  # multiplied by all weights before the next: their inputs stay in the cache
_ROWS: Final = 4  # multiplied together: weights are read from memory once for all rows, and from the cache once for so many
_LOG2_E: Final = np.float32(1.44269504)
_EXPONENTIAL: Final = tuple(np.float32(np.log(2) ** power / np.prod(range(1, power + 1))) for power in range(7, -1, -1))
_LOWEST_EXPONENT: Final = np.float32(-126)
_INFINITE: Final = np.int32(0x7F80)  # as bf16; above it there are no numbers
_TINY: Final = np.float32(1e-30)


@compiled
def _quantize_inputs(inputs: int, codes: int, factors: int, num_groups: int) -> None:
    """Round groups of bf16 to codes from -127 to 127, with their scale and their sum times it."""
    values, rounded = (
        carray(pointer(inputs), (num_groups, GROUP), np.uint16),
        carray(pointer(codes), (num_groups, GROUP), np.int8),
    )
    kept = carray(pointer(factors), (num_groups, 2), np.float32)
    for group in range(num_groups):
        greatest = np.int32(0)
        for index in range(GROUP):
            greatest = max(greatest, np.int32(values[group, index]) & np.int32(0x7FFF))
        top, total = float_of(greatest), np.int32(0)
        levels = np.float32(127) / max(top, _TINY)
        for index in range(GROUP):
            code = np.int32(np.rint(float_of(values[group, index]) * levels))
            rounded[group, index] = code
            total += code
        scale = top / np.float32(127)
        kept[group, 0], kept[group, 1] = scale, scale * np.float32(total)


@compiled
def _multiply(arguments: Any, share: int) -> None:
    """Multiply all rows by the share's blocks of weights."""
    _, num_shares, weights, scales, codes, factors, outputs, num_groups, num_blocks, num_rows = arguments[:10]
    sizes = (num_groups * GROUP, num_groups * 8, num_blocks * BLOCK * 2, num_groups)
    blocks = share * num_blocks // num_shares, (share + 1) * num_blocks // num_shares
    for first in range(0, num_rows, _CACHED_ROWS):
        end = min(first + _CACHED_ROWS, num_rows)
        for block in range(blocks[0], blocks[1]):
            for lane in range(0, BLOCK, _LANES):
                tile_weights = weights + block * num_groups * GROUP_BYTES + 4 * lane
                tile_scales = scales + block * num_groups * 4 * BLOCK + 2 * lane
                tile_outputs, row = outputs + 2 * (block * BLOCK + lane), first
                while row + _ROWS <= end:
                    inputs = (codes + row * sizes[0], factors + row * sizes[1])
                    tile(tile_weights, tile_scales, inputs, sizes, tile_outputs + row * sizes[2], 4)
                    row += _ROWS
                while row < end:
                    inputs = (codes + row * sizes[0], factors + row * sizes[1])
                    tile(tile_weights, tile_scales, inputs, sizes, tile_outputs + row * sizes[2], 1)
                    row += 1


@compiled
def _attend(arguments: Any, share: int, thread: int) -> None:
    """Attend from one row with one head."""
    _, _, queries, keys, values, outputs, scratch, scratch_bytes, num_heads, num_groups, head_dim, first, window = arguments[:13]
    query_row, query_head, key_group, key_dim, value_group, value_state, scaling = arguments[13:20]
    row, head = share // num_heads, share % num_heads
    group, end = head * num_groups // num_heads, first + row + 1
    start = max(0, end - window) // STATE_BLOCK * STATE_BLOCK
    query_at, room = queries + row * query_row + head * query_head, scratch + thread * scratch_bytes
    query, scaled = carray(pointer(query_at), head_dim, np.uint16), carray(pointer(room), head_dim, np.float32)
    for index in range(head_dim):
        scaled[index] = float_of(query[index]) * as_float(np.uint32(scaling))
    scores_at = room + 4 * head_dim
    for state in range(start, end, STATE_BLOCK):
        weighted_sum(room, keys + group * key_group + 2 * state, key_dim, head_dim, scores_at + 4 * (state - start), 64)
    scores = carray(pointer(scores_at), end - start, np.float32)
    scores[: max(0, end - window) - start] = -np.inf
    total = _exponentials(scores)
    values_at = values + group * value_group + start * value_state
    result = carray(pointer(outputs + 2 * share * head_dim), head_dim, np.uint16)
    for column in range(0, head_dim, 16):
        weighted_sum(scores_at, values_at + 2 * column, value_state, end - start, room + 4 * column, 16)
    for index in range(head_dim):
        result[index] = bfloat_of(scaled[index] / total)


@compiled
def _round_rows(arguments: Any, share: int) -> None:
    """Round each row of bf16 to codes from 1 to 255, 128 for zero; keep its greatest value."""
    _, num_shares, inputs, codes, greatest, num_columns, num_rows = arguments[:7]
    kept = carray(pointer(greatest), num_rows, np.float32)
    for row in range(share * num_rows // num_shares, (share + 1) * num_rows // num_shares):
        values = carray(pointer(inputs + 2 * row * num_columns), num_columns, np.uint16)
        rounded, top = carray(pointer(codes + row * num_columns), num_columns, np.uint8), np.int32(0)
        for index in range(num_columns):
            top = max(top, np.int32(values[index]) & np.int32(0x7FFF))
        kept[row] = max(float_of(top), _TINY) if top <= _INFINITE else np.float32(np.nan)
        levels = np.float32(127) / kept[row]
        for index in range(num_columns):
            rounded[index] = np.uint8(np.int32(float_of(values[index]) * levels + np.float32(128.5)))


@compiled
def _scale_rows(arguments: Any, share: int) -> None:
    """Multiply each row of float32 by its greatest value, add the bias where there is one, and round to bf16."""
    _, num_shares, sums, greatest, biases, outputs, num_columns, num_rows = arguments[:8]
    factors, bias = carray(pointer(greatest), num_rows, np.float32), carray(pointer(biases), num_columns, np.float32)
    for row in range(share * num_rows // num_shares, (share + 1) * num_rows // num_shares):
        values = carray(pointer(sums + 4 * row * num_columns), num_columns, np.float32)
        results, factor = carray(pointer(outputs + 2 * row * num_columns), num_columns, np.uint16), factors[row]
        if biases:
            for index in range(num_columns):
                results[index] = bfloat_of(values[index] * factor + bias[index])
        else:
            for index in range(num_columns):
                results[index] = bfloat_of(values[index] * factor)


@compiled_with_sums_in_any_order
def _exponentials(scores: Any) -> Any:
    """Put exp(score - greatest score) in the place of each; give their sum."""
    greatest = scores[0]
    for index in range(len(scores)):
        greatest = max(greatest, scores[index])
    total = np.float32(0)
    for index in range(len(scores)):
        power = max((scores[index] - greatest) * _LOG2_E, _LOWEST_EXPONENT)
        whole = np.rint(power)
        part, value = power - whole, np.float32(0)
        for factor in _EXPONENTIAL:
            value = value * part + factor
        exponential = as_float(np.uint32(np.int32(as_bits(value)) + (np.int32(whole) << np.int32(23))))
        scores[index] = exponential
        total += exponential
    return total


@compiled
def _take_share(control: int, thread: int) -> bool:
    """Do a share that nobody has taken yet; tell whether there was one."""
    ticket = read_shared(control + TICKET)
    while ticket & MOST_SHARES:
        # A copy: once all shares are taken, the arguments may be those of the next job.
        now = carray(pointer(control + ARGUMENTS), NUM_ARGUMENTS, np.int64)
        first = (now[0], now[1], now[2], now[3], now[4], now[5], now[6], now[7], now[8], now[9])
        arguments = (*first, now[10], now[11], now[12], now[13], now[14], now[15], now[16], now[17], now[18], now[19])
        if replace_shared(control + TICKET, ticket, ticket - 1):
            share = (ticket & MOST_SHARES) - 1
            if arguments[0] == PRODUCT:
                _multiply(arguments, share)
            elif arguments[0] == ATTENTION:
                _attend(arguments, share, thread)
            elif arguments[0] == ROUNDING:
                _round_rows(arguments, share)
            else:
                _scale_rows(arguments, share)
            add_shared(control + DONE, 1)
            return True
        ticket = read_shared(control + TICKET)
    return False


@compiled
def run(control: int) -> None:
    """Do the job in the control block, with the helpers that are awake; a product's inputs are rounded first."""
    kept = carray(pointer(control + ARGUMENTS), NUM_ARGUMENTS, np.int64)
    if kept[0] == PRODUCT:
        _quantize_inputs(kept[10], kept[4], kept[5], kept[7] * kept[9])
    num_shares = kept[1]
    write_shared(control + DONE, 0)
    write_shared(control + TICKET, (((read_shared(control + TICKET) >> _TICKET_BITS) + 1) << _TICKET_BITS) | num_shares)
    while _take_share(control, 0):
        pass
    while read_shared(control + DONE) < num_shares:
        pause()


@compiled
def help_out(control: int, helper: int, patience: int) -> None:
    """Take shares until there were none for `patience` looks, or only helpers of lower numbers, from 1, are wanted."""
    waited = 0
    while waited < patience and helper <= read_shared(control + HELPERS):
        if _take_share(control, helper):
            waited = 0
        else:
            waited += 1
            pause()
