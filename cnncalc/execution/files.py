"""Inputs read from NumPy's files, and outputs written to them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from math import prod
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple
from zipfile import ZipFile

import numpy as np
from numpy.lib import format

from cnncalc.errors import UsageError
from cnncalc.execution import memory
from cnncalc.execution.operations import FLOAT_BYTES
from cnncalc.execution.refusals import Refused
from cnncalc.execution.weights import Array
from cnncalc.saving.files import need_regular
from cnncalc.saving.writing import write_whole
from cnncalc.volume import Volume


class Stored(NamedTuple):
    """An array in a file, of which the header alone was read."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[[], Array]


def read_inputs(path: Path, volumes: Mapping[str, Volume], batch: int) -> dict[str, Array]:
    """The inputs (batch, *volume), float32: an array of a `.npy`, or the arrays of a `.npz` by the
    inputs' names. One image needs no axis for the batch. What does not fit by its header is not
    read any further. Raises `Refused`."""
    try:
        need_regular(path)
        with path.open("rb") as file:
            return _read(path, _stored(file), volumes, batch)
    except UsageError as error:
        raise Refused(str(error)) from None
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or error}") from None
    except MemoryError:
        raise Refused(f"there is too little memory to read {path}") from None
    except Exception:
        # Damaged files end in errors of NumPy, of zip, of zlib and of the parser of Python.
        raise Refused(f"{path} is no file of NumPy arrays of numbers") from None


def _read(
    path: Path, arrays: dict[str, Stored], volumes: Mapping[str, Volume], batch: int
) -> dict[str, Array]:
    if set(arrays) == {""} and len(volumes) == 1:
        arrays = {next(iter(volumes)): arrays[""]}
    if set(arrays) != set(volumes):
        wanted = ", ".join(volumes)
        if "" in arrays:
            raise Refused(f"{path} holds one array, and the inputs are {wanted}: use a .npz")
        raise Refused(f"{path} holds {', '.join(arrays) or 'nothing'}; the inputs are {wanted}")
    for name, volume in volumes.items():
        _need_fitting(path, name, arrays[name], volume, batch)
    bytes = sum(prod(one.shape) * (one.dtype.itemsize + FLOAT_BYTES) for one in arrays.values())
    free = memory.available()
    if free is not None and bytes > free:
        raise Refused(
            f"reading {path} takes about {memory.gib(bytes)} of memory, and {memory.gib(free)} "
            "are free"
        )
    return {
        name: np.ascontiguousarray(arrays[name].read().reshape(batch, *volume), np.float32)
        for name, volume in volumes.items()
    }


def need_room(path: Path, outputs: Collection[str]) -> None:
    """Raises `Refused` where `write_outputs` would fail, before there is anything to write."""
    if str(path) == "-":
        raise Refused("--output-file -: outputs are not written to standard output; name a file")
    if path.suffix != ".npz" and len(outputs) > 1:
        raise Refused(f"{path} can hold one output, and there are {len(outputs)}: use a .npz")
    need_place(path)


def need_place(path: Path) -> None:
    """Raises `Refused` where no file can be written to."""
    if path.is_dir():
        raise Refused(f"{path}: this is a folder, not a file")
    if not path.parent.is_dir():
        raise Refused(f"{path}: there is no folder {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise Refused(f"{path}: it cannot be written")


def write_outputs(path: Path, outputs: Mapping[str, Array]) -> None:
    """One output as `.npy`, or all of them by name as `.npz`, whole or not at all. Raises
    `Refused`."""

    def save(file: BinaryIO) -> None:
        if path.suffix == ".npz":
            np.savez(file, allow_pickle=False, **dict(outputs))
        else:
            np.save(file, next(iter(outputs.values())), allow_pickle=False)

    try:
        write_whole(path, save)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or error}") from None


def _stored(file: BinaryIO) -> dict[str, Stored]:
    """What is in a file, by name; an array that has none under the empty name."""
    magic = file.read(len(format.MAGIC_PREFIX))
    file.seek(0)
    if magic == format.MAGIC_PREFIX:
        return {"": _array(file, lambda: nullcontext(file))}
    archive = ZipFile(file)
    found = {}
    for name in archive.namelist():
        open = partial(archive.open, name)
        with open() as member:
            found[name.removesuffix(".npy")] = _array(member, open)
    return found


def _array(file: IO[bytes], open: Callable[[], AbstractContextManager[IO[bytes]]]) -> Stored:
    """The array that a file begins with, which is read when that is opened again."""
    version = format.read_magic(file)
    header = {(1, 0): format.read_array_header_1_0, (2, 0): format.read_array_header_2_0}[version]
    shape, _, dtype = header(file)

    def read() -> Array:
        with open() as again:
            if again is file:
                again.seek(0)
            array: Array = format.read_array(again, allow_pickle=False)
            return array

    return Stored(shape, dtype, read)


def _need_fitting(path: Path, name: str, array: Stored, volume: Volume, batch: int) -> None:
    """Raises `Refused` where an array cannot be the input."""
    if array.dtype.kind not in "fiub":
        raise Refused(f"{path}: {name} holds {array.dtype}, which are no real numbers")
    if array.shape != (batch, *volume) and (batch > 1 or array.shape != tuple(volume)):
        found, wanted = _axes(array.shape), _axes((batch, *volume))
        raise Refused(f"{path}: {name} is {found}, and the input is {wanted}, batch first")


def _axes(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a number"
