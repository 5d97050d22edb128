"""A project of the model as the bytes of project.xml and metadata.xml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, indent, tostring

from smartmix.interop.dawproject.devices import put_device
from smartmix.interop.dawproject.elements import Lane, Writing, child, knob, points, real, switch, volume
from smartmix.interop.dawproject.numbers import flag, told
from smartmix.interop.lanes import added
from smartmix.interop.model import Control, Equalizer, Plugin, Track
from smartmix.parameter import Breakpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartmix.interop.model import Clip, Project, Tempo

FORMAT_VERSION = "1.0"
TEMPO_BPM = 120.0
"""What DAWs assume where nobody says a tempo."""
_ROLES = {"audio": "regular", "group": "submix", "return": "effect", "master": "master"}


@dataclass(frozen=True, slots=True)
class Media:
    """Where a clip's file lies: a name in the archive, or a path outside."""

    path: str
    external: bool = False


def project_xml(
    project: Project, media: Mapping[Clip, Media], states: Mapping[str, str], version: str
) -> bytes:
    """project.xml: Application, Transport, Structure, Arrangement, in the order and with the ids the schema asks for.

    All times are seconds, so that no reader needs the tempo to place a clip. ``media`` has each clip's file,
    ``states`` the archive's name of each plugin's state by "track.deviceN".
    """
    root = Element("Project", version=FORMAT_VERSION)
    child(root, "Application", name="smartmix", version=version)
    _transport(root, project)
    lanes: dict[str, list[Lane]] = {}
    structure = child(root, "Structure")
    homes: dict[str | None, Element] = {None: structure}
    for track in project.tracks:
        home = homes.get(track.parent, structure) if track.kind != "master" else structure
        homes[track.id] = put_track(home, track, project, states, lanes)
    _arrangement(root, project, media, lanes)
    indent(root)
    return bytes(tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"


def metadata_xml(project: Project) -> bytes:
    """metadata.xml: the title, and what came along."""
    root = Element("MetaData")
    child(root, "Title").text = project.name
    child(root, "Comment").text = project.comment
    indent(root)
    return bytes(tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"


def _transport(root: Element, project: Project) -> None:
    first = project.tempo[0] if project.tempo else None
    made = child(root, "Transport")
    bpm = first.bpm if first else TEMPO_BPM
    real(made, "Tempo", "tempo", bpm, "bpm", span=(20.0, 666.0), name="Tempo")
    child(
        made,
        "TimeSignature",
        id="meter",
        numerator=str(first.numerator if first else 4),
        denominator=str(first.denominator if first else 4),
    )


def put_track(
    home: Element,
    track: Track,
    project: Project,
    states: Mapping[str, str],
    lanes: dict[str, list[Lane]],
) -> Element:
    """A Track element in ``home``, its channel with everything on it; its lanes are put into ``lanes`` by track id."""
    content = {"group": "tracks", "master": "audio"}.get(track.kind, "audio")
    made = child(home, "Track", contentType=content, loaded="true", id=f"{track.id}.track", name=track.name)
    if track.color:
        made.set("color", track.color)
    if track.comment:
        made.set("comment", track.comment)
    channel = child(
        made,
        "Channel",
        audioChannels=str(2 if track.kind != "audio" else track.channels),
        role=_ROLES[track.kind],
        solo=flag(track.solo),
        id=f"{track.id}.channel",
    )
    if track.kind != "master" and (destination := _destination(track, project)):
        channel.set("destination", f"{destination}.channel")
    writing = Writing()
    track = with_placed_trim(track)
    if track.devices:
        devices, trim = child(channel, "Devices"), track.trim
        for number, device in enumerate(track.devices, 1):
            base = f"{track.id}.device{number}"
            put_device(devices, device, base, writing, state=states.get(base, ""), trim=trim)
            trim = Control()
    switch(channel, "Mute", f"{track.id}.mute", track.muted, "Mute")
    knob(
        channel,
        "Pan",
        f"{track.id}.pan",
        track.pan,
        "normalized",
        span=(0.0, 1.0),
        writing=writing,
        way=_position,
        name="Pan",
    )
    _sends(channel, track, writing)
    volume(channel, "Volume", f"{track.id}.volume", track.volume, writing)
    lanes[track.id] = writing.lanes
    return made


def _position(pan: float) -> float:
    return (pan + 1.0) / 2.0


def _destination(track: Track, project: Project) -> str | None:
    if track.parent is not None:
        return track.parent
    return next((t.id for t in project.tracks if t.kind == "master"), None)


def with_placed_trim(track: Track) -> Track:
    """A trim has no place in the format: it goes into the fader where nothing in between minds, else into the input
    gain of the first device, or of an equaliser without bands in front of a plugin.
    """
    from dataclasses import replace

    if track.trim.is_neutral:
        return track
    if all(isinstance(device, Equalizer) for device in track.devices):
        return replace(track, trim=Control(), volume=added(track.trim, track.volume))
    if isinstance(track.devices[0], Plugin):
        return replace(track, devices=(Equalizer((), "Trim"), *track.devices))
    return track


def _sends(channel: Element, track: Track, writing: Writing) -> None:
    if not track.sends:
        return
    made = child(channel, "Sends")
    for number, send in enumerate(track.sends, 1):
        base = f"{track.id}.send{number}"
        one = child(
            made, "Send", destination=f"{send.to}.channel", type="pre" if send.pre else "post", id=base
        )
        switch(one, "Enable", f"{base}.enable", send.enabled, "Enable")
        volume(one, "Volume", f"{base}.volume", send.level, writing, name="Level")


def _arrangement(
    root: Element, project: Project, media: Mapping[Clip, Media], lanes: Mapping[str, list[Lane]]
) -> None:
    made = child(root, "Arrangement", id="arrangement")
    all_lanes = child(made, "Lanes", timeUnit="seconds", id="lanes")
    for track in project.tracks:
        if track.clips or lanes[track.id]:
            mine = child(all_lanes, "Lanes", track=f"{track.id}.track", id=f"{track.id}.lanes")
            put_clips(mine, track, media)
            for lane in lanes[track.id]:
                points(mine, lane)
    if project.markers:
        markers = child(made, "Markers", timeUnit="seconds", id="markers")
        for marker in project.markers:
            one = child(markers, "Marker", time=told(marker.time_s), name=marker.name)
            if marker.comment:
                one.set("comment", marker.comment)
    put_tempo(made, project.tempo, ("tempo", "meter"))


def put_clips(parent: Element, track: Track, media: Mapping[Clip, Media]) -> None:
    """The Clips of a track on its time line."""
    if not track.clips:
        return
    made = child(parent, "Clips", id=f"{track.id}.clips")
    for number, clip in enumerate(track.clips, 1):
        one = child(
            made,
            "Clip",
            time=told(clip.time_s),
            duration=told(clip.duration_s),
            playStart=told(clip.start_s),
            contentTimeUnit="seconds",
            name=clip.name,
        )
        if clip.fade_in_s or clip.fade_out_s:
            one.set("fadeTimeUnit", "seconds")
            one.set("fadeInTime", told(clip.fade_in_s))
            one.set("fadeOutTime", told(clip.fade_out_s))
        if clip.muted:
            one.set("enable", "false")
        length = clip.frames / clip.sample_rate if clip.sample_rate else clip.start_s + clip.duration_s
        audio = child(
            one,
            "Audio",
            sampleRate=str(clip.sample_rate or project_rate(track)),
            channels=str(clip.channels or track.channels),
            duration=told(length),
            id=f"{track.id}.audio{number}",
        )
        place = media[clip]
        file = child(audio, "File", path=place.path)
        if place.external:
            file.set("external", "true")


def project_rate(track: Track) -> int:
    """A rate for a clip that does not say its own."""
    return next((clip.sample_rate for clip in track.clips if clip.sample_rate), 48_000)


def put_tempo(arrangement: Element, tempo: Sequence[Tempo], ids: tuple[str, str], own: str = "") -> None:
    """Tempo and bars where they change; in this order, behind lanes and markers. ``ids`` are those of the project's
    Tempo and TimeSignature, ``own`` is how new ids begin.
    """
    if len(tempo) < 2:
        return
    steps = tuple(Breakpoint(t.time_s, t.bpm, "hold") for t in tempo)
    points(arrangement, Lane(f"{own}tempo.lane", ids[0], "bpm", steps))
    arrangement[-1].tag = "TempoAutomation"
    arrangement[-1].set("timeUnit", "seconds")
    meters = [(t.time_s, t.numerator, t.denominator) for t in tempo]
    if len({m[1:] for m in meters}) > 1:
        lane = child(arrangement, "TimeSignatureAutomation", id=f"{own}meter.lane", timeUnit="seconds")
        child(lane, "Target", parameter=ids[1])
        for time_s, numerator, denominator in meters:
            child(
                lane,
                "TimeSignaturePoint",
                time=told(time_s),
                numerator=str(numerator),
                denominator=str(denominator),
            )
