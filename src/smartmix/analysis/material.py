"""Raw tracks or prints: how well the plain sum explains the rough."""

from __future__ import annotations

from collections.abc import Mapping

from smartmix.analysis.analysis import TrackFacts
from smartmix.analysis.rough_cells import as_placed
from smartmix.analysis.rough_fit import RoughFit, fit_rough
from smartmix.session.session import Material, Session

PRINTS_SPREAD_DB = 1.0
"""Prints need no balance: the gains that explain the rough differ by no more than this on average."""
PRINTS_LARGEST_DB = 2.0
PRINTS_SIDE_DB = 1.5
EXPLAINED = 0.6
"""Below this share the tracks and the rough are not the same music, or the rough is processed past recognition."""


def guess_material(
    session: Session,
    tracks: Mapping[str, TrackFacts],
    plain_sum: TrackFacts,
    rough: TrackFacts | None,
    lag_s: float = 0.0,
) -> tuple[Material, str]:
    """Whether the tracks are raw ("multitrack") or already mixed ("prints"), and why, in words.

    ``lag_s`` is how late the rough file was found to start; it is said, since it is worth knowing.
    """
    if session.material != "unknown":
        return session.material, f"the session says {session.material}"
    if rough is None:
        return "unknown", "there is no rough mix to compare the tracks with"
    fit = fit_rough(as_placed(session, tracks), plain_sum, rough)
    if fit is None or not fit.heard.any():
        return "unknown", "the rough and the tracks never sound at the same time"
    material, reason = _judge(fit)
    if lag_s:
        reason += (
            f"; the rough file starts {abs(lag_s):.2f} s {'late' if lag_s > 0 else 'early'} and was lined up"
        )
    return material, reason


def _judge(fit: RoughFit) -> tuple[Material, str]:
    if fit.explained < EXPLAINED:
        return "unknown", (
            f"no balance of these tracks gives the rough (the best explains {100 * fit.explained:.0f} %): "
            "is it the same song and version?"
        )
    side_db = float(abs(fit.side_db[fit.heard]).mean())
    if (
        fit.spread_db <= PRINTS_SPREAD_DB
        and fit.largest_db <= PRINTS_LARGEST_DB
        and side_db <= PRINTS_SIDE_DB
    ):
        return "prints", (
            f"the plain sum is already the rough: faders differ by {fit.spread_db:.1f} dB on average "
            f"({100 * fit.sum_explained:.0f} % of the rough explained as it stands)"
        )
    return "multitrack", (
        f"the plain sum explains {100 * fit.sum_explained:.0f} % of the rough; with faders moved "
        f"{fit.spread_db:.1f} dB on average it is {100 * fit.explained:.0f} %"
    )
