"""A command that is killed at each step it takes in a folder, one after the other.

`python -m tests.faults.kills [plainly] SIGNAL TARGET ARGUMENTS…`, in an empty folder: a process
that has everything imported forks for each step. Prints how many there were, and how many lost
something; `plainly`, without what keeps files whole.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

BEFORE = (
    "input: 8x8x3   # as it was\nlayers:\n- conv: {filters: 4, kernel: 3}\nexpect: {params: 1}\n"
)

FILES = ("net.yaml", "told.yaml")


def prepare(folder: Path) -> None:
    for name in FILES:
        (folder / name).write_text(BEFORE)


def run(args: list[str], number: int, step: int | None) -> int:
    """The command in a process of its own, killed at a step; how it ended."""
    child = os.fork()
    if not child:
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            _run(args, number, step)
        finally:
            os._exit(9)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _run(args: list[str], number: int, step: int | None) -> None:
    folder = str(Path.cwd())
    seen = 0

    def hook(event: str, given: tuple[object, ...]) -> None:
        nonlocal seen
        if event == "open" or event.startswith("os."):
            seen += any(str(one).startswith(folder) for one in given)
            if seen == step:
                seen += 1
                os.kill(os.getpid(), number)

    from cnncalc.__main__ import main

    sys.addaudithook(hook)
    sys.argv = ["cnncalc", *args]
    try:
        main()
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 0)


def kills(number: int, target: Path, args: list[str]) -> tuple[int, int]:
    """How many steps there are, and after how many of them a file was neither the old one nor the
    new one, or something was left there that the next call did not take away."""
    folder = target.parent
    prepare(folder)
    usual = run(args, number, None)
    after = target.read_bytes()
    assert after != BEFORE.encode()
    tries = losses = 0
    while True:
        prepare(folder)
        ended = run(args, number, tries + 1)
        # A signal that comes after the last write may end nothing.
        if ended == usual and target.read_bytes() == after and tries >= 100:
            raise AssertionError("no end to the steps")
        if ended == usual:
            return tries, losses
        tries += 1
        torn = target.read_bytes() not in (BEFORE.encode(), after)
        prepare(folder)
        run(args, number, None)
        left = [path for path in folder.iterdir() if path.name not in FILES]
        losses += torn or bool(left) or target.read_bytes() != after
        for path in left:
            path.unlink()


def write_plainly(path: str | Path, content: str, **_: object) -> None:
    """Write a file as if nothing could go wrong: what is counted here has to find that."""
    with Path(path).open("w") as file:
        file.write(content)
        os.utime(path)  # a step while the text is on its way


if __name__ == "__main__":
    import cnncalc.cli.app
    from cnncalc.saving import files

    cnncalc.cli.app.app  # noqa: B018  (imports all commands)
    if sys.argv[1] == "plainly":
        setattr(files, "write_whole", write_plainly)  # noqa: B010
        del sys.argv[1]
    number, target, *args = sys.argv[1:]
    print(*kills(int(number), Path(target), args))  # noqa: T201
