"""Microphones of one source: which belong together, who is upside down, and what is only distance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from kits import kit, turned
from smartmix.analysis import analyze
from smartmix.analysis.faults.mic_names import name_words, pairs
from smartmix.analysis.faults.pickup_likeness import compare
from smartmix.analysis.pickup import Pickup
from smartmix.session.session import Session, Track
from sources import RATE, melody, noise, write_session


def pickups(folder: Path, sources: dict) -> dict[tuple[str, str], Pickup]:
    session = write_session(folder, sources)
    return {(p.track, p.reference): p for p in analyze(session).pickups}


def upside_down(found: dict[tuple[str, str], Pickup]) -> set[tuple[str, str, str]]:
    return {(p.track, p.reference, p.side) for p in found.values() if p.inverted}


def test_words_of_names():
    assert name_words("01 KickIn") == ["kick", "in"]
    assert name_words("Snare_Btm-57") == ["snare", "btm", "57"]
    assert name_words("808") == ["808"]


def test_microphones_of_one_source_are_paired_by_name():
    names = {
        "01 KickIn": "kick", "02 KD Out": "kick", "03 SubKick": "kick", "04 SN Top": "snare",
        "05 Snare Btm": "snare", "Snare 2 Top": "snare", "Gtr 1 DI": "guitar", "Gtr 1 Cab": "electric_guitar",
        "Gtr 2 Amp": "guitar", "Piano L": "piano", "Piano R": "piano", "OH L": "overheads", "OH R": "overheads",
        "Thing in": "unknown", "Thing out": "unknown", "bass di": "bass_di", "bass amp FINAL(2)": "bass_amp",
        "Git take 1 DI": "guitar", "Git take 2 Amp": "guitar",
    }  # fmt: skip
    tracks = tuple(Track(n, n, Path(n), role, channels=1) for n, role in names.items())
    found = [(a.id, b.id, kind) for a, b, kind in pairs(Session("s", Path(), tracks, RATE, 1.0))]
    assert found == [
        ("01 KickIn", "02 KD Out", "close"),
        ("01 KickIn", "03 SubKick", "sub"),
        ("04 SN Top", "05 Snare Btm", "close"),
        ("Gtr 1 DI", "Gtr 1 Cab", "di_amp"),
        ("Piano L", "Piano R", "sides"),
        ("bass di", "bass amp FINAL(2)", "di_amp"),
    ]


def test_gain_in_the_band_against_a_plain_sum():
    """Oracle: scipy band-passes the two sums, and their powers are compared."""
    rng = np.random.default_rng(0)
    source = signal.sosfilt(signal.butter(2, 600, fs=RATE, output="sos"), rng.standard_normal(4 * RATE))
    other = -0.8 * np.roll(source, 20) + 0.05 * source.std() * rng.standard_normal(source.size)
    found = compare(source, other, RATE, (100.0, 300.0), earliest_ms=-5.0, latest_ms=5.0)
    assert found.late_frames == 20 and found.polarity == -1 and found.match < -0.95
    sos = signal.butter(8, (100.0, 300.0), "band", fs=RATE, output="sos")

    def level(x: np.ndarray) -> float:
        return 10 * np.log10(np.mean(signal.sosfiltfilt(sos, x) ** 2))

    before = level(source + other)
    assert found.gained_db(turned=True, aligned=False) == pytest.approx(
        level(source - other) - before, abs=0.5
    )
    lined_up = level(source - np.roll(other, -20)) - before
    assert found.gained_db(turned=True, aligned=True) == pytest.approx(lined_up, abs=0.5)


def test_a_kit_in_polarity_is_left_alone_however_late_its_overheads(tmp_path):
    found = pickups(tmp_path / "near", kit())
    assert upside_down(found) == set()
    assert found["Kick In", "OH"].late_ms == pytest.approx(-1.7, abs=0.15)
    assert all(p.shift_ms == 0.0 for p in found.values())


@pytest.mark.parametrize(
    ("planted", "expected"),
    [
        (("Snare Top", "Snare Bottom"), {("Snare Top", "OH", "both")}),
        (("Snare Bottom",), {("Snare Bottom", "Snare Top", "both")}),
        (("Kick Out",), {("Kick Out", "Kick In", "both")}),
        (("Floor Tom",), {("Floor Tom", "OH", "both")}),
        (("OH right",), {("OH", "OH", "right")}),
        (("OH",), {("OH", "Snare Top", "both")}),
    ],
)
def test_what_is_upside_down_in_a_kit_is_named(tmp_path, planted, expected):
    found = upside_down(pickups(tmp_path, turned(kit(), *planted)))
    if planted == ("OH",):
        assert {(track, side) for track, _, side in found} == {("OH", "both")}
    else:
        assert found == expected


def test_doubles_and_unrelated_tracks_are_no_pair(tmp_path):
    rng = np.random.default_rng(4)
    left, right = (
        melody([110, 98, 123, 110, 82, 98])[0] * (1 + 0.3 * rng.standard_normal()) for _ in range(2)
    )
    right = np.roll(right, 700) + noise(6.0, level=0.02, seed=5)[0]
    left = left + noise(6.0, level=0.02, seed=6)[0]
    sources = {"Piano L": ("piano", left[np.newaxis]), "Piano R": ("piano", noise(6.0, seed=8))}
    assert upside_down(pickups(tmp_path / "a", sources)) == set()
    assert not pickups(
        tmp_path / "b", {"Bass DI": ("bass_di", left[np.newaxis]), "Bass Amp": ("bass_amp", noise(6.0))}
    )


def test_a_sub_kick_is_judged_by_the_low_end_alone(tmp_path):
    sources = kit()
    low = signal.butter(2, 90, fs=RATE, output="sos")
    for sign in (1.0, -1.0):
        sub = sign * signal.sosfilt(low, sources["Kick In"][1])
        found = pickups(tmp_path / str(sign), {**sources, "Kick Sub": ("kick", sub)})
        pickup = found["Kick Sub", "Kick In"]
        assert pickup.inverted == (pickup.gained_db > 0.5)
        turn = 10 * np.log10(energy(sources["Kick In"][1] - sub) / energy(sources["Kick In"][1] + sub))
        assert pickup.inverted == (turn > 0.5)


def energy(x: np.ndarray) -> float:
    sos = signal.butter(4, (40, 100), "band", fs=RATE, output="sos")
    return float(np.sum(signal.sosfilt(sos, x) ** 2))
