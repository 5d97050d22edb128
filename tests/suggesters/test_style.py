"""References: buses and master only, weighted, and less where they disagree."""

from __future__ import annotations

import numpy as np
import pytest

from smartmix.errors import SmartmixError
from smartmix.processors import ParametricEQ
from smartmix.suggesters.models.style import check_owner, style_of, toward_style
from sources import RATE, facts_of, noise


def brighter(gain_db: float) -> np.ndarray:
    eq = ParametricEQ(**{"band1.shape": "high_shelf", "band1.freq_hz": 3000.0, "band1.gain_db": gain_db})
    return eq(noise(3.0, channels=2), RATE)


def test_the_weights_decide_between_references():
    plain, bright = facts_of(noise(3.0, channels=2)), facts_of(brighter(8.0))
    mostly = style_of([(plain, 1.0), (bright, 3.0)]).tone_db
    evenly = style_of([(plain, 1.0), (bright, 1.0)]).tone_db
    assert mostly[-3] > evenly[-3] + 1.0
    assert np.allclose(style_of([(bright, 0.2)]).tone_db, style_of([(bright, 7.0)]).tone_db)


def test_the_curve_goes_part_of_the_way_and_less_where_references_disagree():
    plain, bright, dark = (facts_of(x) for x in (noise(3.0, channels=2), brighter(8.0), brighter(-8.0)))
    agreed = toward_style(style_of([(bright, 1.0)]), plain)
    assert 1.0 < agreed[-3] - agreed[10] < 8.0
    disputed = toward_style(style_of([(bright, 1.5), (dark, 1.0)]), plain)
    assert np.abs(disputed).max() < 0.3 * np.abs(agreed).max()
    assert np.abs(toward_style(style_of([(plain, 1.0)]), plain)).max() < 1e-9


def test_tracks_are_refused_and_so_are_wrong_weights():
    assert check_owner("mix", ["vox"]) == "mix"
    with pytest.raises(SmartmixError, match="is a track"):
        check_owner("vox", ["vox"])
    with pytest.raises(SmartmixError, match="weight 0"):
        style_of([(facts_of(noise(1.0)), 0.0)])
    with pytest.raises(SmartmixError, match="silent"):
        style_of([(facts_of(np.zeros((1, RATE))), 1.0)])
    with pytest.raises(SmartmixError, match="at least one"):
        style_of([])
