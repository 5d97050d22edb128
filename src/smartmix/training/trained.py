"""Trained heads as a folder holds them, checked before they are believed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smartmix.errors import SmartmixError
from smartmix.suggesters.models.heads import SetHeads
from smartmix.suggesters.models.track_vector import SIZE, VERSION
from smartmix.training.bank import ROLES, Bank, build_bank
from smartmix.training.sounds.parts import FAMILIES
from smartmix.training.train import ALL, BANK, CARD


@dataclass(frozen=True, slots=True, eq=False)
class TrainedHeads:
    """A network for each held-out family (it has never heard that one), one of all, and the bank they come from."""

    without: dict[str, SetHeads]
    whole: SetHeads
    bank: Bank
    seed: int


def load_trained(folder: Path | None) -> TrainedHeads:
    """Read what ``train`` wrote. SmartmixError for a missing, foreign or changed file."""
    if folder is None:
        raise SmartmixError(
            "no heads are shipped (docs/models.md says why): train some with  smartmix train -o DIR  and judge them "
            "with  --model DIR"
        )
    card = _card(folder / CARD)
    hashes = card["sha256"]
    without = {name: _network(folder, f"without-{name}", hashes) for name in FAMILIES}
    options = card["options"]
    bank = build_bank(folder / BANK, int(options["tracks"]), int(options["seed"]))
    return TrainedHeads(without, _network(folder, ALL, hashes), bank, int(options["seed"]))


def _card(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise SmartmixError(f"{path}: no such file; expected the folder that smartmix train wrote")
    try:
        card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        known = (
            card["format"] == 1 and card["figures"] == VERSION and {"tracks", "seed"} <= set(card["options"])
        )
        hashed = isinstance(card["sha256"], dict)
    except (ValueError, KeyError, TypeError) as error:
        raise SmartmixError(f"{path}: is not a card of trained heads") from error
    if not known or not hashed:
        raise SmartmixError(f"{path}: was made by another version of smartmix; train again")
    return card


def _network(folder: Path, name: str, hashes: dict[str, str]) -> SetHeads:
    from safetensors.torch import load

    path = folder / f"{name}.safetensors"
    if not path.is_file():
        raise SmartmixError(f"{path}: no such file; train again")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != hashes.get(name):
        raise SmartmixError(f"{path}: is not the file {CARD} tells of (its hash differs); train again")
    network = SetHeads(SIZE, len(ROLES))
    network.load_state_dict(load(data))
    return network.eval()
