"""What a person may do to an import, and the files it may have come from: the rows and columns of the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

from chained import chain_file
from interop.scenes import packed, plain_plan, project_xml, session
from mixes import RATE, eq_move, lane, move_of, noise, plan_of, recorded
from smartmix.interop.dawproject.archive import Archive
from smartmix.interop.export import export_session
from smartmix.interop.to_session import Imported, import_project
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move
from smartmix.session.session import Bus, Session, TempoPoint

BPM = 112.0
EQ2 = Path("/usr/lib/vst3/ZamEQ2.vst3")


def edited(path: Path, edit: Callable[[ElementTree.Element], None]) -> None:
    """A .dawproject with another project.xml."""
    root = ElementTree.fromstring(project_xml(path))
    edit(root)
    with Archive(path) as archive:
        members = {n: archive.read(n, 1 << 30) for n in archive.names if n != "project.xml"}
    packed(path, ElementTree.tostring(root, "unicode"), members)


def without_master(root: ElementTree.Element) -> None:
    """As a program leaves it that takes its master for granted."""
    structure = root.find("Structure")
    assert structure is not None
    master = next(t for t in structure if t.find("Channel").get("role") == "master")
    structure.remove(master)
    for channel in structure.iter("Channel"):
        if channel.get("destination") == master.find("Channel").get("id"):
            del channel.attrib["destination"]


def in_beats(root: ElementTree.Element) -> None:
    """All places of the time line in quarter notes, as Bitwig writes them; one tempo throughout."""
    arrangement = root.find("Arrangement")
    assert arrangement is not None
    for tag in ("TempoAutomation", "TimeSignatureAutomation"):
        for part in arrangement.findall(tag):
            arrangement.remove(part)
    for part in arrangement.iter():
        if part.get("timeUnit") == "seconds":
            part.set("timeUnit", "beats")
        for name in ("time", "duration"):
            if part.get(name) and part.tag in ("Clip", "RealPoint", "Marker") and part.get(name):
                part.set(name, f"{float(part.get(name)) * BPM / 60.0:.12f}")
    for clip in arrangement.iter("Clip"):
        clip.set("contentTimeUnit", "seconds")


@dataclass(frozen=True)
class Origin:
    """A file that came: by which plan, in which format, and what another program makes of it."""

    to: str
    plan: MixPlan
    edit: Callable[[ElementTree.Element], None] | None = None
    one_tempo: bool = False


def with_rides() -> MixPlan:
    """Everything that moves, and effects on a group and the mix."""
    return plan_of(
        *plain_plan().moves,
        eq_move("lift", "drums", "high_shelf", 6_000.0, gain_db=1.0),
        eq_move("tone", "mix", "low_shelf", 120.0, gain_db=-1.0),
    )


ORIGINS = {
    "dawproject": Origin("dawproject", plan_of()),
    "dawproject with devices": Origin("dawproject", with_rides()),
    "dawproject without a master": Origin("dawproject", plan_of(), without_master),
    "dawproject in beats": Origin("dawproject", with_rides(), in_beats, one_tempo=True),
    "rpp": Origin("rpp", plan_of()),
    "rpp with devices": Origin("rpp", with_rides()),
}


def came(origin: Origin, folder: Path, *, loud_click: bool = False) -> Imported:
    """The import of such a file; with ``loud_click`` its muted track is long enough to be measured."""
    song = session(folder)
    if loud_click:
        click = recorded(
            folder, "click", noise(1, RATE, 5), sample_rate=RATE, channels=1, frames=RATE, muted=True
        )
        song = replace(song, tracks=tuple(click if t.id == "click" else t for t in song.tracks))
    if origin.one_tempo:
        song = replace(song, tempo_map=(TempoPoint(0.0, BPM),))
    file = folder / f"song.{origin.to}"
    export_session(song, origin.plan, file, origin.to)
    if origin.edit is not None:
        edited(file, origin.edit)
    return import_project(file, folder / "back")


@dataclass(frozen=True)
class Change:
    """What a person did: moves that came into force, or an edit of the session. ``said``: words that stand for it in
    the loss report of a format, where the file does not take it.
    """

    moves: tuple[Move, ...] = ()
    edit: Callable[[Session], Session] | None = None
    said: dict[str, tuple[str, str]] | None = None
    """Where and what, by format."""


def one(settings: dict, **said: tuple[str, str]) -> Change:
    return Change((move_of("new", settings),), said=said)


def band(owner: str, **said: tuple[str, str]) -> Change:
    return Change((eq_move("new", owner, "bell", 900.0, gain_db=5.0, q=1.0),), said=said)


def on_track(name: str, **values: object) -> Callable[[Session], Session]:
    return lambda song: replace(
        song, tracks=tuple(replace(t, **values) if t.id == name else t for t in song.tracks)
    )


def on_bus(name: str, **values: object) -> Callable[[Session], Session]:
    return lambda song: replace(
        song, buses=tuple(replace(b, **values) if b.id == name else b for b in song.buses)
    )


def _with_bus(song: Session) -> Session:
    return replace(song, buses=(*song.buses, Bus("lead", "Lead", ("vox",), -5.0)))


def _without_bus(song: Session) -> Session:
    inside = {member for bus in song.buses if bus.id == "drums" for member in bus.members}
    buses = tuple(
        replace(b, members=tuple(m for m in b.members if m != "drums") + tuple(sorted(inside)))
        if "drums" in b.members
        else b
        for b in song.buses
        if b.id != "drums"
    )
    return replace(song, buses=buses)


def _in_another_bus(song: Session) -> Session:
    members = {"drums": ("kick",), "band": ("drums", "pad", "snare")}
    return replace(song, buses=tuple(replace(b, members=members[b.id]) for b in song.buses))


def _with_track(song: Session) -> Session:
    made = recorded(
        song.root, "shaker", noise(1, RATE, 9), sample_rate=RATE, channels=1, frames=RATE, gain_db=-3.0
    )
    return replace(song, tracks=(*song.tracks, made))


def _without_track(song: Session) -> Session:
    tracks = tuple(t for t in song.tracks if t.id != "pad")
    buses = tuple(replace(b, members=tuple(m for m in b.members if m != "pad")) for b in song.buses)
    return replace(song, tracks=tracks, buses=buses)


def _another_sound(song: Session) -> Session:
    made = recorded(song.root, "other take", noise(1, RATE, 12), sample_rate=RATE, channels=1, frames=RATE)
    return on_track("vox", path=made.path, frames=RATE, channels=1)(song)


PRINT = ("pad", "stereo width")
CHANGES: dict[str, Change] = {
    "fader": one({"vox/fader/gain_db": 3.0}),
    "fader of a track with rides": one({"snare/fader/gain_db": -4.0}),
    "ride": one({"vox/fader/gain_db": lane((0.1, 0.0), (0.9, 5.0))}),
    "fader of a group": one({"drums/fader/gain_db": 2.5}),
    "ride of a group": one({"band/fader/gain_db": lane((0.1, 0.0), (0.9, -5.0))}),
    "pan": one({"pad/pan/pan": -0.6}),
    "pan ride": one({"kick/pan/pan": lane((0.2, -0.5), (2.0, 0.5))}),
    "trim": one({"vox/trim/gain_db": -10.0}),
    "trim of one that has one": one({"kick/trim/gain_db": -10.0}),
    "trim that moves": one({"pad/trim/gain_db": lane((0.2, 0.0), (2.0, -8.0))}),
    "polarity": one({"kick/input/polarity": "inverted"}, dawproject=("kick", "polarity inverted")),
    "polarity of a side": one(
        {"pad/input/polarity": "left_inverted"},
        dawproject=("pad", "polarity left inverted"),
        rpp=("pad", "polarity left inverted"),
    ),
    "later": one({"pad/input/shift_ms": 4.0}),
    "earlier": one({"snare/input/shift_ms": -4.0}),
    "EQ": band("vox"),
    "EQ of a group": band("drums"),
    "EQ of the mix": band("mix"),
    "EQ in front of a compressor": band("kick"),
    "compressor": one(
        {
            "snare/compressor/threshold_db": -30.0,
            "snare/compressor/ratio": 3.0,
            "snare/compressor/attack_ms": 12.0,
            "snare/compressor/release_ms": 140.0,
            "snare/compressor/knee_db": 6.0,
        },
    ),
    "width": one({"pad/width/side_db": 6.0}, dawproject=PRINT, rpp=PRINT),
    "send": one({"vox/send/return-reverb.level_db": -6.0}, rpp=("vox", "a send to Reverb")),
    "the session's fader": Change(edit=on_track("snare", gain_db=-7.0)),
    "the session's pan": Change(edit=on_track("kick", pan=0.7)),
    "mute": Change(edit=on_track("pad", muted=True)),
    "unmute": Change(edit=on_track("click", muted=False)),
    "offset": Change(edit=on_track("pad", offset_frames=4_800)),
    "offset in front of 0": Change(edit=on_track("pad", offset_frames=-480)),
    "the session's bus fader": Change(edit=on_bus("drums", gain_db=-8.0)),
    "a new bus": Change(edit=_with_bus),
    "a bus less": Change(
        edit=_without_bus, said={"dawproject": ("Drums", "no bus"), "rpp": ("Drums", "no bus")}
    ),
    "another bus": Change(
        edit=_in_another_bus,
        said={"dawproject": ("snare", "it runs into Band here"), "rpp": ("snare", "it runs into Band here")},
    ),
    "a new track": Change(edit=_with_track, said={"rpp": ("shaker", "a new track")}),
    "a track less": Change(
        edit=_without_track,
        said={"dawproject": ("pad", "not in the session"), "rpp": ("pad", "not in the session")},
    ),
    "another sound": Change(
        edit=_another_sound, said={"dawproject": ("vox", "another file"), "rpp": ("vox", "another file")}
    ),
}


def worked_on(made: Imported, change: Change) -> tuple[Session, MixPlan]:
    """The import with a change."""
    plan = made.plan
    for move in change.moves:
        plan = plan.add(move)
    song = change.edit(made.session) if change.edit else made.session
    there = {"mix", *(t.id for t in song.tracks), *(b.id for b in song.buses)}
    gone = tuple(m for m in plan.moves if m.track not in there)
    return song, replace(plan, moves=tuple(m for m in plan.moves if m not in gone))


def with_chain(plan: MixPlan, owner: str, folder: Path, gain_db: float = 9.0) -> MixPlan:
    """A plan with a chain of an equaliser by another maker."""
    path = chain_file(folder, ("vst3", EQ2, {"boost_cut_2_db": gain_db}), name=f"{owner}.toml")
    return replace(plan, chains={**plan.chains, owner: str(path)})


def turned_up(plan: MixPlan, owner: str) -> MixPlan:
    """A plan whose chain file of an owner was edited by hand."""
    path = Path(plan.chains[owner])
    path.write_text(path.read_text() + "[device.values]\nboost_cut_2_db = -9.0\n")
    return plan


def unchained(plan: MixPlan, owner: str) -> MixPlan:
    """A plan without the chain of an owner."""
    return replace(plan, chains={name: file for name, file in plan.chains.items() if name != owner})


CHAIN_CHANGES: dict[str, Callable[[MixPlan, str, Path], MixPlan]] = {
    "another knob": lambda plan, owner, _: turned_up(plan, owner),
    "taken out": lambda plan, owner, _: unchained(plan, owner),
    "another chain": lambda plan, owner, folder: with_chain(unchained(plan, owner), owner, folder, -6.0),
}
