"""How each operation of firth.kernels.simd is written in the compiler's own terms (LLVM).

Each function here is what Numba calls a typing function of an intrinsic: it returns the operation's signature and the
function that writes its instructions.
"""

from __future__ import annotations

from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import models, register_model

__all__ = [
    "LANES",
    "add_atomically",
    "arithmetic",
    "call_by_address",
    "clamp",
    "inverse_root",
    "load",
    "load_atomically",
    "load_splat",
    "multiply_add",
    "pause",
    "prefetch",
    "splat",
    "splat_lane",
    "store",
    "store_totals",
    "total",
    "totals",
    "zeros",
]


def _host_lanes() -> int:
    """Return how many float32 fit into one register of this processor."""
    features = binding.get_host_cpu_features()
    if features.get("avx512f"):
        return 16
    return 8 if features.get("avx") else 4


LANES: int = _host_lanes()

_VECTOR = ir.VectorType(ir.FloatType(), LANES)
_FAST = ("fast",)
_UNALIGNED = 4


class _LanesType(types.Type):
    """Numba's name for one register of floats; it lives inside kernels only."""

    def __init__(self) -> None:
        super().__init__(name=f"Lanes({LANES})")


_lanes = _LanesType()


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, frontend_type: Any) -> None:
        super().__init__(manager, frontend_type, _VECTOR)


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, offset: Any) -> Any:
    """Return the address of `array`'s element `offset`, as a pointer to lanes."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [offset]), _VECTOR.as_pointer())


def load(typing_context: Any, matrix: Any, offset: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], arguments[0], arguments[1])
        return builder.load(pointer, align=_UNALIGNED)

    return _lanes(matrix, types.intp), generate


def store(typing_context: Any, matrix: Any, offset: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], arguments[0], arguments[1])
        builder.store(arguments[2], pointer, align=_UNALIGNED)
        return context.get_dummy_value()

    return types.void(matrix, types.intp, _lanes), generate


def _broadcast(builder: Any, scalar: Any) -> Any:
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.IntType(32)(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))


def splat(typing_context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _broadcast(builder, arguments[0])

    return _lanes(types.float32), generate


def load_splat(typing_context: Any, array: Any, offset: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return _broadcast(builder, builder.load(builder.gep(data, [arguments[1]])))

    return _lanes(array, types.intp), generate


def zeros(typing_context: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(_VECTOR, [0.0] * LANES)

    return _lanes(), generate


def multiply_add(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        function_type = ir.FunctionType(_VECTOR, [_VECTOR, _VECTOR, _VECTOR])
        function = cgutils.get_or_insert_function(builder.module, function_type, f"llvm.fmuladd.v{LANES}f32")
        return builder.call(function, arguments, fastmath=_FAST)

    return _lanes(_lanes, _lanes, _lanes), generate


def total(typing_context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lanes, width = arguments[0], LANES
        while width > 1:
            width //= 2
            undefined = ir.Constant(lanes.type, ir.Undefined)
            indices = ir.VectorType(ir.IntType(32), width)
            low = builder.shuffle_vector(lanes, undefined, ir.Constant(indices, list(range(width))))
            high = builder.shuffle_vector(lanes, undefined, ir.Constant(indices, list(range(width, 2 * width))))
            lanes = builder.fadd(low, high, flags=_FAST)
        return builder.extract_element(lanes, ir.IntType(32)(0))

    return types.float32(_lanes), generate


def _pairs_folded(builder: Any, first: Any, second: Any, run: int) -> Any:
    """Add the upper half of every run of lanes to its lower half, in two registers at once; keep the halves of both."""
    half = run // 2
    low = [register + start + i for register in (0, LANES) for start in range(0, LANES, run) for i in range(half)]
    indices = ir.VectorType(ir.IntType(32), LANES)
    lower = builder.shuffle_vector(first, second, ir.Constant(indices, low))
    upper = builder.shuffle_vector(first, second, ir.Constant(indices, [i + half for i in low]))
    return builder.fadd(lower, upper, flags=_FAST)


def _folded(builder: Any, values: Any) -> tuple[list[Any], int]:
    """Fold six registers into as few as hold their sums in order; return them and the sums in each."""
    # Summing six registers one by one takes nine instructions each; folding them into one another, four.
    registers, run = [*values, *[ir.Constant(_VECTOR, [0.0] * LANES)] * 2], LANES
    while len(registers) > 1 and run > 1:
        registers = [_pairs_folded(builder, *pair, run) for pair in zip(registers[::2], registers[1::2], strict=True)]
        run //= 2
    while run > 1:
        registers, run = [_pairs_folded(builder, registers[0], registers[0], run)], run // 2
    return registers, 8 // len(registers)


def totals(typing_context: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _folded(builder, arguments)[0][0]

    return _lanes(*[_lanes] * 6), generate


def store_totals(typing_context: Any, array: Any, offset: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        registers, held = _folded(builder, arguments[2:])
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        for start, width in ((0, 4), (4, 2)):
            source, place = registers[start // held], builder.add(arguments[1], ir.IntType(64)(start))
            chosen = [start % held + i for i in range(width)]
            indices = ir.Constant(ir.VectorType(ir.IntType(32), width), chosen)
            sums = builder.shuffle_vector(source, ir.Constant(_VECTOR, ir.Undefined), indices)
            pointer = builder.bitcast(builder.gep(data, [place]), sums.type.as_pointer())
            builder.store(sums, pointer, align=_UNALIGNED)
        return context.get_dummy_value()

    return types.void(array, types.intp, *[_lanes] * 6), generate


def splat_lane(typing_context: Any, value: Any, lane: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _broadcast(builder, builder.extract_element(*arguments))

    return _lanes(_lanes, types.intp), generate


def arithmetic(operation: str) -> Any:
    def typed(typing_context: Any, a: Any, b: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return getattr(builder, operation)(*arguments, flags=_FAST)

        return _lanes(_lanes, _lanes), generate

    return typed


def inverse_root(typing_context: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        # Written as a fast quotient, it becomes the processor's estimate and one step of Newton's: a fourth of the time
        # of a root and a division, and good to some 23 bits.
        function_type = ir.FunctionType(_VECTOR, [_VECTOR])
        function = cgutils.get_or_insert_function(builder.module, function_type, f"llvm.sqrt.v{LANES}f32")
        root = builder.call(function, arguments, fastmath=_FAST)
        return builder.fdiv(ir.Constant(_VECTOR, [1.0] * LANES), root, flags=_FAST)

    return _lanes(_lanes), generate


def clamp(typing_context: Any, value: Any, limit: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value, limit = arguments
        low = builder.fsub(ir.Constant(_VECTOR, [0.0] * LANES), limit, flags=_FAST)
        value = builder.select(builder.fcmp_ordered("<", value, low), low, value)
        return builder.select(builder.fcmp_ordered(">", value, limit), limit, value)

    return _lanes(_lanes, _lanes), generate


def prefetch(typing_context: Any, matrix: Any, offset: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        byte_pointer = cgutils.voidptr_t
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), byte_pointer)
        int32 = ir.IntType(32)
        function_type = ir.FunctionType(ir.VoidType(), [byte_pointer, int32, int32, int32])
        function = cgutils.get_or_insert_function(builder.module, function_type, "llvm.prefetch.p0")
        for_writing, keep_close, data_cache = int32(0), int32(3), int32(1)
        builder.call(function, [address, for_writing, keep_close, data_cache])
        return context.get_dummy_value()

    return types.void(matrix, types.intp), generate


def _element(context: Any, builder: Any, array_type: Any, array: Any, place: Any) -> Any:
    """Return the address of an array's element."""
    return builder.gep(context.make_array(array_type)(context, builder, array).data, [place])


def add_atomically(typing_context: Any, numbers: Any, place: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _element(context, builder, signature.args[0], arguments[0], arguments[1])
        return builder.atomic_rmw("add", address, arguments[2], "seq_cst")

    return types.int64(numbers, types.intp, types.int64), generate


def load_atomically(typing_context: Any, numbers: Any, place: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _element(context, builder, signature.args[0], arguments[0], arguments[1])
        return builder.load_atomic(address, "seq_cst", align=8)

    return types.int64(numbers, types.intp), generate


def pause(typing_context: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if binding.get_process_triple().startswith(("x86_64", "i386", "i686")):
            function_type = ir.FunctionType(ir.VoidType(), [])
            builder.call(cgutils.get_or_insert_function(builder.module, function_type, "llvm.x86.sse2.pause"), [])
        return context.get_dummy_value()

    return types.void(), generate


def call_by_address(typing_context: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        function_type = ir.FunctionType(ir.IntType(32), [])
        builder.call(builder.inttoptr(arguments[0], function_type.as_pointer()), [])
        return context.get_dummy_value()

    return types.void(types.int64), generate
