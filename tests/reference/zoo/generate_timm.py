"""Write `published/timm.json`: networks of timm, and torchvision's vision transformer, built
without weights and run, with the multiply-accumulates that PyTorch counted.

Run it as `python tests/reference/zoo/generate_timm.py` where torch, torchvision and timm are
installed. Nothing of cnncalc is imported.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import timm
import torch
import torchvision
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

if TYPE_CHECKING:
    from torch import nn

MODELS = {
    "mobilevit_s": ("mobilevit_s", 256),
    "coatnet_0": ("coatnet_0_224", 224),
}


def entry(model: nn.Module, side: int, source: str) -> dict[str, Any]:
    # In training mode, dropout being 0, attention does not take the way that counts nothing.
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        output = model(torch.zeros(2, 3, side, side))
    state = sum(b.numel() for name, b in model.named_buffers() if "running" in name)
    return {
        "source": source,
        "output": list(output.shape[1:]),
        "params": sum(p.numel() for p in model.parameters()),
        "state": state,
        "macs": counter.get_total_flops() // 4,
    }


def main() -> None:
    versions = f"timm {version('timm')} on PyTorch {version('torch').split('+')[0]}"
    found = {
        name: entry(timm.create_model(model), side, f"timm's {model}, built and run: {versions}")
        for name, (model, side) in MODELS.items()
    }
    weights = torchvision.models.ViT_B_16_Weights.IMAGENET1K_V1.meta
    found["vit_b_16"] = {
        **entry(
            torchvision.models.vit_b_16(),
            224,
            "torchvision.models.vit_b_16, built and run; num_params and GMACs in the metadata of "
            "its weights",
        ),
        "gmacs": weights["_ops"],
    }
    assert found["vit_b_16"]["params"] == weights["num_params"]
    lines = [f"{json.dumps(name)}: {json.dumps(told)}" for name, told in found.items()]
    path = Path(__file__).parent / "published" / "timm.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
