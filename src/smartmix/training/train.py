"""``train``: from nothing to weights, their card and their curves, by one call."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartmix.audio.files import write_bytes, write_text
from smartmix.errors import OutputExistsError, SmartmixError
from smartmix.progress import Progress, part, silent
from smartmix.suggesters.models.track_vector import VERSION
from smartmix.training.bank import build_bank
from smartmix.training.sounds.parts import FAMILIES

if TYPE_CHECKING:
    from smartmix.suggesters.models.heads import SetHeads
    from smartmix.training.bank import Bank
    from smartmix.training.learn import Learned

CARD, CURVES = "heads.json", "curves.csv"
BANK, CHECKPOINTS = "bank", "checkpoints"
ALL = "all"


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """``tracks`` of each role and family of sources, ``steps`` of 24 sessions each, seed, device (auto, cpu, cuda)."""

    tracks: int = 32
    steps: int = 400
    seed: int = 0
    device: str = "auto"


@dataclass(frozen=True, slots=True)
class Trained:
    """What was made: lines for people, the same for machines."""

    lines: tuple[str, ...]
    data: dict[str, Any]


def plan_of_training(options: TrainOptions, out: Path, *, resume: bool, force: bool) -> str:
    """What ``train`` would do, in a sentence; raises as it would."""
    _check(out, resume=resume, force=force)
    from smartmix.training.bank import ROLES

    count = options.tracks * len(ROLES) * len(FAMILIES)
    return (
        f"would play and measure {count} tracks ({len(ROLES)} roles, {len(FAMILIES)} families of sources), then learn "
        f"{len(FAMILIES) + 1} times {options.steps} steps: once without each family, once with all; into {out}"
    )


def train(
    options: TrainOptions,
    out: Path,
    *,
    resume: bool = False,
    force: bool = False,
    processes: int = 1,
    progress: Progress | None = None,
) -> Trained:
    """Make the bank, learn once without each family of sources (to be judged on it) and once with all of them.

    Writes ``without-FAMILY.safetensors`` and ``all.safetensors``, heads.json (format, figures' version, hashes, how it
    was made) and curves.csv. With ``resume`` it goes on where an earlier run of the same options stopped. The same
    options give the same weights on the same machine and version of torch; elsewhere the same within rounding.
    ``processes`` play the tracks of the bank.
    """
    _check(out, resume=resume, force=force)
    report = progress or silent
    device = _device(options.device)
    (out / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
    _check_options(options, out, resume=resume)
    bank = build_bank(
        out / BANK, options.tracks, options.seed, processes=processes, progress=part(report, 0.0, 0.6)
    )
    made: dict[str, Learned] = {}
    for number, name in enumerate((*FAMILIES, ALL)):
        report(f"learning ({_file_name(name)})", 0.6 + 0.08 * number)
        made[name] = _learn(options, out, bank, name, device)
    hashes = {
        name: _save(learned.network, out / f"{_file_name(name)}.safetensors")
        for name, learned in made.items()
    }
    write_text(out / CURVES, _curves(made), force=True)
    card = {
        "format": 1,
        "figures": VERSION,
        "options": asdict(options) | {"device": device},
        "families": list(FAMILIES),
        "tracks": int(bank.role.size),
        "sha256": {_file_name(name): value for name, value in hashes.items()},
        "sources": "made by smartmix itself; no recordings, no sample libraries",
    }
    write_text(out / CARD, json.dumps(card, indent=2) + "\n", force=True)
    report("trained", 1.0)
    return Trained(_lines(made, out), card | {"directory": str(out)})


def _check(out: Path, *, resume: bool, force: bool) -> None:
    if out.exists() and not out.is_dir():
        raise OutputExistsError(f"{out}: is a file; choose a folder")
    if (out / CARD).exists() and not (resume or force):
        raise OutputExistsError(f"{out}: holds trained heads; use --resume to go on or --force to train anew")


def _check_options(options: TrainOptions, out: Path, *, resume: bool) -> None:
    """A run is gone on with only by the options it was begun with; any other start lets go of its checkpoints."""
    path = out / CHECKPOINTS / "options.json"
    own = {name: value for name, value in asdict(options).items() if name != "device"}
    if resume and path.exists() and json.loads(path.read_text(encoding="utf-8")) != own:
        raise SmartmixError(
            f"{path}: the run was begun with other options; use those, or --force without --resume"
        )
    if not resume:
        for old in (out / CHECKPOINTS).glob("*.safetensors"):
            old.unlink()
    write_text(path, json.dumps(own), force=True)


def _device(wanted: str) -> str:
    import torch

    if wanted not in ("auto", "cpu", "cuda"):
        raise SmartmixError(f"device {wanted!r}: expected auto, cpu or cuda")
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise SmartmixError("device 'cuda': there is none here; use cpu or auto")
    return "cuda" if there and wanted != "cpu" else "cpu"


def _file_name(name: str) -> str:
    return name if name == ALL else f"without-{name}"


def _learn(options: TrainOptions, out: Path, bank: Bank, name: str, device: str) -> Learned:
    from smartmix.training.learn import learn

    heard = bank if name == ALL else bank.rows(bank.family != FAMILIES.index(name))
    checkpoint = out / CHECKPOINTS / f"{_file_name(name)}.safetensors"
    return learn(heard, options.steps, options.seed, device=device, checkpoint=checkpoint)


def _save(network: SetHeads, path: Path) -> str:
    from safetensors.torch import save

    data = save({key: value.contiguous() for key, value in network.state_dict().items()})
    write_bytes(path, data, force=True)
    return hashlib.sha256(data).hexdigest()


def _curves(made: dict[str, Learned]) -> str:
    rows = ["run,step,role_loss,level_loss"]
    for name, learned in made.items():
        rows += [f"{_file_name(name)},{step},{role:.4f},{level:.4f}" for step, role, level in learned.curve]
    return "\n".join(rows) + "\n"


def _lines(made: dict[str, Learned], out: Path) -> tuple[str, ...]:
    ends = [
        f"{_file_name(name)}: loss of roles {learned.curve[0][1]:.2f} to {learned.curve[-1][1]:.2f}, of levels "
        f"{learned.curve[0][2]:.2f} to {learned.curve[-1][2]:.2f}"
        for name, learned in made.items()
    ]
    return (*ends, f"wrote {out}", f"Next: smartmix evaluate --suite role --model {out}")
