"""From a text back to the file it was read from: whole or not at all."""

from __future__ import annotations

import stat
from codecs import BOM_UTF8
from pathlib import Path
from tempfile import NamedTemporaryFile


def replace(path: Path, text: str) -> None:
    """Give a file that is there another text. Its mode stays, a link goes on pointing to it, and a
    byte order mark that it began with is kept; line ends are as in `text`.

    Readers see the old file or the new one, never a part. Raises `OSError`, and then the file is
    what it was.
    """
    target = path.resolve(strict=True)
    with target.open("r+b") as file:
        # Opened for writing: a file that is write-protected is refused, though its folder is not.
        mark = BOM_UTF8 if file.read(len(BOM_UTF8)) == BOM_UTF8 else b""
    with NamedTemporaryFile(prefix=f".{target.name}.", dir=target.parent, delete=False) as made:
        new = Path(made.name)
        try:
            made.write(mark + text.encode("utf-8"))
            made.close()
            new.chmod(stat.S_IMODE(target.stat().st_mode))
            new.replace(target)
        except BaseException:
            made.close()
            new.unlink(missing_ok=True)
            raise
