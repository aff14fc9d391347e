"""Every small window against the windows one can list, and against PyTorch and Keras."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, product

import pytest

from cnncalc.geometry import KernelTooLarge, Rounding, StrideMisfit, Window
from tests.references import reference, rows
from tests.windows import Misfit, TooLarge, same_padding, taps, windows

Case = tuple[int, Window]


def small_windows() -> Iterator[Case]:
    """All W ≤ 12, F ≤ 5, S ≤ 4, P₀ and P₁ ≤ 3, D ≤ 2."""
    for width, kernel, stride, before, after, dilation in product(
        range(1, 13), range(1, 6), range(1, 5), range(4), range(4), range(1, 3)
    ):
        yield width, Window(kernel, stride, before, after, dilation)


def counted(width: int, w: Window, rounding: Rounding) -> int | str:
    try:
        return len(windows(width, *w, rounding=rounding))
    except TooLarge:
        return "too large"
    except Misfit:
        return "misfit"


def answered(width: int, w: Window, rounding: Rounding) -> int | str:
    try:
        return w.positions(width, rounding)
    except KernelTooLarge:
        return "too large"
    except StrideMisfit:
        return "misfit"


@pytest.mark.parametrize("rounding", Rounding)
def test_positions_are_the_windows_one_can_list(rounding: Rounding) -> None:
    wrong = {
        case: (answered(*case, rounding), counted(*case, rounding))
        for case in small_windows()
        if answered(*case, rounding) != counted(*case, rounding)
    }
    assert not wrong


def test_exact_is_refused_where_floor_and_ceil_leave_something_over() -> None:
    refused = {case for case in small_windows() if answered(*case, Rounding.EXACT) == "misfit"}
    assert refused
    for width, w in refused:
        last = windows(width, *w, rounding="floor")[-1]
        assert 0 < width + w.after - 1 - last[-1] < w.stride


def test_the_effective_kernel_reaches_from_the_first_tap_to_the_last() -> None:
    for kernel, dilation in product(range(1, 8), range(1, 5)):
        reached = taps(kernel, dilation)
        assert Window(kernel, dilation=dilation).effective == len(range(reached[-1] + 1))


@pytest.mark.parametrize("rounding", [Rounding.FLOOR, Rounding.CEIL])
def test_read_are_the_pixels_that_stand_in_some_window(rounding: Rounding) -> None:
    wrong, gaps = {}, 0
    for width, w in chain(small_windows(), dilated_windows()):
        try:
            listed = windows(width, *w, rounding=rounding)
        except TooLarge:
            continue
        read = {pixel for window in listed for pixel in window} & set(range(width))
        if w.read(width, len(listed)) != len(read):
            wrong[width, w] = (w.read(width, len(listed)), read)
        gaps += len(read) < width
    assert not wrong
    assert gaps > 1000


def dilated_windows() -> Iterator[Case]:
    for width, kernel, stride, before, dilation in product(
        (7, 20, 31), range(1, 7), range(1, 8), range(3), range(2, 7)
    ):
        yield width, Window(kernel, stride, before, before, dilation)


def test_gaps_are_pixels_that_no_window_reads_however_many_there_are() -> None:
    for _, w in dilated_windows():
        far = w.stride * w.effective
        listed = windows(10 * far, *w, rounding="floor")
        middle = set(range(5 * far, 5 * far + w.stride))
        assert w.has_gaps == (not middle <= {pixel for window in listed for pixel in window}), w


def test_unread_are_the_pixels_after_the_last_window() -> None:
    wrong = {}
    for width, w in small_windows():
        if w.travel(width) < 0:
            continue
        listed = windows(width, *w, rounding="floor")
        unread = sum(pixel > listed[-1][-1] for pixel in range(width))
        if w.unread(width, len(listed)) != unread:
            wrong[width, w] = (w.unread(width, len(listed)), unread)
    assert not wrong


def test_same_pads_as_tensorflow_says() -> None:
    for width, kernel, stride, dilation in product(
        range(1, 13), range(1, 6), range(1, 5), range(1, 3)
    ):
        w = Window.same(width, kernel, stride, dilation)
        assert (w.before, w.after) == same_padding(width, kernel, stride, dilation)
        assert w[:2] == (kernel, stride)
        assert w.dilation == dilation


def test_same_always_fits() -> None:
    for width, kernel, stride, dilation in product(
        range(1, 13), range(1, 6), range(1, 5), range(1, 3)
    ):
        w = Window.same(width, kernel, stride, dilation)
        # Where the stride skips pixels behind the last window, they are no misfit.
        last = windows(width, *w, rounding="floor")[-1]
        assert w.positions(width, Rounding.FLOOR) == len(range(0, width, stride))
        assert last[0] + w.before == range(0, width, stride)[-1]


def test_same_is_as_long_as_keras_makes_it() -> None:
    table = rows("keras_same")
    assert len(table) == 300
    for width, kernel, stride, dilation, length in table:
        w = Window.same(width, kernel, stride, dilation)
        assert w.positions(width, Rounding.FLOOR) == length, (width, w)


def test_rounding_is_pytorchs() -> None:
    table = rows("torch_pool_rounding")
    assert len(table) == 852
    for width, kernel, stride, padding, dilation, floor, ceil in table:
        w = Window(kernel, stride, padding, padding, dilation)
        assert w.positions(width, Rounding.FLOOR) == floor, (width, w)
        assert w.positions(width, Rounding.CEIL) == ceil, (width, w)


def test_a_window_larger_than_the_volume_is_taken_where_pytorch_rounds_it_up() -> None:
    table = reference("torch_pool_rounding")["only_ceil"]
    assert len(table) == 79
    for width, kernel, stride, padding, dilation, ceil in table:
        w = Window(kernel, stride, padding, padding, dilation)
        assert w.positions(width, Rounding.CEIL) == ceil, (width, w)
        with pytest.raises(KernelTooLarge):
            w.positions(width, Rounding.FLOOR)


def small_transposed_windows() -> Iterator[Case]:
    for width, kernel, stride, before, after, dilation in product(
        range(1, 7), range(1, 5), range(1, 4), range(3), range(3), range(1, 3)
    ):
        yield width, Window(kernel, stride, before, after, dilation)


def test_spread_is_what_the_stamps_cover() -> None:
    for (width, w), extra in product(small_transposed_windows(), range(3)):
        stamped = {pixel * w.stride + tap for pixel in range(width)
                   for tap in taps(w.kernel, w.dilation)}  # fmt: skip
        covered = len(range(min(stamped), max(stamped) + 1))
        assert w.spread(width, extra) == covered - w.before - w.after + extra, (width, w, extra)


def test_spread_undoes_sliding() -> None:
    """What slid to n positions spreads back to as many pixels, unread ones aside."""
    for width, w in small_windows():
        if w.travel(width) >= 0:
            left_over = w.travel(width) % w.stride
            assert w.spread(w.positions(width, Rounding.FLOOR), left_over) == width


def test_spread_is_pytorchs() -> None:
    table = rows("torch_conv_transpose")
    assert len(table) == 868
    for width, kernel, stride, padding, dilation, extra, length in table:
        w = Window(kernel, stride, padding, padding, dilation)
        assert w.spread(width, extra) == length, (width, w, extra)
