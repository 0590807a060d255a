"""What Numba has no words for: vectors of a CPU's registers, pointers, and numbers that threads share.

Each function here is written as LLVM instructions and used in compiled functions only. Vectors are as long as the CPU's registers
(AVX-512, else AVX2); products of bytes are summed by `vpdpbusd` where it has that, else by a pair of older instructions.
"""

from __future__ import annotations

import functools
import platform
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from llvmlite import binding, ir
from numba import extending, types

BLOCK: Final = 16  # outputs of a layer whose weights lie together
GROUP: Final = 32  # weights of an output that share a scale and a zero
GROUP_BYTES: Final = BLOCK * GROUP // 2  # of the codes of a block's group
_FEW_ROWS: Final = 4
_PIECES: Final = GROUP // 8  # read at a time: 8 weights of each output, the first four in the low halves of its bytes

_intrinsic: Any = extending.intrinsic
_byte, _half, _int, _long, _float = ir.IntType(8), ir.IntType(16), ir.IntType(32), ir.IntType(64), ir.FloatType()


@lru_cache(maxsize=1)
def lanes() -> int:
    """Count the float32 numbers in a vector: 16 or 8, and 0 where the CPU has no instructions that are used here."""
    has = _cpu_features()
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return 0
    if has("avx512f") and has("avx512bw") and has("avx512vl"):
        return 16
    return 8 if has("avx2") and has("fma") else 0


@_intrinsic(prefer_literal=True)
def tile(_: Any, weights: Any, scales: Any, inputs: Any, sizes: Any, outputs: Any, rows: Any) -> Any:
    """Multiply `rows` (a literal) of inputs by the weights of `lanes()` outputs.

    `weights` and `scales` are addresses in a matrix of `quantize`, `inputs` are those of int8 codes and of float32 pairs (a
    group's scale, and its sum), `sizes` the bytes from a row to the next of these two and of the outputs, and the number of
    groups. bf16 goes to the address `outputs`.
    """
    num_rows: int = rows.literal_value

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        vectors = _Vectors(builder)
        _tile(vectors, num_rows, *arguments[:5])
        return ir.Constant(_byte.as_pointer(), None)

    unituple: Any = types.UniTuple
    pair, four = unituple(types.int64, 2), unituple(types.int64, 4)
    return types.none(types.int64, types.int64, pair, four, types.int64, rows), generate


@_intrinsic(prefer_literal=True)
def weighted_sums(_: Any, factors: Any, matrix: Any, count: Any, outputs: Any, width: Any, together: Any) -> Any:
    """Add up `count` > 0 rows of `width` (a literal, of whole vectors) bf16, each times its float32 factor; `together` times.

    The other arguments are pairs of an address and of the bytes from a row to the next: there are `together` (a literal) rows of
    factors, and as many of `outputs`, float32.
    """
    num_columns, num_rows = width.literal_value, together.literal_value

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        _weighted_sums(_Vectors(builder), num_columns, num_rows, *arguments[:4])
        return ir.Constant(_byte.as_pointer(), None)

    unituple: Any = types.UniTuple
    pair = unituple(types.int64, 2)
    return types.none(pair, pair, types.int64, pair, width, together), generate


class _Vectors:
    """Writes instructions on vectors of `lanes` numbers."""

    def __init__(self, builder: Any) -> None:
        self.builder, self.lanes = builder, lanes()
        self.ints, self.floats = ir.VectorType(_int, self.lanes), ir.VectorType(_float, self.lanes)
        self.bytes, self.halves = ir.VectorType(_byte, 4 * self.lanes), ir.VectorType(_half, self.lanes)

    def load(self, kind: Any, address: Any, offset: int = 0) -> Any:
        loaded = self.builder.load(self._pointer(kind, address, offset))
        loaded.align = 1
        return loaded

    def store(self, value: Any, address: Any, offset: int = 0) -> None:
        self.builder.store(value, self._pointer(value.type, address, offset)).align = 1

    def every(self, number: Any) -> Any:
        """Give a vector of the same number in all lanes."""
        kind = ir.VectorType(number.type, self.lanes)
        first = self.builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.Constant(_int, 0))
        return self.builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(_int, self.lanes), [0] * self.lanes))

    def bfloats(self, address: Any, offset: int = 0) -> Any:
        """Read bf16, the upper half of a float32."""
        wide = self.builder.zext(self.load(self.halves, address, offset), self.ints)
        return self.builder.bitcast(self.builder.shl(wide, self._all_ints(16)), self.floats)

    def rounded(self, floats: Any) -> Any:
        """Round to the nearest bf16, of two to the even one."""
        builder, bits = self.builder, self.builder.bitcast(floats, self.ints)
        odd = builder.and_(builder.lshr(bits, self._all_ints(16)), self._all_ints(1))
        nearest = builder.add(builder.add(bits, self._all_ints(0x7FFF)), odd)
        return builder.trunc(builder.lshr(nearest, self._all_ints(16)), self.halves)

    def multiply_add(self, left: Any, right: Any, summand: Any) -> Any:
        return self._call(f"llvm.fma.v{self.lanes}f32", self.floats, left, right, summand)

    def add_products(self, sums: Any, codes: Any, inputs: Any) -> Any:
        """Add to each int32 the products of four unsigned bytes with four signed ones; with 4-bit codes it is exact."""
        has = _cpu_features()
        if has("avx512vnni") or (has("avxvnni") and self.lanes == 8):
            fours = [self.builder.bitcast(each, self.ints) for each in (codes, inputs)]
            return self._call(f"llvm.x86.avx512.vpdpbusd.{32 * self.lanes}", self.ints, sums, *fours)
        pairs = ir.VectorType(_half, 2 * self.lanes)
        names = ("avx512.pmaddubs.w.512", "avx512.pmaddw.d.512") if self.lanes == 16 else ("avx2.pmadd.ub.sw", "avx2.pmadd.wd")
        two = self._call(f"llvm.x86.{names[0]}", pairs, codes, inputs)
        four = self._call(f"llvm.x86.{names[1]}", self.ints, two, ir.Constant(pairs, [1] * 2 * self.lanes))
        return self.builder.add(sums, four)

    def prefetch(self, address: Any, offset: int) -> None:
        """Have the cache fetch what is there, or not, if nothing may be read there."""
        hint = [ir.Constant(_int, number) for number in (0, 3, 1)]  # to be read, in all caches, data
        self._call("llvm.prefetch.p0i8", ir.VoidType(), self._pointer(_byte, address, offset), *hint)

    def loop(self, count: Any, num_sums: int, add: Callable[[Any, list[Any]], list[Any]]) -> list[Any]:
        """Have `add` give the next float vectors, of an index and the last ones, `count` times from zeros."""
        builder, before = self.builder, self.builder.block
        body, after = builder.append_basic_block("body"), builder.append_basic_block("after")
        builder.branch(body)
        builder.position_at_end(body)
        index, sums = builder.phi(_long), [builder.phi(self.floats) for _ in range(num_sums)]
        added, following = add(index, sums), builder.add(index, _constant(1))
        index.add_incoming(_constant(0), before)
        index.add_incoming(following, builder.block)
        for total, new in zip(sums, added):
            total.add_incoming(ir.Constant(self.floats, [0.0] * self.lanes), before)
            total.add_incoming(new, builder.block)
        builder.cbranch(builder.icmp_signed("<", following, count), body, after)
        builder.position_at_end(after)
        return added

    def _all_ints(self, number: int) -> Any:
        return ir.Constant(self.ints, [number] * self.lanes)

    def _pointer(self, kind: Any, address: Any, offset: int) -> Any:
        return self.builder.inttoptr(self.builder.add(address, _constant(offset)), kind.as_pointer())

    def _call(self, name: str, result: Any, *arguments: Any) -> Any:
        known = self.builder.module.globals.get(name)
        kind = ir.FunctionType(result, [argument.type for argument in arguments])
        return self.builder.call(known or ir.Function(self.builder.module, kind, name), arguments)


def _weighted_sums(vectors: _Vectors, width: int, together: int, factors: Any, matrix: Any, count: Any, outputs: Any) -> None:
    builder, starts = vectors.builder, range(0, width, vectors.lanes)
    (factors, factor_bytes), (matrix, row_bytes), (outputs, output_bytes) = (
        [builder.extract_value(pair, place) for place in range(2)] for pair in (factors, matrix, outputs)
    )
    factor_rows, output_rows = (
        [builder.add(address, builder.mul(stride, _constant(number))) for number in range(together)]
        for address, stride in ((factors, factor_bytes), (outputs, output_bytes))
    )

    def add(index: Any, sums: list[Any]) -> list[Any]:
        row, place = builder.add(matrix, builder.mul(index, row_bytes)), builder.mul(index, _constant(4))
        for ahead in range(2 * width, 4 * width, 64):
            vectors.prefetch(row, ahead)
        values = [vectors.bfloats(row, 2 * start) for start in starts]
        each = [vectors.every(vectors.load(_float, builder.add(factor_row, place))) for factor_row in factor_rows]
        pairs = [(factor, value) for factor in each for value in values]
        return [vectors.multiply_add(*pair, total) for pair, total in zip(pairs, sums)]

    totals = vectors.loop(count, together * len(starts), add)
    places = [(row, 4 * start) for row in output_rows for start in starts]
    for total, (row, offset) in zip(totals, places):
        vectors.store(total, row, offset)


def _tile(vectors: _Vectors, num_rows: int, weights: Any, scales: Any, inputs: Any, sizes: Any, outputs: Any) -> None:
    builder = vectors.builder
    (codes, factors), (code_bytes, factor_bytes, output_bytes, groups) = (
        [builder.extract_value(many, place) for place in range(many.type.count)] for many in (inputs, sizes)
    )
    rows = [
        (builder.add(codes, builder.mul(code_bytes, number)), builder.add(factors, builder.mul(factor_bytes, number)))
        for number in map(_constant, range(num_rows))
    ]

    def add(group: Any, sums: list[Any]) -> list[Any]:
        products = _products(vectors, builder.add(weights, builder.mul(group, _constant(GROUP_BYTES))), group, rows)
        place = builder.add(scales, builder.mul(group, _constant(4 * BLOCK)))
        scale, zero = vectors.bfloats(place), vectors.bfloats(place, 2 * BLOCK)
        lowest = vectors.multiply_add(ir.Constant(vectors.floats, [-8.0] * vectors.lanes), scale, zero)
        added = []
        for total, whole, (_, factor_row) in zip(sums, products, rows):
            pair = builder.add(factor_row, builder.mul(group, _constant(8)))
            input_scale, input_sum = vectors.every(vectors.load(_float, pair)), vectors.every(vectors.load(_float, pair, 4))
            scaled = vectors.multiply_add(builder.sitofp(whole, vectors.floats), builder.fmul(scale, input_scale), total)
            added.append(vectors.multiply_add(lowest, input_sum, scaled))
        return added

    for number, total in enumerate(vectors.loop(groups, num_rows, add)):
        vectors.store(vectors.rounded(total), builder.add(outputs, builder.mul(output_bytes, _constant(number))))


def _products(vectors: _Vectors, weights: Any, group: Any, rows: list[tuple[Any, Any]]) -> list[Any]:
    """Multiply codes by codes, a group of the block at `weights` with each row; int32 vectors."""
    builder, start = vectors.builder, vectors.builder.mul(group, _constant(GROUP))
    low, four = (ir.Constant(vectors.bytes, [number] * 4 * vectors.lanes) for number in (15, 4))
    # Additions that follow each other wait for each other: a few rows have two sums each.
    chains = 2 if len(rows) <= _FEW_ROWS else 1
    sums = [[ir.Constant(vectors.ints, [0] * vectors.lanes)] * chains for _ in rows]
    for piece in range(_PIECES):
        both = vectors.load(vectors.bytes, weights, 4 * BLOCK * piece)
        for half, codes in enumerate((builder.and_(both, low), builder.lshr(both, four))):
            for halves, (row, _) in zip(sums, rows):
                four_inputs = vectors.every(vectors.load(_int, builder.add(row, start), 8 * piece + 4 * half))
                chain = half % chains
                halves[chain] = vectors.add_products(halves[chain], codes, builder.bitcast(four_inputs, vectors.bytes))
    return [functools.reduce(builder.add, halves) for halves in sums]


@_intrinsic
def pointer(_: Any, _address: Any) -> Any:
    """Take an address for a pointer."""
    return _one_instruction(types.voidptr, (types.int64,), lambda b, address: b.inttoptr(address, _byte.as_pointer()))


@_intrinsic
def as_float(_: Any, _bits: Any) -> Any:
    """Take 32 bits for those of a float32."""
    return _one_instruction(types.float32, (types.uint32,), lambda b, bits: b.bitcast(bits, _float))


@_intrinsic
def as_bits(_: Any, _value: Any) -> Any:
    """Take a float32 for its 32 bits."""
    return _one_instruction(types.uint32, (types.float32,), lambda b, value: b.bitcast(value, _int))


@_intrinsic
def read_shared(_: Any, _address: Any) -> Any:
    """Read an int64 that other threads write; what they wrote before it is seen after it."""
    return _one_instruction(types.int64, (types.int64,), lambda b, address: b.load_atomic(_shared(b, address), "acquire", 8))


@_intrinsic
def write_shared(_: Any, _address: Any, _value: Any) -> Any:
    """Write an int64 that other threads read; give it."""
    return _one_instruction(
        types.int64,
        (types.int64, types.int64),
        lambda b, address, value: (b.store_atomic(value, _shared(b, address), "release", 8), value)[1],
    )


@_intrinsic
def add_shared(_: Any, _address: Any, _value: Any) -> Any:
    """Add to an int64 that other threads add to as well; give what it was."""
    return _one_instruction(
        types.int64,
        (types.int64, types.int64),
        lambda b, address, value: b.atomic_rmw("add", _shared(b, address), value, "acq_rel"),
    )


@_intrinsic
def replace_shared(_: Any, _address: Any, _old: Any, _new: Any) -> Any:
    """Write `new` where `old` still stands; tell whether it did."""
    return _one_instruction(
        types.boolean,
        (types.int64, types.int64, types.int64),
        lambda b, address, old, new: b.extract_value(b.cmpxchg(_shared(b, address), old, new, "acq_rel", "acquire"), 1),
    )


@_intrinsic
def pause(_: Any) -> Any:
    """Let the core's other thread go first for a moment."""
    return _one_instruction(types.int64, (), lambda b: (_Vectors(b)._call("llvm.x86.sse2.pause", ir.VoidType()), _constant(0))[1])


def _one_instruction(result: Any, arguments: tuple[Any, ...], write: Callable[..., Any]) -> Any:
    return result(*arguments), lambda _context, builder, _signature, values: write(builder, *values)


def _shared(builder: Any, address: Any) -> Any:
    return builder.inttoptr(address, _long.as_pointer())


def _constant(number: int) -> Any:
    return ir.Constant(_long, number)


def _cpu_features() -> Callable[[str], bool]:
    return lambda name: bool(binding.get_host_cpu_features().get(name))
