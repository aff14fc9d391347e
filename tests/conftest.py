"""What all tests share: whole outputs compared with stored ones, how many examples a property is
tried on, and that nothing shows of where they are run. No test's own material."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
import typer.main
import typer.testing
from hypothesis import HealthCheck, settings

from cnncalc import bundled
from cnncalc.checks.evaluate import Evaluation
from cnncalc.graph.overrides import Overrides
from cnncalc.network import Network
from tests.examples import COMMON

if TYPE_CHECKING:
    from cnncalc.execution.native.code import Code
    from cnncalc.execution.native.host import Host

GOLDEN = Path(__file__).parent / "golden"

Golden = Callable[[str, str], None]
"""Compare a text with a stored file: golden("summary.txt", text)."""


# The same examples everywhere, however slow the machine is; `--hypothesis-profile=explore` looks
# for others. Hypothesis loads what the option names later than this.
same = settings(
    settings.get_profile("default"),
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=COMMON,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile("same", same)
settings.register_profile(
    "explore", same, derandomize=False, max_examples=20 * COMMON, print_blob=True
)
settings.load_profile("same")

_SURROUNDINGS = (
    "CI", "CNNCALC_", "COLORTERM", "COLUMNS", "DASK_", "FORCE_COLOR", "GITHUB_", "LANG", "LC_",
    "LINES", "NO_COLOR", "PAGER", "PYTHONWARNINGS", "TERMINAL_WIDTH", "TTY_", "TYPER_", "TZ",
    "_TYPER_",
)  # fmt: skip
"""How the variables begin that may show in what is printed or computed."""


# A runner would build the seventeen commands anew for each one that is typed, which takes longer
# than most take to run. Where typer no longer looks here, the tests are only slower.
typer.main.get_command = cache(typer.main.get_command)
vars(typer.testing)["_get_command"] = typer.main.get_command


def pytest_collection_finish() -> None:
    """Thousands of tests in memory are not gone through with every collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Wherever the tests are run, they see no terminal, plain UTF-8 and a cache of their own."""
    with pytest.MonkeyPatch.context() as patched:
        for name in os.environ:
            if name.startswith(_SURROUNDINGS):
                patched.delenv(name)
        patched.setenv("LC_ALL", "C.UTF-8")
        patched.setenv("TERM", "xterm-256color")
        patched.setenv("TZ", "UTC")
        patched.setenv("CNNCALC_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
        yield


@pytest.fixture(scope="session")
def kernels_are_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Not once for each folder that a test has for its cache, nor for each process of pytest."""
    from cnncalc.execution.cache import VARIABLE
    from cnncalc.execution.native import library

    base = tmp_path_factory.getbasetemp()
    compiled_once: Callable[[str, Callable[[], str], Host], Code] = vars(library)["compiled_once"]
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "kernels"

    def compiled(key: str, text: Callable[[], str], at: Host) -> Code:
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv(VARIABLE, str(folder))
            return compiled_once(key, text, at)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(library, "compiled_once", compiled)
        yield


@pytest.fixture(autouse=True, scope="session")
def bundled_files_are_read_once() -> Iterator[None]:
    """They stay the same, and many tests go through all of them."""
    folder, fresh = bundled.folder(), Network.read
    known = cache(fresh)

    def read(path: str) -> Network:
        return known(path) if Path(path).parent == folder else fresh(path)

    evaluated: dict[tuple[object, ...], Evaluation] = {}
    own = vars(Network)["evaluation"].func

    def evaluation(network: Network) -> Evaluation:
        """As the files say them, networks are evaluated once as well."""
        path, unchanged = network.path, network.overrides == Overrides()
        if path is None or path.parent != folder or not unchanged:
            return cast("Evaluation", own(network))
        key = (path, network.batch, network.dtype, network.requested, network.source.text)
        if key not in evaluated:
            evaluated[key] = own(network)
        return evaluated[key]

    shared = cached_property(evaluation)
    shared.__set_name__(Network, "evaluation")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Network, "read", read)
        patched.setattr(Network, "evaluation", shared)
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write tests/golden and the sessions in the documentation anew; read the diff",
    )


@pytest.fixture
def updating(request: pytest.FixtureRequest) -> bool:
    """Whether stored outputs are to be written rather than compared."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def golden(updating: bool) -> Golden:
    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if updating:
            path.write_text(text, "utf-8", newline="\n")
        assert text == path.read_text("utf-8")

    return compare
