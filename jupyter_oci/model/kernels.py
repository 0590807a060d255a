"""What torch is slow at on a CPU: products with 4-bit weights, attention of few rows, what is done between two products.

Each is divided into shares, which threads take one by one. A row is computed the same whatever else there is in the step.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .bfloat import bfloat_of, float_of
from .compiled_code import carray, compiled, compiled_with_sums_in_any_order
from .row_kernels import exponential, transform_rows
from .simd import (
    BLOCK,
    GROUP,
    GROUP_BYTES,
    add_shared,
    as_float,
    lanes,
    pause,
    pointer,
    read_shared,
    replace_shared,
    tile,
    weighted_sums,
    write_shared,
)

STATE_BLOCK: Final = 64  # states that are read together
HEADS_TOGETHER: Final = 4  # of one group, that read them together, at most
PRODUCT, ATTENTION, ROWS = range(3)

# The control block: int64 numbers, those that threads wait for in a cache line each. A ticket is the number of the job, and below
# it how many of its shares nobody has taken yet.
TICKET, DONE, HELPERS, PATIENCE, ARGUMENTS = 0, 64, 128, 136, 192
NUM_ARGUMENTS: Final = 21
CONTROL_BYTES: Final = ARGUMENTS + 8 * NUM_ARGUMENTS
_TICKET_BITS: Final = 16
MOST_SHARES: Final = (1 << _TICKET_BITS) - 1

_LANES: Final = lanes() or BLOCK
_CACHED_ROWS: Final = 64  # multiplied by all weights before the next: their inputs stay in the cache
_MOST_TOGETHER: Final = 8 if _LANES == BLOCK else 4  # rows: AVX-512 has twice the registers
_TINY: Final = np.float32(1e-30)


def attention_room(together: int, head_dim: int, num_states: int) -> int:
    """Count the bytes that a thread needs for some heads that attend together to so many states, whole blocks."""
    return 4 * (HEADS_TOGETHER + together * (head_dim + num_states + STATE_BLOCK))


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
                at = weights + block * num_groups * GROUP_BYTES + 4 * lane, scales + block * num_groups * 4 * BLOCK + 2 * lane
                _multiply_rows(at, (codes, factors), sizes, outputs + 2 * (block * BLOCK + lane), (first, end))


@compiled
def _multiply_rows(at: Any, inputs: Any, sizes: Any, outputs: int, rows: Any) -> None:
    """Multiply rows by a tile's weights, as many together as the registers hold: these are read once for all of them."""
    row, end = rows
    while row < end:
        left, codes, factors = end - row, inputs[0] + row * sizes[0], inputs[1] + row * sizes[1]
        results = outputs + row * sizes[2]
        if _MOST_TOGETHER == 8 and left >= 8:
            tile(at[0], at[1], (codes, factors), sizes, results, 8)
            row += 8
        elif left >= 4:
            tile(at[0], at[1], (codes, factors), sizes, results, 4)
            row += 4
        elif left >= 2:
            tile(at[0], at[1], (codes, factors), sizes, results, 2)
            row += 2
        else:
            tile(at[0], at[1], (codes, factors), sizes, results, 1)
            row += 1


@compiled
def _attend(arguments: Any, share: int, thread: int) -> None:
    """Attend from one row with some heads that share keys and values: these are read once for all of them."""
    _, num_shares, _, _, _, outputs, scratch, scratch_bytes, num_heads, num_groups, head_dim, first, window = arguments[:13]
    together, in_group = arguments[20], num_heads // num_groups
    parts = -(-in_group // together)
    num_rows = num_shares // (num_groups * parts)
    # All rows of a group's heads, then the next: its states stay in the cache.
    row, part, group = share % num_rows, share // num_rows % parts, share // (num_rows * parts)
    head, num = group * in_group + part * together, min(together, in_group - part * together)
    end = first + row + 1
    start = max(0, end - window) // STATE_BLOCK * STATE_BLOCK
    room, seen = scratch + thread * scratch_bytes, (group, num, start, end)
    mixed = room + 4 * HEADS_TOGETHER, 4 * head_dim
    scored = mixed[0] + num * mixed[1], 4 * ((end - start) // STATE_BLOCK + 1) * STATE_BLOCK
    _score(arguments, (row, head), seen, mixed, scored)
    totals = carray(pointer(room), num, np.float32)
    for number in range(num):
        scores = carray(pointer(scored[0] + number * scored[1]), end - start, np.float32)
        scores[: max(0, end - window) - start] = -np.inf
        totals[number] = _exponentials(scores)
    _mix(arguments, seen, scored, mixed)
    for number in range(num):
        values = carray(pointer(mixed[0] + number * mixed[1]), head_dim, np.float32)
        result = carray(pointer(outputs + 2 * (row * num_heads + head + number) * head_dim), head_dim, np.uint16)
        for index in range(head_dim):
            result[index] = bfloat_of(values[index] / totals[number])


@compiled
def _score(arguments: Any, first: Any, seen: Any, scaled: Any, scored: Any) -> None:
    """Multiply the scaled queries of a row's `num` heads by the keys of a group; float32 rows are an address and their bytes."""
    queries, keys, head_dim, scaling = arguments[2], arguments[3], arguments[10], as_float(np.uint32(arguments[19]))
    query_row, query_head, key_group, key_dim = arguments[13:17]
    (row, head), (group, num, start, end) = first, seen
    for number in range(num):
        query = carray(pointer(queries + row * query_row + (head + number) * query_head), head_dim, np.uint16)
        values = carray(pointer(scaled[0] + number * scaled[1]), head_dim, np.float32)
        for index in range(head_dim):
            values[index] = float_of(query[index]) * scaling
    for state in range(start, end, STATE_BLOCK):
        block = keys + group * key_group + 2 * state, key_dim
        _weighted_sums(num, scaled, block, head_dim, (scored[0] + 4 * (state - start), scored[1]))


@compiled
def _mix(arguments: Any, seen: Any, weights: Any, mixed: Any) -> None:
    """Add up the values of a group, each with its weight, for `num` heads."""
    values, head_dim = arguments[4], arguments[10]
    value_group, value_state = arguments[17:19]
    group, num, start, end = seen
    column, at = 0, values + group * value_group + start * value_state
    while column + STATE_BLOCK <= head_dim:
        _weighted_sums(num, weights, (at + 2 * column, value_state), end - start, (mixed[0] + 4 * column, mixed[1]))
        column += STATE_BLOCK
    while column < head_dim:
        for number in range(num):
            one, result = (weights[0] + number * weights[1], 0), (mixed[0] + number * mixed[1] + 4 * column, 0)
            weighted_sums(one, (at + 2 * column, value_state), end - start, result, 16, 1)
        column += 16


@compiled
def _weighted_sums(num: int, factors: Any, matrix: Any, count: int, outputs: Any) -> None:
    """Add up rows of `STATE_BLOCK` numbers for `num` heads."""
    if num == 4:
        weighted_sums(factors, matrix, count, outputs, 64, 4)
    elif num == 3:
        weighted_sums(factors, matrix, count, outputs, 64, 3)
    elif num == 2:
        weighted_sums(factors, matrix, count, outputs, 64, 2)
    else:
        weighted_sums(factors, matrix, count, outputs, 64, 1)


@compiled_with_sums_in_any_order
def _exponentials(scores: Any) -> Any:
    """Put exp(score - greatest score) in the place of each; give their sum."""
    greatest = scores[0]
    for index in range(len(scores)):
        greatest = max(greatest, scores[index])
    total = np.float32(0)
    for index in range(len(scores)):
        scores[index] = exponential(scores[index] - greatest)
        total += scores[index]
    return total


@compiled
def _take_share(control: int, thread: int) -> bool:
    """Do a share that nobody has taken yet; tell whether there was one."""
    ticket = read_shared(control + TICKET)
    while ticket & MOST_SHARES:
        # A copy: once all shares are taken, the arguments may be those of the next job.
        now = carray(pointer(control + ARGUMENTS), NUM_ARGUMENTS, np.int64)
        first = (now[0], now[1], now[2], now[3], now[4], now[5], now[6], now[7], now[8], now[9])
        arguments = (*first, now[10], now[11], now[12], now[13], now[14], now[15], now[16], now[17], now[18], now[19], now[20])
        if replace_shared(control + TICKET, ticket, ticket - 1):
            share = (ticket & MOST_SHARES) - 1
            if arguments[0] == PRODUCT:
                _multiply(arguments, share)
            elif arguments[0] == ATTENTION:
                _attend(arguments, share, thread)
            else:
                transform_rows(arguments, share, thread)
            add_shared(control + DONE, 1)
            return True
        ticket = read_shared(control + TICKET)
    return False


@compiled
def run_jobs(control: int, jobs: int, num_jobs: int) -> None:
    """Do jobs, `NUM_ARGUMENTS` numbers each, one after the other, with the helpers that are awake."""
    table = carray(pointer(jobs), (num_jobs, NUM_ARGUMENTS), np.int64)
    kept = carray(pointer(control + ARGUMENTS), NUM_ARGUMENTS, np.int64)
    for job in range(num_jobs):
        kept[:] = table[job]
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
def help_out(control: int, helper: int) -> None:
    """Take shares until there were none for a number of looks, or only helpers of lower numbers, from 1, are wanted."""
    waited = 0
    while waited < read_shared(control + PATIENCE) and helper <= read_shared(control + HELPERS):
        if _take_share(control, helper):
            waited = 0
        else:
            waited += 1
            pause()
