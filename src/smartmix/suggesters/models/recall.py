"""From the rough: the client's faders, pans, tone and rides, read sample by sample. Needs torch."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import Analysis, TrackFacts
from smartmix.analysis.rough_align import cross_session
from smartmix.analysis.rough_cells import as_placed, is_mono, rough_cells
from smartmix.analysis.rough_fit import UNSURE_DB, RoughFit, fit_rough
from smartmix.suggesters.models.recall_fit import Fit, fit_cells
from smartmix.suggesters.models.rivals import apart_db
from smartmix.suggesters.recalled import Array, Recalled
from smartmix.units import db_to_power, gain_to_db, power_to_db

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartmix.analysis.cross_spectra import CrossSpectra
    from smartmix.progress import Progress
    from smartmix.session.session import Session

LEAST_EXPLAINED = 0.25
"""Share of the rough that standing faders and pans must give, sample by sample, before anything is read from it (tuned
on dev: real pairs give 0.32 and more; the suite prints what another song's and a shuffled rough give)."""
STRANGER_DB = 3.0
"""A track whose samples say it is this much lower than its levels say may not be played by these samples..."""
STRANGER_MISSED = 0.5
"""... and is not, where standing faders leave this share of the rough in its own cells unexplained, and tone and rides
half of it."""
MODEL_ERROR_DB = 0.5
"""What consoles differ by from this one, whatever the arithmetic says (tuned on dev: 80 % intervals hold 88 %)."""
RIDE_ERROR_DB = 0.2
"""The same for one second against the others of the same track."""
AUDIBLE_SHARE = 0.02
"""A track that never makes up this share of the rough in any band of any second cannot be read from it."""
NOT_WORSE = 1.1
"""A recall that meets more of the rough sample by sample may miss its levels by this much more than the fit of levels,
which is made to meet just these."""
OWN_CELL = 0.3
"""Where a track makes up this share of the rough, the cell is its own."""
FARTHEST_DB = 60.0


def recall(session: Session, analysis: Analysis, *, progress: Progress | None = None) -> Recalled | None:
    """The settings that give the rough; None where it does not tell: no rough, other music, or no better than the
    fit of levels (``fit_rough``) that needs no torch.
    """
    if analysis.rough is None:
        return None
    import torch  # noqa: F401 (without it nothing is read: the ImportError comes before the listening)

    crossed = cross_session(session, progress=progress)
    if crossed is None:
        return None
    spectra, lag_s = crossed
    heard = as_placed(session, analysis.tracks)
    rival = fit_rough(heard, analysis.sum, analysis.rough)
    found = recall_from(spectra, rival, mono=is_mono(analysis.rough), lag_s=lag_s)
    if found is None or not is_better(found, rival, heard, analysis.sum, analysis.rough):
        return None
    return found


def is_better(
    found: Recalled,
    rival: RoughFit | None,
    tracks: Mapping[str, TrackFacts],
    plain_sum: TrackFacts,
    rough: TrackFacts,
) -> bool:
    """Whether the recalled settings hold on the ground of the fit made of levels: band levels per 100 ms, in dB.

    What the recall meets sample by sample that fit cannot even see; but where it misses the levels by more than a
    tenth over that fit, the samples have misled it.
    """
    cells = rough_cells([tracks[name] for name in found.fit.tracks], plain_sum, rough)
    if rival is None or cells is None:
        return True
    order = {name: index for index, name in enumerate(rival.tracks)}
    gains, sides = (
        np.array([float(a[order[n]]) if n in order else -FARTHEST_DB for n in found.fit.tracks])
        for a in (rival.gain_db, rival.side_db)
    )
    ours = apart_db(cells, found.fit.gain_db, found.fit.side_db, found.tone_db)
    theirs = apart_db(cells, gains, sides, np.tile(rival.band_db, (len(gains), 1)))
    return ours <= NOT_WORSE * theirs


def recall_from(
    spectra: CrossSpectra, rival: RoughFit | None = None, *, mono: bool = False, lag_s: float = 0.0
) -> Recalled | None:
    """The settings from cross-spectra; None when the tracks do not add up to the rough.

    A track that plays in the rough but not with these samples (a synth printed anew, a chorus that runs freely)
    takes its fader and pan from ``rival``, the fit of levels, and gets neither tone nor rides.
    """
    with one_thread():
        fit = fit_cells(spectra)
        still = fit_cells(spectra, lanes=False, bands=False)
    if _explained(still) < LEAST_EXPLAINED:
        return None
    gain_db, side_db = _faders(fit)
    tone = gain_to_db(np.maximum(np.abs(fit.response.numpy()), 1e-3))
    middle, usual = _tone_level_db(spectra, tone), _ride_level_db(spectra, fit)
    gain_db, tone = gain_db + middle + usual, tone - middle[:, None]
    if mono:
        side_db = np.zeros_like(side_db)
    share = _shares(spectra, fit)
    level_error = _db_of_share(fit.side_error.numpy() / np.maximum(np.abs(fit.side.numpy()), 1e-9)).max(
        axis=1
    )
    error_db = np.hypot(level_error, MODEL_ERROR_DB)
    present = spectra.power[..., :-1].sum(axis=(0, 1, 2)) > 0.0
    heard = present & (error_db < UNSURE_DB) & (share.max(axis=0) > AUDIBLE_SHARE)
    rides, ride_error = _rides(fit)
    rides -= usual
    faders = RoughFit(
        tracks=spectra.tracks,
        gain_db=np.round(gain_db, 2),
        side_db=np.round(side_db, 2),
        band_db=np.zeros(tone.shape[1]),
        error_db=error_db,
        heard=heard,
        explained=_explained(fit),
        sum_explained=_sum_explained(spectra, fit),
    )
    # Tone and rides can bend a stranger into place, so standing faders are asked too: both must miss it.
    missed = np.minimum(_missed(spectra, still, rival), 2.0 * _missed(spectra, fit, rival))
    faders, printed_anew = with_strangers(faders, rival, missed, _level_db(spectra, fit))
    tone[printed_anew], rides[:, printed_anew] = 0.0, 0.0
    return Recalled(
        fit=faders,
        band_hz=spectra.band_hz.astype(np.float64),
        tone_db=tone,
        tone_error_db=np.hypot(_db_of_share(fit.response_error.numpy()), MODEL_ERROR_DB),
        segment_s=spectra.segment_s,
        ride_db=rides,
        ride_error_db=np.hypot(ride_error, RIDE_ERROR_DB),
        share=share,
        explained=_explained(still),
        lag_s=lag_s,
    )


def with_strangers(
    own: RoughFit, rival: RoughFit | None, missed: Array, level_db: Array
) -> tuple[RoughFit, NDArray[np.bool_]]:
    """The fit with what the levels say of tracks that are in the rough with other samples, and which those are."""
    strange = np.zeros(len(own.tracks), dtype=bool)
    if rival is None:
        return own, strange
    gain, side, error = (a.copy() for a in (own.gain_db, own.side_db, own.error_db))
    heard = own.heard.copy()
    order = {name: index for index, name in enumerate(rival.tracks)}
    for index, name in enumerate(own.tracks):
        other = order.get(name)
        if other is None or not rival.heard[other] or missed[index] < STRANGER_MISSED:
            continue
        if level_db[index] > rival.gain_db[other] - STRANGER_DB:
            continue
        strange[index] = heard[index] = True
        gain[index], side[index] = rival.gain_db[other], rival.side_db[other]
        error[index] = rival.error_db[other]
    return replace(own, gain_db=gain, side_db=side, error_db=error, heard=heard), strange


@contextmanager
def one_thread() -> Iterator[None]:
    """torch on one thread: the same bits on any machine, and nothing spins for problems this small."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _faders(fit: Fit) -> tuple[Array, Array]:
    """Mean of both sides' gains and right over left, dB."""
    left, right = np.clip(gain_to_db(np.maximum(np.abs(fit.side.numpy()), 1e-9)), -180.0, FARTHEST_DB).T
    side = np.clip(right - left, -FARTHEST_DB, FARTHEST_DB)
    louder = np.maximum(left, right)
    return np.maximum(louder - 0.5 * np.abs(side), -2.0 * FARTHEST_DB), side


def _shares(spectra: CrossSpectra, fit: Fit) -> Array:
    """(segments, tracks) share of the rough in the band and side where the track is strongest."""
    gain = (
        fit.lane.numpy()[:, None, None, :]
        * fit.side.numpy().T[None, :, None, :]
        * np.abs(fit.response.numpy()).T[None, None]
    )
    power = spectra.power.astype(np.float64)
    rough = power[..., -1]
    part = power[..., :-1] * gain**2 / np.maximum(rough, 1e-30)[..., None]
    loud = rough > rough.max() * 1e-5
    return np.asarray(np.minimum(np.where(loud[..., None], part, 0.0), 1.0).max(axis=(1, 2)))


def _level_db(spectra: CrossSpectra, fit: Fit) -> Array:
    """What each track's power is changed by altogether (tracks,), dB: fader, pan, tone and rides."""
    gain = (
        fit.lane.numpy()[:, None, None, :]
        * fit.side.numpy().T[None, :, None, :]
        * np.abs(fit.response.numpy()).T[None, None]
    )
    power = spectra.power[..., :-1].astype(np.float64)
    before = np.maximum(power.sum(axis=(0, 1, 2)), 1e-30)
    return np.asarray(power_to_db(np.maximum((power * gain**2).sum(axis=(0, 1, 2)) / before, 1e-20)))


def _tone_level_db(spectra: CrossSpectra, tone_db: Array) -> Array:
    """What each track's tone does to its power (tracks,), dB: that belongs to its fader."""
    power = spectra.power[..., :-1].astype(np.float64).sum(axis=(0, 1)).T
    return np.asarray(
        power_to_db((power * db_to_power(tone_db) + 1e-30).sum(axis=1) / (power + 1e-30).sum(axis=1))
    )


def _ride_level_db(spectra: CrossSpectra, fit: Fit) -> Array:
    """What each track's rides do to its power over the song (tracks,), dB: that belongs to its fader as well."""
    power = spectra.power[..., :-1].astype(np.float64) * np.abs(fit.response.numpy()).T ** 2
    power = power.sum(axis=(1, 2))
    lane = fit.lane.numpy()
    return np.asarray(power_to_db(((power * lane**2).sum(axis=0) + 1e-30) / (power.sum(axis=0) + 1e-30)))


def _missed(spectra: CrossSpectra, fit: Fit, rival: RoughFit | None) -> Array:
    """Share of the rough that is unexplained where each track is loud by what the levels say, 0..1 (tracks,)."""
    if rival is None:
        return np.zeros(len(spectra.tracks))
    order = {name: index for index, name in enumerate(rival.tracks)}
    level = np.array([rival.gain_db[order[n]] if n in order else -200.0 for n in spectra.tracks])
    power = spectra.power.astype(np.float64)
    part = power[..., :-1] * db_to_power(level)
    own = np.where(part > OWN_CELL * power[..., -1:], np.minimum(part, power[..., -1:]), 0.0)
    left = np.minimum(fit.unexplained.numpy(), 1.0)[..., None]
    return np.asarray((own * left).sum(axis=(0, 1, 2)) / np.maximum(own.sum(axis=(0, 1, 2)), 1e-30))


def _explained(fit: Fit) -> float:
    """Share of the rough that is met, every band counting by the root of its power: not the bass alone."""
    rough = fit.rough.numpy()
    left = np.minimum(fit.unexplained.numpy(), 1.0) * rough
    bands = rough.sum(axis=(0, 1))
    met = 1.0 - left.sum(axis=(0, 1)) / np.maximum(bands, 1e-30)
    return float(np.average(met, weights=np.sqrt(bands) + 1e-30))


def _sum_explained(spectra: CrossSpectra, fit: Fit) -> float:
    """The same share for the plain sum at the best overall gain."""
    matrix = spectra.matrix.astype(np.complex128)
    summed = np.real(matrix[..., :-1, :-1].sum(axis=(-2, -1)))
    met = np.real(matrix[..., :-1, -1].sum(axis=-1))
    rough = np.real(matrix[..., -1, -1])
    weight = 1.0 / np.sqrt(rough.sum(axis=(0, 1)) + 1e-30)
    gain = float((met * weight).sum() / max(float((summed * weight).sum()), 1e-30))
    left = np.clip(rough - 2.0 * gain * met + gain**2 * summed, 0.0, rough)
    bands = rough.sum(axis=(0, 1))
    share = 1.0 - left.sum(axis=(0, 1)) / np.maximum(bands, 1e-30)
    return float(np.average(share, weights=np.sqrt(bands) + 1e-30))


def _rides(fit: Fit) -> tuple[Array, Array]:
    """Rides in dB, what compressors of the track and of the bus do from second to second included, and their errors."""
    lane = np.maximum(fit.lane.numpy(), 0.03)
    ride = gain_to_db(lane)
    return ride, _db_of_share(fit.lane_error.numpy() / lane)


def _db_of_share(share: Array) -> Array:
    """Spread in dB of an amplitude with this relative spread."""
    return np.asarray(20.0 / np.log(10.0) * np.minimum(share, 10.0))
