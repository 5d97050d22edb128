"""Suggestions on real recordings, where there are any beside the checkout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from smartmix.analysis import analyze
from smartmix.session.session import Session
from smartmix.suggesters import suggest
from sources import write_session


def stems_of(folder: Path, seconds: float = 20.0) -> tuple[dict[str, np.ndarray], int]:
    stems, rate = {}, 0
    for path in sorted(folder.glob("[!_]*.flac")):
        samples, rate = soundfile.read(path, always_2d=True)
        stems[path.stem] = samples.T[:, : int(seconds * rate)]
    return stems, rate


def test_faders_of_a_clipped_rough_of_real_stems_come_back(dev_songs: Path, tmp_path: Path) -> None:
    stems, rate = stems_of(dev_songs / "eif_rubidium")
    gains = dict(zip(stems, np.random.default_rng(11).uniform(-6, 6, len(stems)), strict=True))
    rough = np.tanh(1.5 * sum(10 ** (gains[name] / 20) * x for name, x in stems.items()))
    session = write_session(tmp_path, {n: ("unknown", x) for n, x in stems.items()}, rough, rate)
    (move,) = [m for m in suggest(session, analyze(session)).moves if m.title.startswith("Balance")]
    faders = {s.ref.track: s.suggested for s in move.sets}
    apart = np.array([faders.get(name, 0.0) - gain for name, gain in gains.items()])
    assert np.abs(apart - np.median(apart)).mean() < 0.5
    assert np.abs(np.array(list(gains.values()))).mean() > 2.0


def test_a_mix_that_is_its_sum_needs_no_balance(dev_songs: Path) -> None:
    for name in ("audiokit_funk_loop", "lmms_reggaetry"):
        session = Session.open(dev_songs / name)
        analysis = analyze(session)
        assert analysis.material == "prints"
        assert not any(m.grouped for m in suggest(session, analysis).moves)
