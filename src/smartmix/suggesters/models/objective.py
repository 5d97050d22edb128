"""Faders by gradient toward stated aims: role hierarchy, a lead that is heard, a tone without humps, few moves.

Not used by the pass: it loses to the rule (2.23 dB against 1.84 on three dev songs, six throws;
benchmarks/objective_table.py, docs/recall.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smartmix.suggesters.models import console
from smartmix.suggesters.models.recall import one_thread
from smartmix.suggesters.role_balance import COUNT_LU, USUAL_LU

if TYPE_CHECKING:
    import torch

    from smartmix.analysis.analysis import TrackFacts

Floats = NDArray[np.float64]
STEPS = 200
MOST_FRAMES = 300
LEAD_ROLES = frozenset({"lead_vocal", "lead"})
UNDER_MASKER_DB = 4.0
"""A band of the lead this far under the rest together is taken as covered (about the masking of a tone by noise)."""
SPILL_DB_BAND = 8.0
"""How fast a masker's reach falls from one ERB band to the next above (house, in place of an ear model)."""


@dataclass(frozen=True, slots=True)
class Aims:
    """What each aim counts for, per dB away from it. ``small`` is the price of a dB of fader: few moves."""

    hierarchy: float = 1.0
    clarity: float = 1.0
    tone: float = 0.3
    small: float = 0.4


def toward(
    tracks: Mapping[str, TrackFacts],
    roles: Mapping[str, str],
    aims: Aims | None = None,
    *,
    most_db: float = 6.0,
) -> dict[str, float]:
    """Fader changes in dB by track (median 0, within ``most_db``) that come nearest to the aims; {} for no tracks.

    Deterministic: Adam from 0, a fixed number of steps, on one thread.
    """
    import torch

    names = [n for n, facts in tracks.items() if np.isfinite(facts.active_lufs)]
    if not names:
        return {}
    wanted = aims or Aims()
    with one_thread():
        powers, levels = _inputs([tracks[n] for n in names])
        usual, known = _usual([roles.get(n, "unknown") for n in names])
        lead = torch.tensor([roles.get(n) in LEAD_ROLES for n in names])
        faders = torch.zeros(len(names), dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.Adam([faders], lr=0.15)
        for _ in range(STEPS):
            loss = (
                wanted.hierarchy * _hierarchy(faders, levels, usual, known)
                + wanted.clarity * _covered_db(faders, powers, lead)
                + wanted.tone * _humps_db(faders, powers)
                + wanted.small * faders.abs().mean()
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            with torch.no_grad():
                faders.clamp_(-most_db, most_db)
        found = faders.detach().numpy()
    found = np.clip(found - np.median(found), -most_db, most_db)
    return {n: round(float(f), 2) for n, f in zip(names, found, strict=True)}


def _inputs(facts: list[TrackFacts]) -> tuple[torch.Tensor, torch.Tensor]:
    """Band powers (tracks, frames, bands) of at most MOST_FRAMES frames, and levels (tracks,) in LUFS."""
    import torch

    frames = min(len(f.features.band_power) for f in facts)
    use = np.unique(np.linspace(0, frames - 1, min(frames, MOST_FRAMES)).astype(int))
    powers = np.stack([f.features.band_power[use] for f in facts]).astype(np.float64)
    return torch.from_numpy(powers), torch.tensor([f.active_lufs for f in facts], dtype=torch.float64)


def _usual(roles: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    places = [USUAL_LU.get(r, 0.0) - COUNT_LU * np.log10(max(1, roles.count(r))) for r in roles]
    return torch.tensor(places, dtype=torch.float64), torch.tensor([r in USUAL_LU for r in roles])


def _hierarchy(
    faders: torch.Tensor, levels: torch.Tensor, usual: torch.Tensor, known: torch.Tensor
) -> torch.Tensor:
    """Mean distance of known roles from their usual places, dB, whatever the overall level."""
    if int(known.sum()) < 2:
        return 0.0 * faders.sum()
    apart = (levels + faders - usual)[known]
    return (apart - apart.median()).abs().mean()


def _covered_db(faders: torch.Tensor, powers: torch.Tensor, lead: torch.Tensor) -> torch.Tensor:
    """How far the lead's own bands lie under what the rest puts there, dB, while it sounds."""
    if not bool(lead.any()) or bool(lead.all()):
        return 0.0 * faders.sum()
    played = powers * console.gain(faders)[:, None, None] ** 2
    own, rest = played[lead].sum(dim=0), played[~lead].sum(dim=0)
    reach = rest.clone()
    for band in range(1, rest.shape[1]):
        reach[:, band] = rest[:, band] + reach[:, band - 1].clone() * 10.0 ** (-0.1 * SPILL_DB_BAND)
    weight = (own / own.amax().clamp_min(1e-30)) ** 0.25
    under = 10.0 * ((reach + 1e-12) / (own + 1e-12)).log10() - UNDER_MASKER_DB
    return (weight * under.clamp(0.0, 20.0)).sum() / weight.sum()


def _humps_db(faders: torch.Tensor, powers: torch.Tensor) -> torch.Tensor:
    """How far bands of the mix stand over the straight line through its spectrum (on the ERB scale), dB."""
    import torch

    mix = (powers * console.gain(faders)[:, None, None] ** 2).sum(dim=0).mean(dim=0)
    level = 10.0 * (mix + 1e-12).log10()
    place = torch.linspace(-1.0, 1.0, level.numel(), dtype=torch.float64)
    slope = (place * level).sum() / (place**2).sum()
    return (level - level.mean() - slope * place - 3.0).clamp_min(0.0).mean()
