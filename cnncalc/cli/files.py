"""The files of a command line: those it reads, and the one it writes."""

from __future__ import annotations

from pathlib import Path

STANDARD_OUTPUT = (None, Path("-"), Path("/dev/stdout"))
"""What `--output` may say for it."""


def meant(paths: list[str]) -> list[str]:
    """The files of all arguments, each once, in order. Ends the command where there are none."""
    from cnncalc.cli.console import misuse
    from cnncalc.errors import UsageError
    from cnncalc.paths import architecture_files

    try:
        return architecture_files(paths)
    except UsageError as error:
        misuse(str(error))


def is_network(word: str) -> bool:
    """Whether a word is meant for an architecture file: one that is there or is called like one, or
    a bundled name."""
    from cnncalc import bundled

    if word.startswith("-"):
        return word == "-"
    try:
        is_there = Path(word).is_file()
    except (OSError, ValueError):
        return False
    return is_there or word.endswith((".yaml", ".yml")) or bundled.find(word) is not None


def check_target(output: Path, files: list[str]) -> None:
    """End the command before the work where the file to write cannot be meant."""
    from cnncalc.cli.console import misuse

    try:
        output.stat()
    except (FileNotFoundError, NotADirectoryError):
        pass  # it will be made, or there is no such folder
    except OSError as error:  # a loop of links, a folder that may not be entered
        misuse(f"--output {output}: {error.strerror or error}")
    if not output.parent.is_dir():
        misuse(f"--output {output}: there is no folder {output.parent}")
    if output.is_dir():
        misuse(f"--output {output}: this is a folder")
    if not output.is_file():
        return
    from cnncalc.language.inheritance import bases

    for file in files:
        path = Path(file)
        if file == "-" or not path.exists():
            continue
        if output.samefile(path):
            misuse(f"--output {output}: this is one of the files given")
        if any(output.samefile(base) for base in bases(path)):
            misuse(f"--output {output}: {file} extends this file")
