"""Winograd's convolutions: into the values at the points of interpolation, and back.

Between the two stand products of matrices, one for each of the n² pairs of points, which are the
contractions of `contraction`. Tiles are m x m pixels of the output; what a tile becomes is
[n²][planes][tiles][lanes], with `spread` bytes from one pair of points to the next.

Both kernels take one plane and any number of tiles.
"""

from __future__ import annotations

from cnncalc.execution.native.kernels.compiler import Exported, Kernel, kernel
from cnncalc.execution.native.kernels.epilogue import bounded
from cnncalc.execution.native.kernels.interpolation import FORMS, Form, for_input, for_output
from cnncalc.execution.native.kernels.memory import Address, load, store, vector_bytes, word
from cnncalc.execution.native.kernels.records import PIXELS
from cnncalc.execution.native.kernels.shapes import winograd_input, winograd_output
from cnncalc.execution.native.kernels.signatures import Fields, call, exported, pixels_at
from cnncalc.execution.native.kernels.tiles import Addresses, Tile, each, nth, of_each
from cnncalc.execution.native.kernels.transforms import transform

OFFSETS = PIXELS.fields["offsets"][1] if PIXELS.fields else 0
"""Bytes from a record of pixels to the first offset."""


def kernels(lanes: int) -> dict[str, Exported]:
    into = {winograd_input(form): forth(form.reads) for form in FORMS}
    return exported(into | {winograd_output(form): back(form) for form in FORMS})


@kernel
def pixel(j: int, place: Address, apart: int) -> Tile:
    return load(place + j * apart)


def forth(n: int) -> Kernel:
    """Reads n x n vectors: (i, j) at `input + input_offsets[tile] + i*input_row + j vectors`.
    Writes B'dB: n² vectors at `output + output_offsets[tile] + xi*spread`."""
    transformed = transform(for_input(n))

    @kernel
    def column(j: int, place: Address, row: int) -> Tile:
        return transformed(each(n, pixel, place + j * vector_bytes(), row))

    @kernel
    def put(i: int, columns: Addresses, place: Address, spread: int) -> None:
        row = transformed(of_each(columns, i))
        each(n, put_one, row, place + i * n * spread, spread)

    @kernel
    def put_one(j: int, row: Tile, place: Address, spread: int) -> None:
        store(nth(row, j), place + j * spread)

    @kernel
    def go(entry: Fields, step: Fields, first: int, count: int) -> None:
        for tile in range(first, first + count):
            place = entry.input + word(step.input_offsets, tile)
            columns = each(n, column, place, step.input_row)
            out = entry.output + word(step.output_offsets, tile)
            each(n, put, columns, out, step.spread)

    return go


def back(form: Form) -> Kernel:
    """Reads n² vectors at `input + input_offsets[tile] + xi*spread`. Adds the bias, then as any
    epilogue does: `other`, bounds, function. Writes up to m x m vectors: (i, j) at `output +
    output_offsets[tile] + i*output_row + j vectors`, likewise for `other`. `tables` has a word for
    each tile: the address of its `PIXELS`. Nothing outside of it is read or written."""
    n, m = form.reads, form.outputs
    transformed = transform(for_output(form))

    @kernel
    def column(j: int, place: Address, spread: int) -> Tile:
        return transformed(each(n, pixel, place + j * spread, n * spread))

    @kernel
    def put(
        i: int, columns: Addresses, entry: Fields, step: Fields, tile: int, there: Fields
    ) -> None:
        if there.rows > i:
            row = transformed(of_each(columns, i))
            out = entry.output + word(step.output_offsets, tile) + i * step.output_row
            other = entry.other
            if other:
                other = other + word(step.other_offsets, tile) + i * step.other_row
            each(m, put_one, row, entry, step, out, other, there)

    @kernel
    def put_one(
        j: int, row: Tile, entry: Fields, step: Fields, out: Address, other: Address, there: Fields
    ) -> None:
        if there.columns > j:
            made = nth(row, j) + load(entry.bias)
            if other and step.other_last == 0:
                made = made + load(other + j * vector_bytes())
            store(bounded(made, step), out + j * vector_bytes())

    @kernel
    def go(entry: Fields, step: Fields, first: int, count: int) -> None:
        for tile in range(first, first + count):
            place = entry.input + word(step.input_offsets, tile)
            columns = each(n, column, place, step.spread)
            there = pixels_at(word(step.tables, tile))
            each(m, put, columns, entry, step, tile, there)
            afterwards(entry, step, tile, there)

    return go


@kernel
def afterwards(entry: Fields, step: Fields, tile: int, there: Fields) -> None:
    """The function over all pixels of a tile, then the other operand if it comes last."""
    out = entry.output + word(step.output_offsets, tile)
    if step.after:
        offsets = word(step.tables, tile) + OFFSETS
        call(step.after, out, offsets, there.rows * there.columns, 1, 0, step)
    if entry.other and step.other_last:
        other = entry.other + word(step.other_offsets, tile)
        for i in range(there.rows):
            for j in range(there.columns):
                beside = other + i * step.other_row + j * vector_bytes()
                place = out + i * step.output_row + j * vector_bytes()
                store(load(place) + load(beside), place)
