"""Roughs that are none: what a recall must not believe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from smartmix.analysis.cross_spectra import CrossMeter
from smartmix.analysis.rough_align import sample_lag
from smartmix.suggesters.models.recall import recall_from
from smartmix.suggesters.recalled import Recalled
from smartmix.training.suites.result import Gate, Table
from smartmix.training.suites.rough_scene import Samples, Scene, both_sides

BLOCK = 65_536
SHUFFLED_S = 0.5
LATE_S = 0.3217
LAG_FRAMES = 2


def crossed(scene: Scene, rough: Samples) -> Recalled | None:
    """What is recalled from another rough than the scene's own."""
    frames = scene.rough.shape[1]
    meter = CrossMeter(scene.rate, scene.names, frames)
    rough = np.pad(rough[:, :frames], ((0, 0), (0, max(0, frames - rough.shape[1]))))
    sources = [np.pad(both_sides(t), ((0, 0), (0, frames - t.shape[1]))) for t in scene.tracks]
    stacked = np.stack([*sources, rough])
    for start in range(0, frames, BLOCK):
        meter.push(stacked[:, :, start : start + BLOCK])
    return recall_from(meter.finish())


def traps(scenes: list[Scene]) -> tuple[Table, tuple[Gate, ...]]:
    """Every trap over the scenes: how often it was believed."""
    rows: dict[str, list[bool]] = {}
    for index, scene in enumerate(scenes):
        other = scenes[(index + 1) % len(scenes)]
        if other is not scene:
            rows.setdefault("another song's rough", []).append(crossed(scene, other.rough) is None)
        rows.setdefault("shuffled rough", []).append(crossed(scene, shuffled(scene)) is None)
        rows.setdefault("noise", []).append(crossed(scene, _noise(scene)) is None)
        rows.setdefault("a silent track and one that is not in it", []).append(_absent_said(scene))
        rows.setdefault("late rough, lined up", []).append(lined_up(scene))
        rows.setdefault("the rough itself (control)", []).append(crossed(scene, scene.rough) is not None)
    table = Table(
        "traps",
        ("trap", "right", "of"),
        tuple((name, sum(right), len(right)) for name, right in rows.items()),
        "Right: nothing is recalled; of tracks that are not there, that they are not heard; of a late rough, the lag.",
    )
    gates = tuple(
        Gate(name, "always right", f"{sum(right)} of {len(right)}", all(right))
        for name, right in rows.items()
    )
    return table, gates


def shuffled(scene: Scene) -> Samples:
    """The rough in pieces of half a second, in another order."""
    size = round(SHUFFLED_S * scene.rate)
    pieces = [scene.rough[:, i : i + size] for i in range(0, scene.rough.shape[1], size)]
    order = np.random.default_rng(5).permutation(len(pieces))
    return np.concatenate([pieces[i] for i in order], axis=1)


def _noise(scene: Scene) -> Samples:
    return np.random.default_rng(6).normal(0.0, 0.1, scene.rough.shape).astype(np.float32)


def _absent_said(scene: Scene) -> bool:
    """Whether a silent track, and a noise that the rough does not have, are both told as not heard."""
    silent = np.zeros_like(scene.rough)
    strange = np.random.default_rng(7).normal(0.0, 0.05, scene.rough.shape).astype(np.float32)
    more = replace(scene, names=(*scene.names, "silent", "strange"), tracks=[*scene.tracks, silent, strange])
    found = crossed(more, scene.rough)
    return found is not None and not found.fit.heard[-2:].any()


def lined_up(scene: Scene) -> bool:
    """Whether a rough that is 0.32 s late is found to the sample, or nearly."""
    late = round(LATE_S * scene.rate)
    total = np.zeros(scene.rough.shape[1], np.float32)
    for track in scene.tracks:
        total[: track.shape[1]] += both_sides(track).mean(axis=0)
    rough = np.pad(scene.rough.mean(axis=0), (late, 0))
    return abs(sample_lag(total, rough, scene.rate) - late) <= LAG_FRAMES
