"""What a revised file is recognised by: the highest peaks of a source and its level over time.

A landmark is a sample whose magnitude no other sample within half a second exceeds: it moves with the file, keeps its
value but for gain and polarity, and does not depend on where the file begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL_RATE_HZ = 4.0
"""Rate of ``Fingerprint.levels_db``."""


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """Landmarks of one source on the session's time line, and its level.

    ``positions`` (landmarks,) frames at ``sample_rate``, rising; ``values`` (landmarks,) the samples there, of the
    louder side, with sign; ``levels_db`` mean square per quarter of a second, dBFS (-inf for digital silence);
    ``frames`` the length.
    """

    sample_rate: float
    frames: int
    positions: NDArray[np.int64]
    values: NDArray[np.float32]
    levels_db: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a newer file relates to an older one.

    ``gain_db``: how much hotter the newer is (of the part that is the same). ``polarity``: -1 if flipped.
    ``offset_frames``: how much later the same music comes, frames of the newer's rate (fractional after a change of
    rate). ``same_share`` 0..1: how much of the newer file's sounding time is in the older one. ``new_spans_s``: where
    the newer holds what the older does not, seconds of the newer. ``exact``: the same samples but for gain and shift
    (False after a change of rate, a lossy codec or other processing).
    """

    gain_db: float
    offset_frames: float
    same_share: float
    new_spans_s: tuple[tuple[float, float], ...]
    polarity: int = 1
    exact: bool = False
