"""Files for the fuzzer: documents made by the language's own rules, and texts torn at random."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from cnncalc.layers.registry import KINDS

ROOT = Path(__file__).parent.parent.parent

SEEDS = [
    path.read_text("utf-8")
    for folder in ("architectures", "tests/cases", "tests/cases/bases")
    for path in sorted((ROOT / folder).glob("*.yaml"))
]

NASTY = [
    "", " ", "~", "0", "1", "-1", "2", "3", "07", "0x1", "1x1", "3x3x3", "1e3", "1e999", "0.5",
    "9223372036854775807", "9223372036854775808", "4611686018427387904", "10000000000",
    "true", "false", "on", "null", "''", '""', "[]", "{}", "[[]]", "[[], []]", "[~]", "{a: 1}",
    "[1, [2, 3]]", "- - -", "same", "valid", "floor", "relu", "conv", "dense", "add", "sequential",
    "custom", "input", "index", "in", "$", "$$", "${x}", "$x", "$index", "$in", "$in.channels",
    "$in.size", "$(in.height // 2)", "$(", "$()", "$(1/0)", "$(2**62)", "$(x if y else z)",
    "$(max(1, 2))",
    '"$(max(1, 2))"', "*a", "&a", "&a [*a]", "!!str", "!x", "<<", "|", ">", "%", "@", "`", "'", '"',
    "#", " # ", ":", ": ", ",", "?", "? ", "---", "...", "\t", "\r", "\n", "\r\n", "\n\n  ", "\x00",
    "\x07",
    "\x85", "\u2028", "\ufeff", "\U0001f600", "\u0301", "\u202e", "\ud800", "a" * 300, "1" * 30,
    "[" * 70, "- " * 70, "from: input", "name: a", "name: a.b", "repeat: 3", "repeat: 0",
    "when: false",
    "share: a", "trainable: false", "extends: lenet5", "extends: nowhere", "rounding: ceil",
    "outputs: [a]", "expect: {params: 3}", "padding: [[1, 2], [3, 4]]", "activation: relu",
]  # fmt: skip


# --- texts torn -----------------------------------------------------------------------------------


@st.composite
def torn(draw: st.DrawFn) -> str:
    """A file of the project with lines and words deleted, doubled, swapped or replaced."""
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        text = draw(st.sampled_from(_TEARS))(draw, text)
    return text


def _lines(draw: st.DrawFn, text: str) -> str:
    lines = text.split("\n")
    a, b = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    match draw(st.sampled_from(["delete", "double", "swap", "indent", "join"])):
        case "delete":
            del lines[a]
        case "double":
            lines.insert(b, lines[a])
        case "swap":
            lines[a], lines[b] = lines[b], lines[a]
        case "indent":
            lines[a] = draw(st.sampled_from(["  ", " ", "- ", "\t"])) + lines[a]
        case _:
            lines[a : a + 2] = ["".join(lines[a : a + 2])]
    return "\n".join(lines)


def _words(draw: st.DrawFn, text: str) -> str:
    """Replace what stands between two marks of the syntax."""
    if not text:
        return text
    start = draw(st.integers(0, len(text) - 1))
    while start and text[start - 1] not in " {[(,:\n$":
        start -= 1
    end = start
    while end < len(text) and text[end] not in " }]),:\n":
        end += 1
    return text[:start] + draw(st.sampled_from(NASTY)) + text[end:]


def _characters(draw: st.DrawFn, text: str) -> str:
    at = draw(st.integers(0, len(text)))
    return (
        text[:at]
        + draw(st.sampled_from(NASTY))
        + text[at + draw(st.sampled_from([0, 0, 1, 1, 5])) :]
    )


def _cut(draw: st.DrawFn, text: str) -> str:
    return text[: draw(st.integers(0, len(text)))]


_TEARS = [_lines, _lines, _words, _words, _words, _characters, _characters, _cut]


# --- documents grown ------------------------------------------------------------------------------

_NAMES = [
    "a", "b", "c", "conv1", "relu1", "a.0", "a.conv1", "input", "left", "s$index", "$act",
    "reindex",
]  # fmt: skip
_INPUTS = [
    "8x8x6", "8x8x6", "9x7x4", "32x32x3", "12", "10x4", "4x4x4x2", "$shape", "[8, $n, 3]",
    "1x1x1", "{left: 8x8x6, right: 8x8x3}",
]  # fmt: skip
_ARGUMENTS = ["", "3", "$n", "{w: 3}", "{w: $n, deep: true}", "{}"]
_number = st.one_of(
    st.integers(0, 8), st.sampled_from([-1, 1, 2, 3, 16, 1000, 2**31, 2**62, 2**63 - 1])
)
_expression = st.sampled_from(
    [
        "$n", "$(n + 1)", "$(2 * n)", "$in.channels", "$in.height", "$(in.channels // 2)",
        "$(in.size)", "$index", "$(index + 1)", "$(n / 2)", "$(n if index else 1)", "$w",
        "$(w * 2)", "$nope", "'$(make_divisible(n * 1.5, 4))'", "$act", "$(n ** n)",
        "$(1 / (n - 3))",
    ]
)  # fmt: skip
_extent = st.one_of(
    _number.map(str),
    st.lists(_number, min_size=0, max_size=3).map(str),
    st.sampled_from(["2x2", "1x3", "3x3x3", "0x1"]),
    _expression,
)
_padding = st.one_of(
    _extent, st.sampled_from(["same", "valid", "[[1, 2], [3, 4]]", "[[0, 1]]", "[1, [2, 3]]"])
)
_word = st.sampled_from(["relu", "gelu", "none", "prelu", "{leaky_relu: 0.2}", "$act", "x", "~"])
_plain = st.one_of(
    _number.map(str),
    _expression,
    _word,
    st.sampled_from(
        [
            "true",
            "false",
            "0.5",
            "floor",
            "ceil",
            "exact",
            "all",
            "channels",
            "[0, 1]",
            "[[0], [1]]",
            "[2, 0, 1]",
            "[-1]",
            "4x4x1",
            "bilinear",
        ]
    ),
)
_amount = _number.map(str)
_OPTIONS = {
    "kernel": _extent, "stride": _extent, "dilation": _extent, "padding": _padding,
    "output_padding": _extent, "size": _extent, "scale": _extent, "activation": _word,
    "filters": _amount, "units": _amount, "groups": _amount, "factor": _amount,
}  # fmt: skip
_WIRING = {
    "name": _NAMES,
    "from": _NAMES,
    "share": _NAMES,
    "repeat": ["0", "2", "3", "$n", "n - 1", "100001", "in.height"],
    "when": ["true", "false", "deep", "in.channels > 3", "index > 0", "n", "not deep"],
    "trainable": ["false", "$deep", "3"],
}
_name = st.sampled_from(_NAMES)
_KINDS = [kind for kind, layer in KINDS.items() if not layer.merges]
_MERGES = [kind for kind, layer in KINDS.items() if layer.merges]


@st.composite
def _leaf(draw: st.DrawFn) -> str:
    kind = draw(
        st.sampled_from(
            [
                *_KINDS,
                "conv",
                "conv",
                "max_pool",
                "dense",
                "Conv1d",
                "Conv2d",
                "BatchNorm1d",
                "unit",
                "wide",
                "$act",
                "$kind",
                "rleu",
            ]
        )
    )
    layer = KINDS.get(kind)
    if layer is None and kind not in ("Conv1d", "Conv2d"):
        return f"{kind}: {draw(st.sampled_from(_ARGUMENTS))}"
    options = (layer or KINDS["conv"]).options
    given = [
        f"{name}: {draw(_OPTIONS.get(name, _plain))}"
        for name, option in options.items()
        if draw(st.integers(0, 9)) < (9 if option.required else 2)
    ]
    return f"{kind}: {{{', '.join(given)}}}" if given else kind


@st.composite
def item(draw: st.DrawFn, depth: int) -> str:
    """An item in flow style."""
    shape = draw(st.integers(0, 9)) if depth else 0
    if shape < 6:
        text = draw(_leaf())
    elif shape < 8:
        branches = draw(st.lists(_branch(depth - 1), max_size=3))
        text = f"{draw(st.sampled_from(_MERGES))}: [{', '.join(branches)}]"
    else:
        text = f"sequential: [{draw(_items(depth - 1, 3))}]"
    wiring = []
    for key, values in _WIRING.items():
        if draw(st.integers(0, 9)) == 0:
            wiring.append(f"{key}: {draw(st.sampled_from(values))}")
    if ":" not in text:
        if not wiring:
            return text
        text += ": "
    return f"{{{', '.join([*wiring, text])}}}"


def _items(depth: int, most: int) -> st.SearchStrategy[str]:
    return st.lists(item(depth), max_size=most).map(", ".join)


@st.composite
def _branch(draw: st.DrawFn, depth: int) -> str:
    if draw(st.integers(0, 4)) == 0:
        return draw(_name)
    return f"[{draw(_items(depth, 2))}]"


@st.composite
def grown(draw: st.DrawFn) -> str:
    """A whole file by the rules of the language, though seldom a sensible one."""
    lines = [f"input: {draw(st.sampled_from(_INPUTS))}"]
    lines += ["vars: {n: 3, act: relu, kind: conv, deep: true, shape: 8x8x6}"]
    if draw(st.booleans()):
        lines += [f"rounding: {draw(st.sampled_from(['floor', 'ceil', 'exact', '$act']))}"]
    if draw(st.booleans()):
        conv = f"{{kernel: {draw(_extent)}, padding: {draw(_padding)}}}"
        lines += [f"defaults: {{conv: {conv}, max_pool: {{kernel: 2}}}}"]
    lines += [
        "blocks:",
        f"  unit: {{args: {{w: 2, deep: false}}, layers: [{draw(_items(1, 3))}]}}",
        f"  wide: {{args: {{w: ~}}, layers: [{draw(item(1))}, unit: $w]}}",
        "layers:",
        *(f"  - {text}" for text in draw(st.lists(item(2), max_size=6))),
    ]
    if draw(st.integers(0, 3)) == 0:
        lines += [f"outputs: [{draw(_name)}]"]
    if draw(st.integers(0, 3)) == 0:
        of_layer = f"{{output: {draw(_extent)}, receptive_field: {draw(_extent)}}}"
        lines += [
            f"expect: {{params: {draw(_plain)}, output: {draw(_extent)},",
            f"  layers: {{{draw(_name)}: {of_layer}}}}}",
        ]
    return "\n".join(lines) + "\n"
