"""The bundled architectures: found in an installed package or in a checkout, and put in order."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

SUFFIXES = (".yaml", ".yml")

FAMILIES = (
    "Classics",
    "AlexNet",
    "VGG",
    "Inception",
    "ResNet",
    "DenseNet",
    "SqueezeNet",
    "MobileNet",
    "MnasNet",
    "ShuffleNet",
    "EfficientNet",
    "RegNet",
    "ConvNeXt",
    "Transformers",
    "NASNet",
    "NIN",
    "Darknet",
    "Segmentation",
    "Video",
    "Recognition",
    "Pose",
    "Generative",
    "Super-resolution",
    "Audio",
)
"""The families in the order in which they are listed: image classification first, in the order of
its history, then the other uses of convolutions. A family that is not here stands after them."""


@lru_cache(maxsize=1)
def folder() -> Path:
    """Where the bundled files are: inside the package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "architectures"
    return installed if installed.is_dir() else package.parent / "architectures"


def names() -> list[str]:
    """The bundled names, sorted."""
    return sorted(path.stem for path in folder().glob("*.yaml"))


def find(name: str) -> Path | None:
    """The bundled file that `resnet50` or `resnet50.yaml` means, None for anything else."""
    stem = name.removesuffix(".yaml").removesuffix(".yml")
    if not stem or "/" in stem or "\\" in stem or "\0" in stem or stem.startswith("."):
        return None
    path = folder() / f"{stem}.yaml"
    try:
        return path if path.is_file() else None
    except OSError:
        return None


def by_family(family: str | None) -> tuple[int, str]:
    """A key that sorts families as they are listed; networks without one come last."""
    if family is None:
        return len(FAMILIES) + 1, ""
    return (FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)), family


def by_name(name: str) -> list[tuple[int, str]]:
    """A key that sorts `resnet18` in front of `resnet101`, as people count."""
    return [(int(part), "") if part.isdecimal() else (-1, part)
            for part in re.split(r"([0-9]{1,9})", name)]  # fmt: skip
