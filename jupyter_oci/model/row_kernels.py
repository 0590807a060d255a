"""What is done to rows between two products, compiled: each row of a product is read once, and written once for the next."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .bfloat import bfloat_of, float_of
from .compiled_code import carray, compiled, compiled_with_sums_in_any_order
from .simd import as_bits, as_float, pointer

PLAIN, NORM, GATE, ROTATION = range(4)

_LOG2_E: Final = np.float32(1.44269504)
_EXPONENTIAL: Final = tuple(np.float32(np.log(2) ** power / np.prod(range(1, power + 1))) for power in range(7, -1, -1))
_LOWEST_EXPONENT, _HIGHEST_EXPONENT = np.float32(-126), np.float32(127)
_LEAST_GATE: Final = np.float32(-87)  # below it the sigmoid linear unit is zero, but for what bf16 cannot tell from it
_INFINITE: Final = np.int32(0x7F80)  # as bf16; above it there are no numbers
_TINY: Final = np.float32(1e-30)


@compiled
def transform_rows(arguments: Any, share: int, thread: int) -> None:
    """Do the share's rows of a job of `Team`; a row that becomes codes is bf16 in the thread's room before."""
    _, num_shares, operation, num_rows = arguments[:4]
    num_columns, outputs, kept, rooms = arguments[7:11]
    width = num_columns // 2 if operation == GATE else num_columns
    room = rooms + thread * 4 * num_columns
    for row in range(share * num_rows // num_shares, (share + 1) * num_rows // num_shares):
        result = room + 2 * num_columns if kept else outputs + 2 * row * width
        if operation == PLAIN:
            result = _read(arguments, row, result)
        elif operation == ROTATION:
            _rotate(arguments, row, _read(arguments, row, room))
        elif operation == GATE:
            _gate(_read(arguments, row, room), width, result)
        else:
            _normalise(arguments, row, _read(arguments, row, room), result)
        if kept:
            _round(result, outputs + row * width, kept + 4 * row, width)


@compiled
def _read(arguments: Any, row: int, room: int) -> Any:
    """Give the address of a product's row in bf16: itself where that is what it is, else `room`.

    Sums in float32 are multiplied by the greatest value of the row's inputs; where there is a bias, it is added.
    """
    source, greatest, biases, num_columns = arguments[4:8]
    if greatest == 0 and biases == 0:
        return source + 2 * row * num_columns
    results, bias = carray(pointer(room), num_columns, np.uint16), carray(pointer(biases), num_columns, np.float32)
    values = carray(pointer(source + 2 * row * num_columns), num_columns, np.uint16)
    sums = carray(pointer(source + 4 * row * num_columns), num_columns, np.float32)
    factor = carray(pointer(greatest + 4 * row), 1, np.float32)[0] if greatest else np.float32(0)
    if greatest == 0:
        for index in range(num_columns):
            results[index] = bfloat_of(float_of(values[index]) + bias[index])
    elif biases == 0:
        for index in range(num_columns):
            results[index] = bfloat_of(sums[index] * factor)
    else:
        for index in range(num_columns):
            results[index] = bfloat_of(sums[index] * factor + bias[index])
    return room


@compiled_with_sums_in_any_order
def _normalise(arguments: Any, row: int, added: int, result: int) -> None:
    """Add a row to the one that is kept; write the root mean square norm of the sum."""
    num_columns, (kept, weights, epsilon) = arguments[7], arguments[11:14]
    values = carray(pointer(kept + 2 * row * num_columns), num_columns, np.uint16)
    more, weight = carray(pointer(added), num_columns, np.uint16), carray(pointer(weights), num_columns, np.uint16)
    results = carray(pointer(result), num_columns, np.uint16)
    total = np.float32(0)
    for index in range(num_columns):
        values[index] = bfloat_of(float_of(values[index]) + float_of(more[index]))
    for index in range(num_columns):
        total += float_of(values[index]) * float_of(values[index])
    scale = np.float32(1) / np.sqrt(total / np.float32(num_columns) + as_float(np.uint32(epsilon)))
    for index in range(num_columns):
        normal = bfloat_of(float_of(values[index]) * scale)
        results[index] = bfloat_of(float_of(normal) * float_of(weight[index]))


@compiled
def _gate(row: int, width: int, result: int) -> None:
    """Multiply the second half of a row by the sigmoid linear unit of the first."""
    gate, up = carray(pointer(row), width, np.uint16), carray(pointer(row + 2 * width), width, np.uint16)
    results = carray(pointer(result), width, np.uint16)
    for index in range(width):
        value = float_of(gate[index])
        seen = np.float32(0) if value < _LEAST_GATE else value
        unit = bfloat_of(seen / (np.float32(1) + exponential(-seen)))
        results[index] = bfloat_of(float_of(unit) * float_of(up[index]))


@compiled
def _rotate(arguments: Any, row: int, row_at: int) -> None:
    """Turn the heads of queries and keys by the row's angles; append keys and values to the states.

    Queries go to `[rows, heads, head_dim]`, keys to `[groups, head_dim, capacity]`, values to `[groups, capacity, head_dim]`.
    """
    head_dim, num_heads, num_groups, cosines, sines, keys, values, capacity, first = arguments[11:20]
    cosine = carray(pointer(cosines + 2 * row * head_dim), head_dim, np.uint16)
    sine = carray(pointer(sines + 2 * row * head_dim), head_dim, np.uint16)
    key = carray(pointer(keys), (num_groups, head_dim, capacity), np.uint16)
    value = carray(pointer(values), (num_groups, capacity, head_dim), np.uint16)
    for head in range(num_heads + num_groups):
        head_at = row_at + 2 * head * head_dim
        if head < num_heads:
            _turn(head_at, arguments[8] + 2 * (row * num_heads + head) * head_dim, cosine, sine)
            continue
        _turn(head_at, head_at, cosine, sine)
        key[head - num_heads, :, first + row] = carray(pointer(head_at), head_dim, np.uint16)
    for group in range(num_groups):
        value_at = row_at + 2 * (num_heads + num_groups + group) * head_dim
        value[group, first + row] = carray(pointer(value_at), head_dim, np.uint16)


@compiled
def _turn(head: int, result: int, cosine: Any, sine: Any) -> None:
    """Turn a head by the angles of its position; it may be its own result."""
    head_dim = len(cosine)
    half = head_dim // 2
    values, results = carray(pointer(head), head_dim, np.uint16), carray(pointer(result), head_dim, np.uint16)
    for index in range(half):
        left, right, other = values[index], values[half + index], half + index
        results[index] = _turned(left, right, cosine[index], sine[index])
        results[other] = _turned(right, left, cosine[other], sine[other])


@compiled
def _turned(value: Any, across: Any, cosine: Any, sine: Any) -> Any:
    straight = bfloat_of(float_of(value) * float_of(cosine))
    return bfloat_of(float_of(straight) + float_of(bfloat_of(float_of(across) * float_of(sine))))


@compiled
def _round(row: int, codes: int, greatest: int, num_columns: int) -> None:
    """Round a row of bf16 to codes from 1 to 255, 128 for zero; keep its greatest value."""
    values, rounded = carray(pointer(row), num_columns, np.uint16), carray(pointer(codes), num_columns, np.uint8)
    top = np.int32(0)
    for index in range(num_columns):
        top = max(top, np.int32(values[index]) & np.int32(0x7FFF))
    kept = carray(pointer(greatest), 1, np.float32)
    kept[0] = max(float_of(top), _TINY) if top <= _INFINITE else np.float32(np.nan)
    levels = np.float32(127) / kept[0]
    for index in range(num_columns):
        rounded[index] = np.uint8(np.int32(float_of(values[index]) * levels + np.float32(128.5)))


@compiled_with_sums_in_any_order
def exponential(number: Any) -> Any:
    """Give e to the power of a float32, or the smallest or greatest number that a float32 has an exponent for."""
    power = min(max(number * _LOG2_E, _LOWEST_EXPONENT), _HIGHEST_EXPONENT)
    whole = np.rint(power)
    part, value = power - whole, np.float32(0)
    for factor in _EXPONENTIAL:
        value = value * part + factor
    return as_float(np.uint32(np.int32(as_bits(value)) + (np.int32(whole) << np.int32(23))))
