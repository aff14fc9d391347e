"""Inputs read from NumPy's files, and outputs written to them."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from cnncalc.execution.refusals import Refused
from cnncalc.execution.weights import Array
from cnncalc.saving.writing import write_whole
from cnncalc.volume import Volume


def read_inputs(path: Path, volumes: Mapping[str, Volume], batch: int) -> dict[str, Array]:
    """The inputs (batch, *volume), float32: an array of a `.npy`, or the arrays of a `.npz` by the
    inputs' names. One image needs no axis for the batch. Raises `Refused`."""
    arrays = _loaded(path)
    if set(arrays) == {""} and len(volumes) == 1:
        arrays = {next(iter(volumes)): arrays[""]}
    if set(arrays) != set(volumes):
        wanted = ", ".join(volumes)
        if "" in arrays:
            raise Refused(f"{path} holds one array, and the inputs are {wanted}: use a .npz")
        raise Refused(f"{path} holds {', '.join(arrays) or 'nothing'}; the inputs are {wanted}")
    return {
        name: _fitting(path, name, arrays[name], volume, batch) for name, volume in volumes.items()
    }


def need_room(path: Path, outputs: Collection[str]) -> None:
    """Raises `Refused` where `write_outputs` would fail, before there is anything to write."""
    if path.suffix != ".npz" and len(outputs) > 1:
        raise Refused(f"{path} can hold one output, and there are {len(outputs)}: use a .npz")
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


def _loaded(path: Path) -> dict[str, Array]:
    """Arrays by name; one that has none under the empty name."""
    try:
        with path.open("rb") as file:
            found = np.load(file, allow_pickle=False)
            if isinstance(found, np.ndarray):
                return {"": found}
            with found:
                return {name: found[name] for name in found.files}
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or error}") from None
    except Exception:
        # Damaged files end in errors of NumPy, of zip, of zlib and of the parser of Python.
        raise Refused(f"{path} is no file of NumPy arrays of numbers") from None


def _fitting(path: Path, name: str, array: Array, volume: Volume, batch: int) -> Array:
    if array.dtype.kind not in "fiub":
        raise Refused(f"{path}: {name} holds {array.dtype}, which are no real numbers")
    if batch == 1 and array.shape == tuple(volume):
        array = array[None]
    if array.shape != (batch, *volume):
        found, wanted = _axes(array.shape), _axes((batch, *volume))
        raise Refused(f"{path}: {name} is {found}, and the input is {wanted}, batch first")
    return np.ascontiguousarray(array, np.float32)


def _axes(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a number"
