"""Layers in which branches meet."""

from itertools import combinations
from math import prod

from cnncalc.diagnostics import RuleError
from cnncalc.layers.axes import CHANNELS, AxisOption, numbered
from cnncalc.layers.base import Inferred, Layer, RoundingPerAxis, axis_names, need_spatial
from cnncalc.layers.options import Flag
from cnncalc.volume import Volume


class Merge(Layer):
    """A layer whose inputs are the ends of its branches."""

    merges = True


class ElementwiseMerge(Merge):
    """Branches of equal volumes, where an axis of 1 stretches to its counterpart."""

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        first = inputs[0]
        if any(len(volume) != len(first) for volume in inputs):
            raise _differ(self.kind, inputs)
        axes = []
        for sizes in zip(*inputs, strict=True):
            longest = max(sizes)
            if any(size not in (1, longest) for size in sizes):
                raise _differ(self.kind, inputs)
            axes.append(longest)
        output = Volume(axes)
        stretched = any(volume.spatial != output.spatial for volume in inputs)
        return Inferred(
            output,
            operations=output.size * self.steps(len(inputs)),
            reach=None if stretched else (),
        )

    def steps(self, branches: int) -> int:
        """Operations per output element."""
        return branches - 1


def _differ(kind: str, inputs: tuple[Volume, ...]) -> RuleError:
    volumes = " and ".join(map(str, inputs))
    difference = _by_how_much([tuple(volume) for volume in inputs], stretched=True)
    return RuleError(
        "shape-mismatch", f"{kind} needs equal volumes, and its branches are {volumes}{difference}"
    )


def _by_how_much(branches: list[tuple[int, ...]], *, stretched: bool) -> str:
    """`: height and width 57 against 56, 1 more`, of the first two branches that do not go
    together; nothing where they have not as many axes. An axis of 1 may be `stretched`."""
    for one, other in combinations(branches, 2):
        if len(one) != len(other):
            return ""
        names = (*axis_names(len(one) - 1), "channels") if len(one) > 1 else ("channels",)
        alike: dict[tuple[int, int], list[str]] = {}
        for name, old, new in zip(names, one, other, strict=True):
            if old != new and not (stretched and 1 in (old, new)):
                alike.setdefault((old, new), []).append(name)
        if alike:
            return ": " + "; ".join(
                f"{' and '.join(where)} {new} against {old}, {abs(new - old)} "
                + ("more" if new > old else "less")
                for (old, new), where in alike.items()
            )
    return ""


class Add(ElementwiseMerge):
    """The sum of the branches: the residual connection.

    Output: the branches' volume; axes of length 1 broadcast
    FLOPs: one per output element and further branch
    """

    kind = "add"


class Multiply(ElementwiseMerge):
    """The product of the branches: gates such as squeeze-and-excitation.

    Output: the branches' volume; axes of length 1 broadcast
    FLOPs: one per output element and further branch
    """

    kind = "multiply"


class Subtract(ElementwiseMerge):
    """The first branch minus the second.

    Output: the branches' volume; axes of length 1 broadcast
    FLOPs: one per output element
    """

    kind = "subtract"

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        if len(inputs) != 2:
            raise RuleError("bad-value", f"subtract takes two branches, not {len(inputs)}")
        return super().infer(inputs, rounding)


class Maximum(ElementwiseMerge):
    """The largest of the branches, element by element.

    Output: the branches' volume; axes of length 1 broadcast
    FLOPs: one per output element and further branch
    """

    kind = "maximum"


class Minimum(ElementwiseMerge):
    """The smallest of the branches, element by element.

    Output: the branches' volume; axes of length 1 broadcast
    FLOPs: one per output element and further branch
    """

    kind = "minimum"


class Average(ElementwiseMerge):
    """The mean of the branches, element by element.

    Output: the branches' volume; axes of length 1 broadcast
    FLOPs: one per output element and branch (the sum, then a division)
    """

    kind = "average"

    def steps(self, branches: int) -> int:
        return branches


class Concat(Merge):
    """The branches one after the other along the channels, or along `axis`; beside an option the
    branches have a name: `{branches: [[…], []], axis: -2}`.

    Output: the branches' spatial axes, the sum of their channels; with another `axis` the sum there
    FLOPs: 0
    """

    kind = "concat"
    aliases = ("Concatenate",)

    axis = AxisOption("`channels`, `width`, `height`, `depth`, or -1 to -4", default=CHANNELS)

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        if self.axis != CHANNELS:
            return self._along_space(inputs)
        if any(volume.spatial != inputs[0].spatial for volume in inputs):
            volumes = " and ".join(map(str, inputs))
            difference = _by_how_much([(*volume.spatial, 1) for volume in inputs], stretched=False)
            raise RuleError(
                "shape-mismatch",
                f"concat needs equal spatial axes, and its branches are {volumes}{difference}",
            )
        return Inferred(inputs[0].with_channels(sum(volume.channels for volume in inputs)))

    def _along_space(self, inputs: tuple[Volume, ...]) -> Inferred:
        (axis,) = numbered(self.axis, inputs[0], "axis")
        others = {(*volume[:axis], 0, *volume[axis + 1 :]) for volume in inputs}
        if len(others) > 1:
            volumes = " and ".join(map(str, inputs))
            raise RuleError(
                "shape-mismatch",
                f"concat along axis {axis - len(inputs[0])} needs all other axes equal, and its "
                f"branches are {volumes}",
            )
        length = sum(volume[axis] for volume in inputs)
        return Inferred(Volume((*inputs[0][:axis], length, *inputs[0][axis + 1 :])), reach=None)


class MatMul(Merge):
    """The product of two branches as matrices, each of the last spatial axis and the channels;
    axes before them are matrices of their own. Beside an option the branches have a name:
    `{branches: [q, k], transpose_b: true}`.

    Output: the first's rows and the second's columns
    MACs: rows·inner·columns of each matrix, as PyTorch, fvcore and ptflops count matmul
    FLOPs: 2·MACs
    """

    kind = "matmul"
    aliases = ("BatchMatMul", "bmm")

    transpose_a = Flag(
        "whether the first branch's matrices are transposed", "transA", default=False
    )
    transpose_b = Flag(
        "whether the second branch's matrices are transposed", "transB", default=False
    )

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        if len(inputs) != 2:
            raise RuleError("bad-value", f"matmul takes two branches, not {len(inputs)}")
        for volume in inputs:
            need_spatial(self, volume)
        (*apart, rows, inner), (*others, against, columns) = inputs
        if self.transpose_a:
            rows, inner = inner, rows
        if self.transpose_b:
            against, columns = columns, against
        fits = len(apart) == len(others) and all(
            1 in (m, n) or m == n for m, n in zip(apart, others, strict=True)
        )
        if inner != against or not fits:
            first, second = inputs
            raise RuleError(
                "shape-mismatch",
                f"matmul multiplies {rows}x{inner} with {against}x{columns}, and branches are "
                f"{first} and {second}: {inner} and {against} must be equal, and axes before them",
            )
        matrices = [max(m, n) for m, n in zip(apart, others, strict=True)]
        output = Volume((*matrices, rows, columns))
        return Inferred(output, macs=prod(matrices) * rows * inner * columns, reach=None)
