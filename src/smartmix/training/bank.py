"""The bank: thousands of tracks played, roughened, measured and let go of; only their figures are kept."""

from __future__ import annotations

import multiprocessing
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
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


def build_bank(
    folder: Path, per_cell: int, seed: int, *, processes: int = 1, progress: Progress | None = None
) -> Bank:
    """``per_cell`` tracks of each role and family; what an earlier run left in ``folder`` is read, not made again.

    The same seed gives the same figures, whatever was there before, in whatever pieces and by how many ``processes``
    it was made.
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
    played = _played(folder, cells, seed, processes)
    for number, ((role, family, chunk), whole) in enumerate(zip(cells, played, strict=True)):
        report(f"playing {ROLES[role]}", number / len(cells))
        made = whole[: per_cell - chunk * CHUNK]
        vectors.append(made)
        roles += [role] * len(made)
        families += [family] * len(made)
    return Bank(np.concatenate(vectors), np.asarray(roles), np.asarray(families))


Cell = tuple[int, int, int]
"""Role, family and chunk by number."""


def _played(folder: Path, cells: list[Cell], seed: int, processes: int) -> Iterator[NDArray[np.float32]]:
    """The chunks in order, played by several processes where there is more than one to play."""
    missing = sum(not _path(folder, cell, seed).exists() for cell in cells)
    if min(processes, missing) < 2:
        yield from (_chunk(folder, cell, seed) for cell in cells)
        return
    pool = ProcessPoolExecutor(min(processes, missing), mp_context=multiprocessing.get_context("spawn"))
    try:
        yield from pool.map(partial(_chunk, folder, seed=seed), cells)
    finally:  # Ctrl-C, or a process that died: what waits is not begun; what was played stays for --resume
        pool.shutdown(cancel_futures=True)


def _path(folder: Path, cell: Cell, seed: int) -> Path:
    role, family, chunk = cell
    return folder / f"v{VERSION}-s{seed}-{ROLES[role]}-{FAMILIES[family]}-{chunk:03d}.npy"


def _chunk(folder: Path, cell: Cell, seed: int) -> NDArray[np.float32]:
    role, family, chunk = cell
    path = _path(folder, cell, seed)
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
