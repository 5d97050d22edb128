"""What a master became: the figures a person checks before sending it out."""

from __future__ import annotations

from dataclasses import dataclass

from smartmix.analysis.loudness import Loudness
from smartmix.mastering.masterplan import MasterPlan


@dataclass(frozen=True, slots=True)
class MasterResult:
    """Outcome of the loudness loop. ``reached`` is whether the integrated loudness is within 0.1 LU of the target.

    ``target_source`` says where the target came from: "asked", "hand" (in the plan), "reference", "rough",
    "default", or "none" where the level was left alone. ``reason`` is empty when the
    target was reached, else why not and what the most is ("−14.0 LUFS is not reachable ...; the most is −16.2 LUFS").
    """

    target_lufs: float
    target_source: str
    ceiling_dbtp: float
    reached: bool
    reason: str
    gain_db: float
    loudness: Loudness
    max_gain_reduction_db: float
    mean_gain_reduction_db: float
    """Mean over the frames in which the limiter works (reduction above 0.1 dB); 0 when it never does."""
    passes: int
    plan: MasterPlan | None = None
    """The stages with what was measured of each; None for a master that is only made loud (``master_file``)."""
    notes: tuple[str, ...] = ()
    """What else a person should know of the mix and of the file: clipping, an offset, a rate that changed."""
