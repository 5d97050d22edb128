"""Sections: found in constructed songs and in the demo; the session's own come first."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from smartmix.analysis import analyze
from smartmix.analysis.segments import Part, find_parts
from smartmix.session.session import Section
from smartmix.synth.song import SECTIONS
from sources import RATE, facts_of, melody, noise, write_session

NEAR_S = 1.5
PATTERNS = ("IABABCBO", "AABAB", "IABCAB")
TRACKS, BANDS = 10, 40


def constructed(seed: int) -> tuple[np.ndarray, list[np.ndarray], list[float], str]:
    """Band powers of the sum, track levels at 10 Hz, boundaries (s) and letters of a song: each letter has its own
    players and levels; two tracks sing in phrases with rests; levels waver by 2.5 dB.
    """
    rng = np.random.default_rng(seed)
    pattern = PATTERNS[seed % len(PATTERNS)]
    bar_s = 240.0 / rng.uniform(80, 150)
    plays = {part: rng.random(TRACKS) < 0.6 for part in sorted(set(pattern))}
    level = {part: rng.uniform(-6, 0, TRACKS) for part in sorted(set(pattern))}
    sound = rng.uniform(-30, 0, (TRACKS, BANDS))
    rows, edges, at = [], [], 0.0
    for part in pattern:
        first, at = round(at * 10), at + bar_s * rng.choice([4, 8] if part not in "IO" else [2, 4])
        time_s = np.arange(round(at * 10) - first) / 10
        row = -20 + level[part] + rng.normal(0, 2.5, (time_s.size, TRACKS))
        row[:, ~plays[part]] = -90.0
        row[(time_s / bar_s / 2) % 1 > 0.7, :2] = -70.0
        rows.append(row)
        edges.append(at)
    levels = np.concatenate(rows)
    power = 10 ** (levels / 10) @ 10 ** (sound / 10) * 10 ** (rng.normal(0, 1.5, (len(levels), BANDS)) / 10)
    return power, list(levels.T), edges[:-1], pattern


def hits(truth: list[float], found: list[float]) -> tuple[int, int]:
    """(true boundaries found, found ones that are true), within NEAR_S."""
    return (
        sum(any(abs(t - f) <= NEAR_S for f in found) for t in truth),
        sum(any(abs(t - f) <= NEAR_S for t in truth) for f in found),
    )


def starts(parts: tuple[Part, ...]) -> list[float]:
    return [part.start_s for part in parts][1:]


def test_boundaries_of_constructed_songs():
    songs = [constructed(seed) for seed in range(20)]
    wanted = sum(len(truth) for _, _, truth, _ in songs)
    found = [starts(find_parts(power, levels)) for power, levels, _, _ in songs]
    grid = [np.arange(15.0, len(power) / 10, 15.0).tolist() for power, *_ in songs]
    for name, answer, recall, precision in (("found", found, 0.85, 0.9), ("every 15 s", grid, None, None)):
        recalled, right = np.sum([hits(s[2], a) for s, a in zip(songs, answer, strict=True)], axis=0)
        said = sum(len(a) for a in answer)
        if recall is not None:
            assert recalled / wanted >= recall and right / said >= precision
        else:
            assert recalled / wanted < 0.5 and right / said < 0.5, name


def test_parts_that_come_again_have_the_same_letter():
    agree = total = 0
    for seed in range(20):
        power, levels, truth, pattern = constructed(seed)
        parts = find_parts(power, levels)
        edges = [0.0, *truth]
        true = [pattern[int(np.searchsorted(edges, 0.5 * (p.start_s + p.end_s), "right")) - 1] for p in parts]
        for i in range(len(parts)):
            for j in range(i):
                total += 1
                agree += (true[i] == true[j]) == (parts[i].letter == parts[j].letter)
    assert agree / total > 0.93


@pytest.mark.parametrize("frames", [0, 1, 7, 60])
def test_short_songs_are_one_part(frames):
    parts = find_parts(np.ones((frames, BANDS)), [np.full(frames, -20.0)])
    assert [(p.start_s, p.end_s, p.letter) for p in parts] == ([(0.0, frames / 10, "A")] if frames else [])


def test_a_song_that_stays_the_same_is_one_part():
    rng = np.random.default_rng(1)
    power = 10 ** (rng.normal(0, 1.5, (1200, BANDS)) / 10)
    assert len(find_parts(power, [rng.normal(-20, 2.0, 1200) for _ in range(5)])) == 1


def test_the_demo_song(demo):
    """Every section but the two-bar intro; what else is found is where players come in."""
    tracks = {name: np.broadcast_to(x.samples, (2, x.samples.shape[1])) for name, x in demo.tracks.items()}
    power = facts_of(sum(tracks.values())).features.band_power
    parts = find_parts(power, [facts_of(x).features.loudness_lufs for x in tracks.values()])
    recalled, right = hits([s.start_s for s in SECTIONS][1:], starts(parts))
    assert recalled >= 4 and right / len(starts(parts)) >= 0.8
    at = {
        s.name: next(p.letter for p in parts if p.start_s <= 0.5 * (s.start_s + s.end_s) < p.end_s)
        for s in SECTIONS
    }
    assert at["chorus 1"] == at["chorus 2"] != at["verse 1"]


def song(folder):
    quiet, loud = melody([220.0] * 10), melody([330.0] * 10)
    keys = np.concatenate((0.2 * quiet, loud), axis=1)
    pad = np.concatenate((np.zeros((2, 10 * RATE)), noise(10.0, channels=2)), axis=1)
    return write_session(folder, {"keys": ("keys", keys), "pad": ("pad", pad)})


def test_facts_of_heard_sections(tmp_path):
    analysis = analyze(song(tmp_path))
    first, second = analysis.sections
    assert [s.source for s in analysis.sections] == ["heard", "heard"]
    assert first.name == "part A (0:00–0:10)" and second.name == "part B (0:10–0:20)"
    assert first.end_s == second.start_s == pytest.approx(10.0, abs=0.3)
    assert first.tracks == ("keys",) and set(second.tracks) == {"keys", "pad"}
    assert first.correlation == pytest.approx(1.0, abs=0.02) and second.width_db > first.width_db
    assert second.true_peak_dbtp == pytest.approx(analysis.sum.loudness.true_peak_dbtp, abs=1e-6)
    assert first.true_peak_dbtp < second.true_peak_dbtp - 6
    keys = analysis.tracks["keys"].section_lufs
    assert keys[second.name] - keys[first.name] == pytest.approx(13.98, abs=0.5)
    assert analysis.tracks["pad"].section_lufs[first.name] == -np.inf
    assert analysis.sum.section_lufs[second.name] == pytest.approx(second.loudness_lufs, abs=1e-4)


def test_the_session_names_its_sections(tmp_path):
    own = (
        Section("verse", 0.0, 4.0),
        Section("chorus", 4.0, 8.0),
        Section("verse", 8.0, 25.0),
        Section("x", 30.0, 31.0),
    )
    analysis = analyze(dataclasses.replace(song(tmp_path), sections=own))
    assert [s.name for s in analysis.sections] == ["verse", "chorus", "verse (0:08–0:25)", "x"]
    assert {s.source for s in analysis.sections} == {"session"}
    assert analysis.sections[-1].loudness_lufs == -np.inf and analysis.sections[-1].tracks == ()
