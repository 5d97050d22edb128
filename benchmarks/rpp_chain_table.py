"""VST3 chains through a REAPER project: exported, imported, rendered again.

    PYTHONPATH=src:benchmarks python benchmarks/rpp_chain_table.py SONG...

SONG: folders of tracks; without one, the demo song. The first track has ZamEQ2 (one knob in a lane) and ZamComp, the
second ZamGEQ31, the mix ZamCompX2 at 80 % wet (Debian zam-plugins). Residual: RMS of the difference to the mix over
the RMS of the mix, in dB; in brackets the worst 0.4 s. Rows:
    as it opens     the import as it is
    nothing         do-nothing: no chain comes back
    states only     naive: plugins with their states, no lanes, everything fully wet
    six digits      naive: knobs written with six decimals
    planted fault   each lane on the knob beside its own
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

from interop_table import residuals
from smartmix.interop.export import export_session
from smartmix.interop.to_session import import_project
from smartmix.plan import MixPlan
from smartmix.rendering import render
from smartmix.session import Session
from smartmix.synth.demo import write_demo

VST3 = Path("/usr/lib/vst3")
_LANE = re.compile(rb"^ +<PARMENV .*?^ +>\n", re.M | re.S)
_CHAIN = re.compile(rb"^ +<(FXCHAIN|MASTERFXLIST)$.*?^ +WAK 0 0\n +>\n", re.M | re.S)
_ROWS = {
    "as it opens": lambda data: data,
    "nothing": lambda data: _CHAIN.sub(b"", data),
    "states only": lambda data: re.sub(rb" +WET .*\n", b"", _LANE.sub(b"", data)),
    "six digits": lambda data: _LANE.sub(lambda lane: re.sub(rb"(\.\d{6})\d+", rb"\1", lane[0]), data),
    "planted fault": lambda data: re.sub(rb"<PARMENV 3:3 ", b"<PARMENV 4:4 ", data),
}


def device(name: str, *lines: str) -> str:
    return "\n".join(["[[device]]", 'kind = "vst3"', f'path = "{VST3 / name}.vst3"', *lines, ""])


def chain(path: Path, *devices: str) -> str:
    path.write_text("\n".join(["format = 1", 'name = "Zam"', *devices]))
    return str(path)


def show(song: Path, bench: Path) -> None:
    session = Session.open(song)
    first, second, *_ = (track.id for track in session.audible_tracks)
    end = round(session.duration_s, 1)
    lane = f"boost_cut_1_db = [[0.0, 0.0], [{end / 3:.1f}, 9.0], [{end / 2:.1f}, 0.0]]"
    chains = {
        first: chain(
            bench / "a.toml",
            device("ZamEQ2", "[device.lanes]", lane),
            device("ZamComp", "values.threshold_db = -30.0"),
        ),
        second: chain(bench / "b.toml", device("ZamGEQ31", 'values."100hz_db" = 6.0')),
        "mix": chain(bench / "c.toml", device("ZamCompX2", "dry_wet = 0.8", "values.threshold_db = -24.0")),
    }
    plan = MixPlan(session.name, chains=chains)
    file = bench / "song.rpp"
    export_session(session, plan, file, "rpp", audio="link", force=True)
    data, ours = file.read_bytes(), render(session, plan).samples
    print(f"\n{session.name}: {len(session.audible_tracks)} tracks, {session.duration_s:.0f} s")
    for number, (name, edit) in enumerate(_ROWS.items()):
        file.write_bytes(edit(data))
        made = import_project(file, bench / f"{session.name.replace('/', '_')} {number}", rough=False)
        whole, worst = residuals(ours, render(made.session, made.plan).samples, session.sample_rate)
        print(f"  {name:16s} {max(whole, -200):8.1f} dB  ({max(worst, -200):.1f})")
        if edit(data) == data:
            back = bench / "back.rpp"
            export_session(made.session, made.plan, back, "rpp", audio="link", force=True)
            same = "same bytes" if back.read_bytes() == data else "CHANGED"
            print(f"  untouched and written back: {same}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("songs", nargs="*", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Path(folder)
        songs = options.songs
        if not songs:
            write_demo(bench / "demo")
            songs = [bench / "demo"]
        for song in songs:
            show(song, bench)


if __name__ == "__main__":
    main()
