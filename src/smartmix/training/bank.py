"""The bank: thousands of tracks played, roughened, measured and let go of; only their figures are kept."""

from __future__ import annotations

import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.features import extract
from smartmix.audio.files import write_bytes
from smartmix.batch.job import BAD_INPUT, OK, Done, Job
from smartmix.batch.pool import remove_leftovers, work_off
from smartmix.errors import SmartmixError
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
    _play(folder, cells, seed, processes, report)
    vectors, roles, families = [], [], []
    for role, family, chunk in cells:
        made = _chunk(folder, (role, family, chunk), seed)[: per_cell - chunk * CHUNK]
        vectors.append(made)
        roles += [role] * len(made)
        families += [family] * len(made)
    return Bank(np.concatenate(vectors), np.asarray(roles), np.asarray(families))


Cell = tuple[int, int, int]
"""Role, family and chunk by number."""


def _play(folder: Path, cells: list[Cell], seed: int, processes: int, report: Progress) -> None:
    """Play the chunks that are not in ``folder`` yet, by several processes where there is more than one to play.

    After Ctrl-C, or when a process keeps dying (SmartmixError), nothing is left running and what was played stays:
    the next run goes on from there.
    """
    missing = [cell for cell in cells if not _path(folder, cell, seed).exists()]
    if min(processes, len(missing)) < 2:
        for number, cell in enumerate(missing):
            report(f"playing {ROLES[cell[0]]}", number / len(missing))
            _chunk(folder, cell, seed)
        return
    paths = [_path(folder, cell, seed) for cell in missing]
    jobs = [
        Job(path, path, (str(folder), str(seed), *map(str, cell)))
        for path, cell in zip(paths, missing, strict=True)
    ]
    report("playing", 0.0)
    count = min(processes, len(jobs))
    with closing(work_off(jobs, play_chunk, processes=count, clean_up=remove_leftovers)) as played:
        for number, (job, done) in enumerate(played, start=1):
            if not done.ok:
                raise SmartmixError(f"{job.output}: could not be played: {done.message}")
            report(f"playing {ROLES[int(job.words[2])]}", number / len(missing))


def play_chunk(words: tuple[str, ...]) -> Done:
    """One chunk played into its file: folder, seed, role, family and chunk by number."""
    folder, seed, role, family, chunk = words
    try:
        _chunk(Path(folder), (int(role), int(family), int(chunk)), int(seed))
    except SmartmixError as error:
        return Done(BAD_INPUT, str(error))
    return Done(OK)


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
