"""The bank: thousands of tracks played, roughened, measured and let go of; only their figures are kept."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.features import extract
from smartmix.audio.files import write_bytes
from smartmix.progress import Progress, silent
from smartmix.suggesters.models.track_vector import VERSION, track_vectors
from smartmix.synth.shaping import SAMPLE_RATE_HZ
from smartmix.training.sounds.parts import FAMILIES, part
from smartmix.training.sounds.roughen import roughened

ROLES = (
    "kick",
    "snare",
    "hihat",
    "toms",
    "cymbals",
    "percussion",
    "drums",
    "bass",
    "guitar",
    "keys",
    "synth",
    "pad",
    "vocal",
)
"""What a head tells apart: coarser than the roles of a session, as far as sound alone goes."""
CHUNK = 8
RETRIES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Tracks as rows: their figures (n, SIZE), role and family by number."""

    vectors: NDArray[np.float32]
    role: NDArray[np.int64]
    family: NDArray[np.int64]

    def rows(self, keep: NDArray[np.bool_]) -> Bank:
        """The rows that ``keep`` marks."""
        return Bank(self.vectors[keep], self.role[keep], self.family[keep])


def build_bank(folder: Path, per_cell: int, seed: int, *, progress: Progress | None = None) -> Bank:
    """``per_cell`` tracks of each role and family; what an earlier run left in ``folder`` is read, not made again.

    The same seed gives the same figures, whatever was there before and in whatever pieces it was made.
    """
    report = progress or silent
    folder.mkdir(parents=True, exist_ok=True)
    cells = [
        (r, f, c)
        for c in range(-(-per_cell // CHUNK))
        for r in range(len(ROLES))
        for f in range(len(FAMILIES))
    ]
    vectors, roles, families = [], [], []
    for number, (role, family, chunk) in enumerate(cells):
        report(f"playing {ROLES[role]}", number / len(cells))
        made = _chunk(folder, role, family, chunk, seed)[: per_cell - chunk * CHUNK]
        vectors.append(made)
        roles += [role] * len(made)
        families += [family] * len(made)
    return Bank(np.concatenate(vectors), np.asarray(roles), np.asarray(families))


def _chunk(folder: Path, role: int, family: int, chunk: int, seed: int) -> NDArray[np.float32]:
    path = folder / f"v{VERSION}-s{seed}-{ROLES[role]}-{FAMILIES[family]}-{chunk:03d}.npy"
    if path.exists():
        return np.asarray(np.load(path, allow_pickle=False))
    made = np.stack([one_track(ROLES[role], FAMILIES[family], seed, chunk * CHUNK + k) for k in range(CHUNK)])
    from io import BytesIO

    held = BytesIO()
    np.save(held, made)
    write_bytes(path, held.getvalue(), force=True)
    return made


def one_track(role: str, family: str, seed: int, number: int) -> NDArray[np.float32]:
    """The figures (SIZE,) of track ``number``: a part, sometimes two in layers, roughened, measured."""
    for attempt in range(RETRIES):
        rng = np.random.default_rng([seed, zlib.crc32(f"{role} {family}".encode()), number, attempt])
        sound = part(role, family, rng)
        if rng.random() < 0.2:
            sound = sound + rng.uniform(0.2, 0.8) * part(role, family, rng)
        neighbour = part(str(rng.choice(["kick", "snare", "hihat", "bass", "keys"])), family, rng)
        audio = roughened(role, sound, neighbour, rng)
        facts = extract([audio], SAMPLE_RATE_HZ, audio.shape[0], role, low_end=False)
        vectors = track_vectors(facts)
        if vectors is not None:
            return np.asarray(vectors[0])
    raise AssertionError(f"{role} by {family} never sounds")
