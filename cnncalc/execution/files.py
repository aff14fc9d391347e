"""Inputs read from NumPy's files, and outputs written to them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from math import prod
from os import SEEK_END
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple
from zipfile import ZipFile

import numpy as np
from numpy.lib import format

from cnncalc.diagnostics import listed
from cnncalc.errors import UsageError
from cnncalc.execution import memory
from cnncalc.execution.operations import FLOAT_BYTES
from cnncalc.execution.refusals import Refused
from cnncalc.execution.weights import Array
from cnncalc.saving.files import need_regular
from cnncalc.saving.writing import write_whole
from cnncalc.volume import Volume


class Stored(NamedTuple):
    """An array in a file, of which the header alone was read; whether as much is there as that
    says."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    whole: bool
    read: Callable[[], Array]


def read_inputs(path: Path, volumes: Mapping[str, Volume], batch: int) -> dict[str, Array]:
    """The inputs (batch, *volume), float32: an array of a `.npy`, or the arrays of a `.npz` by the
    inputs' names. One image needs no axis for the batch. What does not fit by its header is not
    read any further. Raises `Refused`."""
    try:
        need_regular(path)
        with path.open("rb") as file:
            return _read(path, _members(file), volumes, batch)
    except UsageError as error:
        raise Refused(str(error)) from None
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or error}") from None
    except MemoryError:
        raise Refused(f"there is too little memory to read {path}") from None
    except Exception:
        # Damaged files end in errors of NumPy, of zip, of zlib and of the parser of Python.
        raise Refused(f"{path} is not a file of NumPy arrays of numbers") from None


def _read(
    path: Path, members: dict[str, _Member], volumes: Mapping[str, Volume], batch: int
) -> dict[str, Array]:
    if set(members) == {""} and len(volumes) == 1:
        members = {next(iter(volumes)): members[""]}
    if set(members) != set(volumes):
        wanted = listed(volumes)
        if "" in members:
            raise Refused(f"{path} holds one array, and the inputs are {wanted}: use a .npz")
        raise Refused(f"{path} holds {listed(members) or 'nothing'}; the inputs are {wanted}")
    arrays = {name: member.stored() for name, member in members.items()}
    for name, volume in volumes.items():
        _need_fitting(path, name, arrays[name], volume, batch)
        if not arrays[name].whole:
            raise ValueError
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


def _members(file: BinaryIO) -> dict[str, _Member]:
    """What is in a file, by name; an array that has none under the empty name. Raises `Refused`
    for two of one name."""
    magic = file.read(len(format.MAGIC_PREFIX))
    if magic == format.MAGIC_PREFIX:
        size = file.seek(0, SEEK_END)
        return {"": _Member(size, lambda: nullcontext(file))}
    archive = ZipFile(file)
    found: dict[str, _Member] = {}
    for entry in archive.infolist():
        name = entry.filename.removesuffix(".npy")
        if name in found:
            raise Refused(f"{file.name} holds `{name}` twice")
        found[name] = _Member(entry.file_size, partial(archive.open, entry))
    return found


class _Member(NamedTuple):
    """What may be an array, by its size in bytes, unpacked, and how it is opened."""

    size: int
    open: Callable[[], AbstractContextManager[IO[bytes]]]

    def stored(self) -> Stored:
        """The array by its header. Raises `ValueError`."""
        with self.open() as file:
            file.seek(0)
            version = format.read_magic(file)
            width, header = _HEADERS[version]
            length = int.from_bytes(file.read(width), "little")
            if length > _LONGEST_HEADER:
                raise ValueError("a header that is longer than any")
            file.seek(format.MAGIC_LEN)
            shape, _, dtype = header(file)
        whole = format.MAGIC_LEN + width + length + prod(shape) * dtype.itemsize
        return Stored(shape, dtype, whole == self.size, self.read)

    def read(self) -> Array:
        with self.open() as file:
            file.seek(0)
            array: Array = format.read_array(file, allow_pickle=False)
            return array


_HEADERS = {(1, 0): (2, format.read_array_header_1_0), (2, 0): (4, format.read_array_header_2_0)}
"""By version, how many bytes say how long the header is, and what reads it."""

_LONGEST_HEADER = 10_000
"""Bytes, as NumPy has it."""


def _need_fitting(path: Path, name: str, array: Stored, volume: Volume, batch: int) -> None:
    """Raises `Refused` where an array cannot be the input."""
    if array.dtype.kind not in "fiub":
        raise Refused(f"{path}: {name} holds {array.dtype}, which are not real numbers")
    if array.shape != (batch, *volume) and (batch > 1 or array.shape != tuple(volume)):
        found, wanted = _axes(array.shape), _axes((batch, *volume))
        raise Refused(f"{path}: {name} is {found}, and the input is {wanted}, batch first")


def _axes(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a number"
