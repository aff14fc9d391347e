"""Networks built of PyTorch's modules as their papers, or their authors' files, describe them.

They are written apart from the bundled architectures, with PyTorch's own padding and slicing.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Callable

Tensor = torch.Tensor


# ------------------------------------------------------------------------------------------ Darknet


def unit(channels: int, filters: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Darknet's `[convolutional]` with `batch_normalize=1`, `pad=1`, `activation=leaky`."""
    return nn.Sequential(
        nn.Conv2d(channels, filters, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(filters),
        nn.LeakyReLU(0.1),
    )


def darknet19() -> nn.Module:
    """Table 6 of YOLO9000; a letter is a pool, a pair is (filters, kernel)."""
    table: list[tuple[int, int] | str] = [(32, 3), "M", (64, 3)]
    table += ["M", (128, 3), (64, 1), (128, 3), "M", (256, 3), (128, 1), (256, 3)]
    table += ["M", (512, 3), (256, 1), (512, 3), (256, 1), (512, 3)]
    table += ["M", (1024, 3), (512, 1), (1024, 3), (512, 1), (1024, 3)]
    layers: list[nn.Module] = []
    channels = 3
    for entry in table:
        if isinstance(entry, str):
            layers.append(nn.MaxPool2d(2, 2))
        else:
            layers.append(unit(channels, *entry))
            channels = entry[0]
    layers += [nn.Conv2d(1024, 1000, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Softmax(1)]
    return nn.Sequential(*layers)


class Shortcut(nn.Module):
    """Darknet's `[shortcut]` around a 1x1 and a 3x3 convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(unit(channels, channels // 2, 1), unit(channels // 2, channels))

    def forward(self, x: Tensor) -> Tensor:
        return self.branch(x) + x


def down(channels: int, filters: int, shortcuts: int) -> nn.Sequential:
    return nn.Sequential(
        unit(channels, filters, 3, 2), *(Shortcut(filters) for _ in range(shortcuts))
    )


def darknet53() -> nn.Module:
    """Table 1 of YOLOv3."""
    return nn.Sequential(
        unit(3, 32), down(32, 64, 1), down(64, 128, 2), down(128, 256, 8), down(256, 512, 8),
        down(512, 1024, 4),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, 1000), nn.Softmax(1),
    )  # fmt: skip


class Yolo3(nn.Module):
    """`yolov3.cfg` of Darknet, with its layer numbers where others read them."""

    def __init__(self) -> None:
        super().__init__()
        self.to36 = nn.Sequential(unit(3, 32), down(32, 64, 1), down(64, 128, 2), down(128, 256, 8))
        self.to61 = down(256, 512, 8)
        self.to74 = down(512, 1024, 4)
        self.to79, self.to81 = self.five(1024, 512), self.boxes(512)
        self.to84 = unit(512, 256, 1)
        self.to91, self.to93 = self.five(768, 256), self.boxes(256)
        self.to96 = unit(256, 128, 1)
        self.to103, self.to105 = self.five(384, 128), self.boxes(128)
        self.upsample = nn.Upsample(scale_factor=2)
        self.upsample_again = nn.Upsample(scale_factor=2)

    @staticmethod
    def five(channels: int, filters: int) -> nn.Sequential:
        wide = 2 * filters
        return nn.Sequential(
            unit(channels, filters, 1), unit(filters, wide), unit(wide, filters, 1),
            unit(filters, wide), unit(wide, filters, 1),
        )  # fmt: skip

    @staticmethod
    def boxes(channels: int) -> nn.Sequential:
        return nn.Sequential(unit(channels, 2 * channels), nn.Conv2d(2 * channels, 255, 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        at36 = self.to36(x)
        at61 = self.to61(at36)
        at79 = self.to79(self.to74(at61))
        at91 = self.to91(torch.cat([self.upsample(self.to84(at79)), at61], 1))
        at103 = self.to103(torch.cat([self.upsample_again(self.to96(at91)), at36], 1))
        return self.to81(at79), self.to93(at91), self.to105(at103)


# -------------------------------------------------------------------------------------------- CIFAR


class OptionA(nn.Module):
    """A block of He et al., section 4.2, whose shortcut has no weights."""

    def __init__(self, channels: int, filters: int) -> None:
        super().__init__()
        self.grows = channels != filters
        self.branch = nn.Sequential(
            nn.Conv2d(channels, filters, 3, 2 if self.grows else 1, 1, bias=False),
            nn.BatchNorm2d(filters),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 3, 1, 1, bias=False),
            nn.BatchNorm2d(filters),
        )
        self.new = filters - channels
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        branch = self.branch(x)
        if self.grows:
            x = functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, self.new))
        return self.relu(branch + x)


def resnet_cifar(depth: int) -> nn.Module:
    n = (depth - 2) // 6
    layers: list[nn.Module] = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    widths = [16] * n + [32] * n + [64] * n
    layers += [OptionA(*pair) for pair in zip([16, *widths], widths, strict=False)]
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10), nn.Softmax(1)]
    return nn.Sequential(*layers)


class Wide(nn.Module):
    """The block B(3, 3) of Zagoruyko & Komodakis, normalised and activated ahead."""

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.ahead = nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU())
        self.branch = nn.Sequential(
            nn.Conv2d(channels, filters, 3, stride, 1, bias=False),
            nn.BatchNorm2d(filters),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Conv2d(filters, filters, 3, 1, 1, bias=False),
        )
        same = channels == filters
        self.project = None if same else nn.Conv2d(channels, filters, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        ahead = self.ahead(x)
        return self.branch(ahead) + (x if self.project is None else self.project(ahead))


def wrn_28_10() -> nn.Module:
    layers: list[nn.Module] = [nn.Conv2d(3, 16, 3, 1, 1, bias=False)]
    channels = 16
    for filters, stride in ((160, 1), (320, 2), (640, 2)):
        for number in range(4):
            layers.append(Wide(channels, filters, 1 if number else stride))
            channels = filters
    layers += [nn.BatchNorm2d(640), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(640, 10))


# ------------------------------------------------------------------------------- network in network


def mlpconv(channels: int, filters: tuple[int, ...], *window: int) -> list[nn.Module]:
    """A convolution with kernel, stride and padding, and 1x1 ones behind it."""
    layers: list[nn.Module] = [nn.Conv2d(channels, filters[0], *window), nn.ReLU()]
    for before, behind in pairwise(filters):
        layers += [nn.Conv2d(before, behind, 1), nn.ReLU()]
    return layers


def nin_imagenet() -> nn.Module:
    """The prototxt of Caffe's model zoo."""
    return nn.Sequential(
        *mlpconv(3, (96, 96, 96), 11, 4), nn.MaxPool2d(3, 2, ceil_mode=True),
        *mlpconv(96, (256, 256, 256), 5, 1, 2), nn.MaxPool2d(3, 2, ceil_mode=True),
        *mlpconv(256, (384, 384, 384), 3, 1, 1), nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.Dropout(), *mlpconv(384, (1024, 1024, 1000), 3, 1, 1),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Softmax(1),
    )  # fmt: skip


def nin_cifar10() -> nn.Module:
    """The prototxt of Caffe's model zoo."""
    return nn.Sequential(
        *mlpconv(3, (192, 160, 96), 5, 1, 2), nn.MaxPool2d(3, 2, ceil_mode=True), nn.Dropout(),
        *mlpconv(96, (192, 192, 192), 5, 1, 2), nn.AvgPool2d(3, 2, ceil_mode=True), nn.Dropout(),
        *mlpconv(192, (192, 192, 10), 3, 1, 1),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Softmax(1),
    )  # fmt: skip


# -------------------------------------------------------------------------------------------- DCGAN


def dcgan_generator() -> nn.Module:
    """PyTorch's DCGAN example: nz = 100, ngf = 64, nc = 3."""
    layers: list[nn.Module] = []
    channels, window = 100, (4, 1, 0)
    for filters in (512, 256, 128, 64):
        layers += [nn.ConvTranspose2d(channels, filters, *window, bias=False)]
        layers += [nn.BatchNorm2d(filters), nn.ReLU()]
        channels, window = filters, (4, 2, 1)
    return nn.Sequential(*layers, nn.ConvTranspose2d(64, 3, *window, bias=False), nn.Tanh())


def dcgan_discriminator() -> nn.Module:
    """PyTorch's DCGAN example: ndf = 64, nc = 3."""
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
    for channels in (64, 128, 256):
        layers += [nn.Conv2d(channels, 2 * channels, 4, 2, 1, bias=False)]
        layers += [nn.BatchNorm2d(2 * channels), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(512, 1, 4, 1, 0, bias=False), nn.Sigmoid())


# -------------------------------------------------------------------------------------------- sound


def m5() -> nn.Module:
    """Table 1 of Dai et al., padded so that 32000 samples give 8000, 2000, 500, 125 and 32."""
    layers: list[nn.Module] = [nn.ConstantPad1d((38, 38), 0.0)]
    channels, window = 1, (80, 4, 0)
    for filters in (128, 128, 256, 512):
        layers += [nn.Conv1d(channels, filters, *window, bias=False), nn.BatchNorm1d(filters)]
        layers += [nn.ReLU(), nn.MaxPool1d(4, ceil_mode=True)]
        channels, window = filters, (3, 1, 1)
    layers += [nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(512, 10), nn.Softmax(1)]
    return nn.Sequential(*layers)


class Wavenet(nn.Module):
    """Figure 4 of van den Oord et al. with ten layers, 32 residual and 256 skip channels."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(256, 32, 2)
        self.filters = nn.ModuleList(nn.Conv1d(32, 32, 2, dilation=2**n) for n in range(10))
        self.gates = nn.ModuleList(nn.Conv1d(32, 32, 2, dilation=2**n) for n in range(10))
        self.onwards = nn.ModuleList(nn.Conv1d(32, 32, 1) for _ in range(9))
        self.skips = nn.ModuleList(nn.Conv1d(32, 256, 1) for _ in range(10))
        self.head = nn.Sequential(
            nn.ReLU(), nn.Conv1d(256, 256, 1), nn.ReLU(), nn.Conv1d(256, 256, 1), nn.Softmax(1)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(functional.pad(x, (1, 0)))
        skips = []
        for number in range(10):
            past = functional.pad(x, (2**number, 0))
            gated = torch.tanh(self.filters[number](past)) * torch.sigmoid(self.gates[number](past))
            skips.append(self.skips[number](gated))
            if number < 9:
                x = self.onwards[number](gated) + x
        return self.head(torch.stack(skips).sum(0))


# --------------------------------------------------------------------------------------------- all

NETWORKS: dict[str, tuple[tuple[int, ...], Callable[[], nn.Module]]] = {
    "darknet19": ((3, 224, 224), darknet19),
    "darknet53": ((3, 256, 256), darknet53),
    "yolov3": ((3, 416, 416), Yolo3),
    **{
        f"resnet{depth}-cifar": ((3, 32, 32), lambda depth=depth: resnet_cifar(depth))
        for depth in (20, 32, 44, 56, 110)
    },
    "wrn_28_10": ((3, 32, 32), wrn_28_10),
    "nin-imagenet": ((3, 224, 224), nin_imagenet),
    "nin-cifar10": ((3, 32, 32), nin_cifar10),
    "dcgan-generator": ((100, 1, 1), dcgan_generator),
    "dcgan-discriminator": ((3, 64, 64), dcgan_discriminator),
    "m5": ((1, 32000), m5),
    "wavenet-stack": ((256, 16000), Wavenet),
}
"""By bundled name: the input, channels first, and how to build the network."""
