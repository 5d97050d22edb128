"""The tone of one recording for another, while audio runs."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smartmix.errors import SmartmixError
from smartmix.processors.base import Processor

Which = Literal["source", "reference_a", "reference_b"]


class MatchEQ(Processor):
    """Gives what comes in the tone of a reference: learned while audio runs, or written as a curve.

    ``learn_source`` and ``learn_reference`` listen while they are on (the reference to the side chain, without one
    to what comes in); switched off and on they begin anew, ``hold`` lets them stand still. What is known moves the
    filter within ``morph_s`` (0.05 to 10 s, 63 %), in dB. ``amount_percent`` 0 to 150; ``limit_db`` 1 to 12 bounds the
    curve before it. ``target`` a or b: two references to go between. ``channels`` together, left_right or
    mid_side. ``phase`` minimum (5 ms late) or linear (181 ms late at 48 kHz), which counts from the next one-shot
    call or stream. Level does not count, and single notes are not imprinted (docs/dsp/match_eq.md). One or two
    channels. Without source or reference: an exact delay.

    >>> eq = MatchEQ(learn_reference=True)
    >>> eq(reference, 48_000)  # doctest: +SKIP
    >>> eq.learn_reference, eq.learn_source = False, True
    >>> eq(song, 48_000)  # doctest: +SKIP
    >>> eq.learn_source = False
    >>> matched = eq(song, 48_000)  # doctest: +SKIP
    """

    native_name = "match_eq"

    @property
    def point_hz(self) -> NDArray[np.float32]:
        """Frequencies of the points of every curve: 24 to the octave, 19.7 Hz to 20.2 kHz."""
        return self.read_curve("point_hz")

    def correction_db(self, part: int = 1) -> NDArray[np.float32]:
        """The curve as it is now, on its way, before ``amount_percent``; of the right or the side with ``part`` 2."""
        return self.read_curve(f"correction_{_checked_part(part)}_db")

    def learned_db(self, which: Which = "source", part: int = 1) -> NDArray[np.float32]:
        """The tone in force, dB of mean square in each band; -200 where nothing is known."""
        return self.read_curve(f"{which}_{_checked_part(part)}_db")

    def heard_s(self, which: Which = "source", part: int = 1) -> float:
        """For how long that tone was heard, without what the gate left out. 3 s are enough."""
        return float(self.read_curve(f"{which}_{_checked_part(part)}_heard_s")[0])

    def write_tone(
        self, which: Which, hz: ArrayLike, level_db: ArrayLike, *, part: int | None = None
    ) -> None:
        """Give a tone as a curve: the level of bands of equal width in octaves (pink noise is flat) at rising ``hz``.

        Between the points it goes straight in octaves; beyond the ends nothing is known, and nothing is changed.
        Only the shape counts, not the level. For both parts unless ``part`` says 1 or 2. SmartmixError on rows of
        different lengths, frequencies that do not rise, or values out of range.
        """
        at, level = np.asarray(hz, dtype=np.float64), np.asarray(level_db, dtype=np.float64)
        if at.ndim != 1 or at.shape != level.shape or at.size < 2:
            raise SmartmixError(
                f"expected two rows of one length, 2 at least; got {at.shape} and {level.shape}"
            )
        if not (at[0] > 0.0 and np.all(np.diff(at) > 0.0)):
            raise SmartmixError("expected frequencies over 0 Hz that rise")
        points = self.point_hz.astype(np.float64)
        inside = (points >= at[0] * 0.9999) & (points <= at[-1] * 1.0001)
        row = np.where(inside, np.interp(np.log2(points), np.log2(at), level), self._unknown_db(which))
        for number in (1, 2) if part is None else (_checked_part(part),):
            self.write_curve(f"{which}_{number}_db", row)
            self._reset_measured(which, number)

    def forget(self, which: Which) -> None:
        """Nothing is known of this tone any more."""
        for number in (1, 2):
            self.write_curve(f"{which}_{number}_db", np.full(self.point_hz.size, self._unknown_db(which)))
            self._reset_measured(which, number)

    def _reset_measured(self, which: Which, number: int) -> None:
        for measured in ("heard_s", "lufs"):
            info = self._curve(f"{which}_{number}_{measured}")
            self.write_curve(info.id, [info.default])

    def _unknown_db(self, which: Which) -> float:
        return self._curve(f"{which}_1_db").default


def _checked_part(part: int) -> int:
    if part not in (1, 2):
        raise SmartmixError(f"part {part}: expected 1 (together, left, middle) or 2 (right, side)")
    return part
