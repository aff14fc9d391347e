"""What a command finds around it: no working folder, no memory, `-` for a file to write."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cnncalc.cli import app
from cnncalc.network import Network
from tests.cli.conftest import Run
from tests.forked import Forks
from tests.slowness import slow


@pytest.mark.skipif(sys.platform == "win32", reason="a working folder cannot be deleted")
@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("check x.yaml", 1, "x.yaml: error[file-unreadable]: there is no such file"),
        ("check .", 2, "cnncalc: no architecture files in ."),
        ("check lenet5", 0, "1 file checked: all well"),
        ("check lenet5 -f sarif -o x.sarif", 2, "cnncalc: the working folder is gone"),
        ("check lenet5 -o x.txt", 2, "cnncalc: x.txt"),
        ("summary lenet5", 0, None),
        ("diff --git HEAD x.yaml", 2, "cnncalc: git cannot compare x.yaml: "),
        ("fmt x.yaml", 1, "x.yaml: error[file-unreadable]: there is no such file"),
    ],
)
def test_a_working_folder_that_is_gone(
    forks: Forks, tmp_path: Path, command: str, code: int, said: str | None
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    around = {"GIT_CEILING_DIRECTORIES": str(tmp_path)}
    done = forks.run(gone, command.split(), variables=around, gone=True)
    assert "Traceback" not in done.errors
    assert done.code == code
    assert said is None or any(
        line.startswith(said) for line in (done.output + done.errors).splitlines()
    )


@pytest.mark.parametrize("command", ["summary", *slow("bench", "fit", "whatif")])
def test_too_little_memory_is_a_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    def full(*_: object, **__: object) -> Network:
        raise MemoryError

    monkeypatch.setattr(Network, "load", full)
    words = ["cnncalc", command, "sample.yaml", *(["n=1"] if command == "whatif" else [])]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert ended.value.code == 2
    assert capsys.readouterr() == ("", "cnncalc: there is too little memory\n")


@pytest.mark.skipif(sys.platform == "win32", reason="links take rights")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("summary round.yaml", 1),
        ("check round.yaml lenet5", 1),
        ("check round.yaml --update", 1),
        ("check lenet5 --output round.yaml", 2),
        ("check extending.yaml", 1),
        ("diff round.yaml lenet5", 1),
        ("fmt round.yaml", 1),
        ("whatif alexnet conv1.bias=false --write round.yaml", 2),
        ("fit alexnet --input 225x225x3 --repair --apply 1 --write round.yaml", 2),
        ("sweep alexnet --vary conv1.filters=1,2 --resume round.csv", 2),
    ],
)
def test_links_that_lead_in_a_circle(run: Run, folder: Path, command: str, code: int) -> None:
    for name in ("round.yaml", "round.csv"):
        (folder / name).symlink_to(name)
    (folder / "extending.yaml").write_text("extends: round.yaml\n")
    outcome = run(*command.split())
    assert outcome.code == code
    name = "round.csv" if "sweep" in command else "round.yaml"
    assert name in outcome.output
    assert (folder / name).is_symlink()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("whatif alexnet conv1.bias=false --write -", "- is not a file to write to; name one"),
        (
            "fit alexnet --input 225x225x3 --repair --apply 1 --write -",
            "- is not a file to write to; name one",
        ),
        (
            "summary lenet5 --run --backend reference --repeat 1 --output-file -",
            "--output-file -: outputs are not written to standard output; name a file",
        ),
    ],
)
def test_standard_output_is_no_file(run: Run, command: str, said: str) -> None:
    outcome = run(*command.split())
    assert outcome.code == 2
    assert outcome.stderr.splitlines()[-1] == f"cnncalc: {said}"
    assert not Path("-").exists()
