"""Handed over and taken back: a mix exported to a DAW's project file, imported, and rendered again.

    PYTHONPATH=src:benchmarks python benchmarks/interop_table.py SONG... [--format rpp] [--accept all]

SONG: folders of tracks; without one, the demo song. Each is listened to (``propose``), exported, imported, rendered.
Residual: RMS of the difference to the mix over the RMS of the mix, in dB; in brackets the worst 0.4 s; then the same
up to the song's last frame (here an EQ stops ringing there, in a session with a longer print it rings on). Rows:
    as it opens      the import as it is: originals through what the format has for devices, prints muted
    with its prints  each print playing, its original muted: all that a format cannot say is sound then
    nothing          do-nothing: the plain sum of the tracks, no fader set
    faders only      naive: the DAW session with its faders and pans, without devices and rides
    planted fault    one fader of the import 0.1 dB off
and whether an export of the untouched import gives the same bytes.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from smartmix.interop.export import Exported, export_session
from smartmix.interop.formats import FORMATS
from smartmix.interop.to_session import import_project
from smartmix.plan import MixPlan
from smartmix.rendering import render
from smartmix.session import Session
from smartmix.synth.demo import write_demo
from smartmix.workflow.propose import propose

PRINT = " (print)"
WINDOW_S = 0.4


def residuals(ours: np.ndarray, theirs: np.ndarray, rate: int) -> tuple[float, float]:
    """(whole, worst 0.4 s) in dB; the worst relative to the whole mix, so that silence does not count."""
    frames = max(ours.shape[1], theirs.shape[1])
    a, b = (np.pad(x.astype(np.float64), ((0, 0), (0, frames - x.shape[1]))) for x in (ours, theirs))
    power, size = np.mean(a**2), round(WINDOW_S * rate)
    error = np.mean((a - b) ** 2, axis=0)
    windows = [error[at : at + size].mean() for at in range(0, frames, size)]
    return tuple(10.0 * np.log10((e + 1e-30) / power) for e in (error.mean(), max(windows)))


def with_prints(session: Session) -> Session:
    names = {t.name.removesuffix(PRINT) for t in session.tracks if t.name.endswith(PRINT)}
    tracks = (
        replace(t, muted=not t.name.endswith(PRINT) and (t.muted or t.name in names)) for t in session.tracks
    )
    return replace(session, tracks=tuple(tracks))


def off_by_a_tenth(session: Session) -> Session:
    first = session.audible_tracks[0]
    tracks = (replace(t, gain_db=t.gain_db + 0.1) if t.id == first.id else t for t in session.tracks)
    return replace(session, tracks=tuple(tracks))


def show(song: Path, accept: str, to: str, bench: Path) -> None:
    begun = time.process_time()
    proposal = propose(Session.open(song), accept=accept)
    session, plan = proposal.session, proposal.plan
    listened, begun = time.process_time() - begun, time.process_time()
    file = bench / f"song{FORMATS[to].suffix}"
    exported: Exported = export_session(session, plan, file, to, force=True)
    written, begun = time.process_time() - begun, time.process_time()
    made = import_project(file, bench / session.name.replace("/", "_"))
    taken = time.process_time() - begun
    bare = replace(session, tracks=tuple(replace(t, gain_db=0.0, pan=0.0) for t in session.tracks), buses=())
    playing = {t.id for t in made.session.tracks if t.name.endswith(PRINT)}
    unmuted = made.plan.accept([m.id for m in made.plan.moves if m.track in playing])
    rows = {
        "as it opens": (made.session, made.plan),
        "with its prints": (with_prints(made.session), unmuted),
        "nothing": (bare, MixPlan("none")),
        "faders only": (made.session, MixPlan("none")),
        "planted fault": (off_by_a_tenth(with_prints(made.session)), unmuted),
    }
    ours = render(session, plan).samples
    size = (
        f"{len(session.audible_tracks)} tracks, {exported.moves} moves in force, {session.duration_s:.0f} s"
    )
    print(f"\n{session.name}: {size}")
    print(f"  CPU: listening {listened:.1f} s, export {written:.1f} s, import with rough mix {taken:.1f} s")
    for name, pair in rows.items():
        theirs = render(*pair).samples
        ends = (max(ours.shape[1], theirs.shape[1]), session.frames)
        told = [residuals(ours[:, :end], theirs[:, :end], session.sample_rate) for end in ends]
        cells = (f"{max(whole, -200):8.1f} dB  ({max(worst, -200):6.1f})" for whole, worst in told)
        print(f"  {name:16s} {'   '.join(cells)}")
    back = export_session(made.session, made.plan, bench / f"back{file.suffix}", to, force=True).file
    print(
        f"  untouched and written back: {'same bytes' if back.read_bytes() == file.read_bytes() else 'CHANGED'}"
    )
    for loss in exported.losses:
        print(f"  lost: {loss}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("songs", nargs="*", type=Path)
    parser.add_argument("--format", dest="to", default="dawproject", choices=sorted(FORMATS))
    parser.add_argument("--accept", default="confident", choices=["confident", "all"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Path(folder)
        songs = options.songs
        if not songs:
            write_demo(bench / "demo")
            songs = [bench / "demo"]
        for song in songs:
            show(song, options.accept, options.to, bench)


if __name__ == "__main__":
    main()
