"""What a de-esser did to a voice: the esses, and everything between them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from smartmix.analysis.sibilance import HOP_S, SibilanceMeter
from smartmix.audio import Samples
from smartmix.figures import number
from smartmix.units import mean_db

LEAST_DB = 1.0
"""Esses that come down by less were none (house)."""
MOST_DB = 5.0
"""More on average lisps (house)."""
MOST_BETWEEN_DB = 0.3
"""What the voice between the esses may lose (house)."""


def de_esser_outcome(
    before: Iterable[Samples], after: Iterable[Samples], sample_rate: int
) -> tuple[str, bool]:
    """In words, and whether the esses came down while the rest stayed."""
    was, now = SibilanceMeter(sample_rate), SibilanceMeter(sample_rate)
    for meter, blocks in ((was, before), (now, after)):
        for block in blocks:
            meter.push(block)
    facts, old, new = was.facts(), was.levels_db(), now.levels_db()
    if facts is None or not facts.events_s or old.shape != new.shape:
        return "no esses found", False
    esses = np.zeros(old.shape[1], dtype=np.bool_)
    for start_s, end_s in facts.events_s:
        esses[round(start_s / HOP_S) : round(end_s / HOP_S)] = True
    whole_old, whole_new = (np.logaddexp(*(x * np.log(10) / 10.0)) * 10.0 / np.log(10) for x in (old, new))
    heard = ~_near(esses) & (whole_old > whole_old.max() - 40.0)
    on_esses = float(np.mean(new[0, esses] - old[0, esses]))
    between = mean_db(whole_new[heard]) - mean_db(whole_old[heard]) if heard.any() else 0.0
    text = f"esses {number(on_esses, plus=True)} dB, the voice otherwise {number(between, plus=True)} dB"
    return text, bool(-MOST_DB <= on_esses <= -LEAST_DB and abs(between) <= MOST_BETWEEN_DB)


def _near(mask: np.ndarray) -> np.ndarray:
    """The mask with 50 ms more at either end, where the filter comes and goes."""
    return np.asarray(np.convolve(mask, np.ones(11), mode="same") > 0)
