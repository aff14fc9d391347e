"""What conv, pool and locally connected layers share: a window per axis, and its faults."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cnncalc.diagnostics import RuleError
from cnncalc.geometry import KernelTooLarge, Rounding, StrideMisfit, Window
from cnncalc.layers.base import Change, Layer, Option, RoundingPerAxis, axis_names, need_spatial
from cnncalc.layers.options import Extent, Padding, Pairs, RoundingOption, pairs, per_axis
from cnncalc.reach import Reach, window
from cnncalc.volume import Volume

FARTHEST = 16
"""How many neighbouring values of an option are looked at for a fit."""


FLOOR = Rounding.FLOOR


class Slide(NamedTuple):
    """Windows at rest: one per axis, where they end up and what they leave unread."""

    windows: tuple[Window, ...]
    spatial: tuple[int, ...]
    unread: tuple[int, ...]
    rounded: Rounding | None

    @property
    def reach(self) -> tuple[Reach, ...]:
        return tuple(window(w) for w in self.windows)

    @property
    def taps(self) -> int:
        """∏F: elements of one window in one channel."""
        taps = 1
        for w in self.windows:
            taps *= w.kernel
        return taps


class Sliding(Layer):
    """A layer whose window slides over the spatial axes by rule A."""

    kernel = Extent("side of the window in pixels, F", "kernel_size", "pool_size", "F")
    padding = Padding(
        "zeros around the volume, P: a number, one or a pair per axis, `valid`, `same`, `half` "
        "or `causal`",
        "P",
        default=0,
    )
    rounding: Option[Rounding | None] = RoundingOption(
        "what a stride that does not fit means: exact, floor or ceil",
        default=None,
        none_means="the file's",
    )

    padding_at_most_half = False

    def strides(self, rank: int) -> tuple[int, ...]:
        raise NotImplementedError

    def dilations(self, rank: int) -> tuple[int, ...]:
        return (1,) * rank

    def own_rounding(self) -> Rounding | None:
        """What this layer itself says of a misfit."""
        return self.rounding

    def windows(self, volume: Volume) -> tuple[Window, ...]:
        """One window per axis, words of padding turned into numbers. Raises `RuleError`."""
        need_spatial(self, volume)
        rank = volume.rank
        kernels = per_axis(self.kernel, rank, "kernel")
        axes = zip(kernels, self.strides(rank), self.dilations(rank), strict=True)
        if self.padding == "same":
            return tuple(
                Window.same(width, kernel, stride, dilation)
                for width, (kernel, stride, dilation) in zip(volume.spatial, axes, strict=True)
            )
        return padded([Window(kernel, stride, 0, 0, dilation) for kernel, stride, dilation in axes],
                      self.padding)  # fmt: skip

    def slide(self, volume: Volume, rounding: RoundingPerAxis) -> Slide:
        """Move the windows over the volume.

        Raises `RuleError`: kernel-too-large, stride-misfit, rank-mismatch, bad-value.
        """
        windows = self.windows(volume)
        self._check_padding(windows)
        if self.padding == "same":
            # It always fits; where the kernel is smaller than the stride, pixels are left over.
            counts = (w.positions(n, FLOOR) for w, n in zip(windows, volume.spatial, strict=True))
            return Slide(windows, tuple(counts), (0,) * volume.rank, None)
        own = self.own_rounding()
        rules = rounding if own is None else (own,) * 3
        spatial: list[int] = []
        unread: list[int] = []
        too_large: list[int] = []
        misfits: list[int] = []
        rounded = None
        for axis, (w, width) in enumerate(zip(windows, volume.spatial, strict=True)):
            try:
                spatial.append(w.positions(width, rules[axis]))
            except KernelTooLarge:
                too_large.append(axis)
            except StrideMisfit:
                misfits.append(axis)
            else:
                misfit = w.travel(width) % w.stride != 0
                rounded = rules[axis] if misfit else rounded
                floored = misfit and rules[axis] is FLOOR
                unread.append(w.unread(width, spatial[-1]) if floored else 0)
        if too_large:
            raise self._too_large(windows, volume, too_large)
        if misfits:
            raise self._misfit(windows, volume, misfits)
        return Slide(windows, tuple(spatial), tuple(unread), rounded)

    def _check_padding(self, windows: tuple[Window, ...]) -> None:
        if not self.padding_at_most_half:
            return
        for w in windows:
            if max(w.before, w.after) > w.effective // 2:
                raise RuleError(
                    "bad-value",
                    f"padding {max(w.before, w.after)} is more than half of the kernel's "
                    f"{w.effective} pixels: a window could lie in the padding alone",
                    at="padding",
                )

    def _too_large(self, windows: tuple[Window, ...], volume: Volume, axes: list[int]) -> RuleError:
        sentences = [
            f"a window of {spans(windows[axis])} is larger than the input's "
            f"{volume.spatial[axis]} pixels"
            + (f" with {windows[axis].padding} of padding" if windows[axis].padding else "")
            for axis in axes
        ]
        message = _for_axes(sentences, volume.rank, axes)
        return RuleError("kernel-too-large", message, at="kernel")

    def _misfit(self, windows: tuple[Window, ...], volume: Volume, axes: list[int]) -> RuleError:
        sentences = [
            f"{formula(windows[axis], volume.spatial[axis])} = "
            f"{quotient(windows[axis], volume.spatial[axis])} is not a whole number"
            for axis in axes
        ]
        return RuleError("stride-misfit", _for_axes(sentences, volume.rank, axes), at="stride")

    def nearby_options(self, inputs: tuple[Volume, ...]) -> Iterator[Change]:
        """Paddings, kernels and strides near the given ones with which this layer fits."""
        volume = inputs[0]
        rank = volume.rank
        windows = self.windows(volume)
        if self.padding == "same":
            return
        fits = [
            w.travel(width) >= 0 and w.travel(width) % w.stride == 0
            for w, width in zip(windows, volume.spatial, strict=True)
        ]

        def search(step: int, changed: Callable[[Window, int], Window | None], what: str) -> Change:
            def values() -> Iterator[object]:
                for amount in range(1, FARTHEST + 1):
                    moved = [
                        w if fit else changed(w, step * amount)
                        for w, fit in zip(windows, fits, strict=True)
                    ]
                    if all(
                        w is not None and w.travel(width) >= 0 and w.travel(width) % w.stride == 0
                        for w, width in zip(moved, volume.spatial, strict=True)
                    ):
                        yield _as_option(what, [w for w in moved if w is not None])

            return Change(what, values())

        # Where the stride is the kernel's, as pools have it, they change together.
        tied = self.strides(rank) == per_axis(self.kernel, rank, "kernel") and (
            "stride" not in self.given
        )
        for step in (-1, 1):
            yield search(step, _pad, "padding")
        for step in (-1, 1):
            yield search(step, _tied_kernel if tied else _kernel, "kernel")
        for step in (-1, 1):
            yield search(step, _stride, "stride")


def padded(
    bare: Sequence[Window], padding: int | str | tuple[int | tuple[int, int], ...]
) -> tuple[Window, ...]:
    """Windows with padding, of which the words but `same` depend on the kernel alone. Raises
    `RuleError`."""
    if padding == "half":
        halves = [(w.effective - 1) // 2 for w in bare]
        ends = tuple((half, half) for half in halves)
    elif padding == "causal":
        ends = _causal(bare)
    else:
        ends = pairs(0 if isinstance(padding, str) else padding, len(bare), "padding")
    return tuple(w._replace(before=b, after=a) for w, (b, a) in zip(bare, ends, strict=True))


def _causal(bare: Sequence[Window]) -> Pairs:
    """Zeros in front of time, so that no window looks ahead."""
    if len(bare) > 1:
        first, *others = bare
        pairs_of_time = [[first.effective - 1, 0], *([(w.effective - 1) // 2] * 2 for w in others)]
        raise RuleError(
            "bad-value",
            f"`causal` is for one spatial axis, time, and there are {len(bare)}: where the "
            f"{axis_names(len(bare))[0]} is time, say {pairs_of_time}",
            at="padding",
        )
    return tuple((w.effective - 1, 0) for w in bare)


def _pad(w: Window, amount: int) -> Window | None:
    total = w.padding + amount
    return w._replace(before=total // 2, after=total - total // 2) if total >= 0 else None


def _kernel(w: Window, amount: int) -> Window | None:
    return w._replace(kernel=w.kernel + amount) if w.kernel + amount >= 1 else None


def _tied_kernel(w: Window, amount: int) -> Window | None:
    kernel = w.kernel + amount
    return w._replace(kernel=kernel, stride=kernel) if kernel >= 1 else None


def _stride(w: Window, amount: int) -> Window | None:
    return w._replace(stride=w.stride + amount) if w.stride + amount >= 1 else None


def _as_option(what: str, windows: list[Window]) -> object:
    """The value as an architecture file would say it, shortest form first."""
    if what == "padding":
        ends = [(w.before, w.after) for w in windows]
        if any(before != after for before, after in ends):
            return tuple(ends)
        numbers = [before for before, _ in ends]
    else:
        numbers = [w.kernel if what == "kernel" else w.stride for w in windows]
    return numbers[0] if len(set(numbers)) == 1 else tuple(numbers)


def spans(w: Window) -> str:
    """A window's extent in words."""
    if w.dilation == 1:
        return f"{w.kernel} pixels"
    return f"{w.effective} pixels (kernel {w.kernel} at dilation {w.dilation})"


def formula(w: Window, width: int) -> str:
    """(W - F + 2P)/S + 1 with the layer's numbers in it."""
    if w.before == w.after:
        padding = f"2·{w.before}" if w.before else "0"
    else:
        padding = f"{w.before} + {w.after}"
    return f"({width} − {w.effective} + {padding})/{w.stride} + 1"


def quotient(w: Window, width: int) -> str:
    """The value of the formula: two decimals, or a fraction where those would look whole."""
    whole, remainder = divmod(w.travel(width), w.stride)
    hundredths = (200 * remainder + w.stride) // (2 * w.stride)
    if remainder and hundredths in (0, 100):
        return f"{whole + 1} {remainder}/{w.stride}"
    return f"{whole + 1}.{hundredths:02d}".rstrip("0").rstrip(".")


def _for_axes(sentences: list[str], rank: int, axes: list[int]) -> str:
    """One sentence where all axes say the same, otherwise one for each axis, with its name."""
    if len(axes) == rank and len(set(sentences)) == 1:
        return sentences[0]
    names = axis_names(rank)
    return "; ".join(f"{names[a]}: {s}" for a, s in zip(axes, sentences, strict=True))


class Strided(Sliding):
    """A sliding layer whose stride is 1 unless it says otherwise."""

    stride = Extent("pixels from one window to the next, S", "strides", "S", default=1)

    def strides(self, rank: int) -> tuple[int, ...]:
        return per_axis(self.stride, rank, "stride")


class Dilated(Strided):
    """A strided layer whose taps may stand apart."""

    dilation = Extent(
        "pixels from one tap of the kernel to the next, D", "dilation_rate", "D", default=1
    )

    def dilations(self, rank: int) -> tuple[int, ...]:
        return per_axis(self.dilation, rank, "dilation")
