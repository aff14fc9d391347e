"""The types of the API: whatever its functions give can be named from the package itself."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, get_args, get_type_hints

import pytest

import cnncalc

EXPORTED = {name: getattr(cnncalc, name) for name in cnncalc.__all__}
FUNCTIONS = {name: it for name, it in EXPORTED.items() if inspect.isfunction(it)}
CLASSES = {name: it for name, it in EXPORTED.items() if inspect.isclass(it)}
ERRORS = {it for it in CLASSES.values() if issubclass(it, Exception)}
WAYS_IN = {cnncalc.Network, cnncalc.Overrides}
"""What callers make themselves, and functions do not give."""
TYPES = {name: it for name, it in CLASSES.items() if it not in ERRORS | WAYS_IN}

SMALL = (
    "input: 8x8x3\nlayers:\n  - {name: a, conv: {filters: 4, kernel: 3}}\n  - {name: b, dense: 2}\n"
)


def types_in(annotation: Any) -> Iterator[type]:
    """The project's own classes in `tuple[Row, ...] | None`."""
    for inner in get_args(annotation):
        yield from types_in(inner)
    if inspect.isclass(annotation) and annotation.__module__.startswith("cnncalc."):
        yield annotation


def returned(function: Callable[..., Any]) -> set[type]:
    return set(types_in(get_type_hints(function, {**function.__globals__, **TYPES})["return"]))


def members(answer: type) -> Iterator[tuple[str, Any]]:
    """The fields and properties of an answer with their annotations."""
    yield from get_type_hints(answer).items()
    for name, member in vars(answer).items():
        if isinstance(member, property) and not name.startswith("_"):
            names = {**vars(sys.modules[answer.__module__])}
            yield name, get_type_hints(member.fget, names)["return"]


ANSWERS: set[type] = set().union(*map(returned, FUNCTIONS.values()))
"""What functions give, not what that is made of."""


def reached() -> Iterator[tuple[str, type]]:
    """Every class that an answer holds in turn, with the way there."""
    seen: set[type] = set()
    todo = [(answer.__name__, answer) for answer in sorted(ANSWERS, key=str)]
    while todo:
        way, found = todo.pop()
        if found in seen:
            continue
        seen.add(found)
        yield way, found
        for name, annotation in members(found):
            todo += [(f"{way}.{name}", inner) for inner in types_in(annotation)]


def test_functions_give_exported_types() -> None:
    assert {cnncalc.Report, cnncalc.WhatIf, cnncalc.Variant, cnncalc.Solution} <= ANSWERS
    for answer in ANSWERS:
        assert EXPORTED.get(answer.__name__) is answer


@pytest.mark.parametrize("answer", sorted(ANSWERS, key=str))
def test_members_of_answers_are_exported(answer: type) -> None:
    for name, annotation in members(answer):
        for inner in types_in(annotation):
            assert EXPORTED.get(inner.__name__) is inner, f"{answer.__name__}.{name}"


def test_no_other_type_goes_by_an_exported_name() -> None:
    ways = {found: way for way, found in reached()}
    assert len(ways) > len(ANSWERS)
    for found, way in ways.items():
        assert EXPORTED.get(found.__name__, found) is found, way


def test_exported_types_have_their_own_names_and_are_given() -> None:
    ways = {found for _, found in reached()}
    for name, exported in TYPES.items():
        assert exported.__name__ == name
        assert exported in ways


def held(value: object) -> Iterator[object]:
    """A value and, of a container, what it holds."""
    yield value
    if type(value) in (tuple, list):
        for inner in value:  # type: ignore[attr-defined]
            yield from held(inner)
    elif type(value) is dict:
        for inner in value.values():
            yield from held(inner)


def test_what_comes_is_what_is_annotated(tmp_path: Any) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    misfit = tmp_path / "misfit.yaml"
    misfit.write_text(SMALL.replace("kernel: 3", "kernel: 3, stride: 2"))
    given = {
        "load": cnncalc.load(file),
        "loads": cnncalc.loads(SMALL),
        "explain": cnncalc.explain(file, "a"),
        "layer": cnncalc.layer("conv", "8x8x3", filters=4, kernel=3),
        "fit": cnncalc.fit(file),
        "repairs": cnncalc.repairs(misfit),
        "whatif": cnncalc.whatif(file, {"a.filters": "4,5"}),
        "diff": cnncalc.diff(file, misfit),
        "sweep": list(cnncalc.sweep(file, {"a.filters": [4, 5]})),
        "solve": cnncalc.solve(file, "a.filters", "params <= 1k"),
        "check": cnncalc.check([file, misfit]),
        "fmt": cnncalc.fmt(file),
        "update": cnncalc.update(file),
        "run": cnncalc.run(file, backend="reference", repeat=1),
        "bench": cnncalc.bench([file, misfit], backend="reference", repeat=1),
    }
    assert given.keys() == FUNCTIONS.keys()
    for name, answer in given.items():
        (expected,) = returned(FUNCTIONS[name])
        own = [one for one in held(answer) if type(one).__module__.startswith("cnncalc.")]
        assert own, name
        assert {type(one) for one in own} == {expected}, name
        for member, annotation in members(expected):
            inner = tuple(types_in(annotation))
            for one in held(getattr(own[0], member)):
                if type(one).__module__.startswith("cnncalc."):
                    assert type(one) in inner, f"{name}: {expected.__name__}.{member}"
    whatif = given["whatif"]
    assert isinstance(whatif, cnncalc.WhatIf)
    assert [isinstance(one, cnncalc.WhatIfVariant) for one in whatif.variants] == [True, True]


def test_every_name_is_where_the_package_says() -> None:
    for name, module in cnncalc._HOMES.items():
        assert getattr(import_module(module), name) is EXPORTED[name]
    assert set(cnncalc._HOMES) == {name for name in cnncalc.__all__ if name not in vars(cnncalc)}
    assert set(cnncalc.__all__) <= set(dir(cnncalc))


def test_errors_of_arguments_and_files_are_value_errors() -> None:
    """As the functions say; workers that are lost are neither."""
    assert {error.__name__ for error in ERRORS if not issubclass(error, ValueError)} == {
        "WorkersLost"
    }


def test_no_folder_takes_the_place_of_a_function() -> None:
    """`cnncalc.fit` is a function, whichever of the modules in `cnncalc/fit/` was imported."""
    for module in iter_modules(cnncalc.__path__):
        import_module(f"cnncalc.{module.name}")
    functions = [name for name in cnncalc.__all__ if name.islower() and name.isidentifier()]
    assert {"fit", "explain", "sweep"} <= {*functions}
    assert [name for name in functions if not callable(getattr(cnncalc, name))] == ["__version__"]
