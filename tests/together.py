"""Tables of cases that are one test: each case is tried, and all that fail are reported at once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import pytest

Test = Callable[..., None]


def together(names: str | tuple[str, ...], cases: Iterable[Any]) -> Callable[[Test], Test]:
    """As `pytest.mark.parametrize`, but the cases make one test. What pytest does for a test takes
    longer than most cases do, and there are thousands. Whatever fixtures a test has, its cases
    share."""
    single = isinstance(names, str)
    argument_names = (names,) if isinstance(names, str) else names
    cases = list(cases)
    table = [(case,) if single else tuple(case) for case in cases]
    assert table, "a table without cases tests nothing"
    assert not any(isinstance(case, type(pytest.param())) for case in cases), (
        "a case takes no marks"
    )

    def decorate(test: Test) -> Test:
        @wraps(test)
        def of_all(*args: Any, **fixtures: Any) -> None:
            failed: list[Exception] = []
            for values in table:
                case = dict(zip(argument_names, values, strict=True))
                try:
                    test(*args, **case, **fixtures)
                except (Exception, pytest.fail.Exception) as error:
                    reported = error if isinstance(error, Exception) else AssertionError(str(error))
                    reported.add_note(f"the case: {case!r}")
                    failed.append(reported)
            if failed:
                raise ExceptionGroup(f"{len(failed)} of {len(table)} cases", failed)

        signature = inspect.signature(test)
        kept = [p for name, p in signature.parameters.items() if name not in argument_names]
        assert len(kept) == len(signature.parameters) - len(argument_names), "no such argument"
        vars(of_all)["__signature__"] = signature.replace(parameters=kept)
        return of_all

    return decorate
