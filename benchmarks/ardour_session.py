"""A mix as an Ardour 7 session, played by Ardour without a screen: another host's opinion of the same faders.

``written`` takes the DAW session that every exporter here gets (``interop.hand_over``); Ardour makes tracks, faders,
pans, rides and VST3 plugins by its own Lua interface, the sound files go into the session's XML (282,240,000 ticks a
second). Its home and configuration lie in the bench folder, so that nothing of the user's is read or written.

Ardour's pan laws, from its sources and from memory, checked by what it plays (``ardour_table.py``): a mono track has
x * (s x + 1 - s) with s = 2 - 4 * 10^(-3/20) on a side, -3 dB at the centre; the balance of a stereo track takes the
far side down in a straight line. Pans are translated so that both sides keep their ratio, what that changes in level is
put into the fader, and all of it lies ``CONSTANT_DB`` lower: a mono track in the centre keeps its fader as it is.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np
import soundfile

from smartmix.audio.panning import pan_gains
from smartmix.interop.lanes import amplitude_points, to_gain
from smartmix.interop.model import Plugin, Project, Track
from smartmix.parameter import Breakpoint
from smartmix.rack import load_vst3
from smartmix.rack.preset_file import parse_preset

CONSTANT_DB = -3.0
TICKS = 282_240_000
HIGHEST_GAIN = 2.0
"""Where Ardour's fader ends."""
SCANNER = Path("/usr/lib/ardour7/ardour-vst3-scanner")
BALANCE = "http://ardour.org/plugin/panner_balance"
REGION = {
    "muted": "0",
    "opaque": "1",
    "locked": "0",
    "automatic": "0",
    "whole-file": "0",
    "import": "0",
    "external": "0",
    "sync-marked": "0",
    "hidden": "0",
    "position-locked": "0",
    "valid-transients": "0",
    "stretch": "1",
    "shift": "1",
    "layering-index": "0",
    "envelope-active": "0",
    "default-fade-in": "0",
    "default-fade-out": "0",
    "fade-in-active": "0",
    "fade-out-active": "0",
    "first-edit": "nothing",
}
_MOST_S = 500.0


def is_installed() -> bool:
    """Whether Ardour 7 with its Lua interface, its export and its scanner is here."""
    return all(shutil.which(name) for name in ("ardour7-lua", "ardour7-export")) and SCANNER.exists()


@dataclass(frozen=True, slots=True)
class Way:
    """How a ride is written: ``dense`` as the exporter does, or only its own corners; Ardour's drawing between points
    ("Exponential", its default, or "Linear"); whether there are rides at all; ``fault_db`` more on ``fault_track``.
    """

    dense: bool = True
    drawing: str = "Exponential"
    rides: bool = True
    fault_track: str = ""
    fault_db: float = 0.0


def render(project: Project, bench: Path, way: Way | None = None) -> np.ndarray:
    """What Ardour plays (2, frames), from 0:00 to the end of the project; ``bench``: a folder of its own."""
    bench.mkdir(parents=True)
    way = way or Way()
    environment = _environment(bench)
    plugins = {d.name for t in project.tracks for d in t.devices if isinstance(d, Plugin)}
    for name in sorted(plugins):
        _run([str(SCANNER), "-f", str(load_vst3(name).library)], environment)
    folder = bench / "mix"
    script = bench / "mix.lua"
    script.write_text("\n".join(_script(project, folder, way)) + "\n")
    _run(["ardour7-lua", str(script)], environment)
    _inject(project, folder, way)
    out = bench / "out.wav"
    _run(["ardour7-export", "-b", "float", "-o", str(out), str(folder), "mix"], environment)
    sound, rate = soundfile.read(out, always_2d=True, dtype="float32")
    if rate != project.sample_rate:
        raise RuntimeError(f"Ardour exported at {rate} Hz")
    return np.ascontiguousarray(sound.T)


def _environment(bench: Path) -> dict[str, str]:
    home = bench / "home"
    places = {"XDG_CONFIG_HOME": ".config", "XDG_CACHE_HOME": ".cache", "XDG_DATA_HOME": ".local/share"}
    for place in places.values():
        (home / place).mkdir(parents=True)
    told = {name: str(home / place) for name, place in places.items()}
    return {**os.environ, **told, "HOME": str(home), "LD_LIBRARY_PATH": "/usr/lib/ardour7"}


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, env=environment, check=False, capture_output=True, text=True, timeout=_MOST_S
    )
    if done.returncode or "Error:" in done.stdout + done.stderr:
        raise RuntimeError(f"{Path(command[0]).name}: {(done.stdout + done.stderr)[-2000:]}")


def translated_pan(pan: float, channels: int) -> tuple[float, float]:
    """(Ardour's position 0..1, gain for the fader) that make our two gains, ``CONSTANT_DB`` lower."""
    left, right = pan_gains(pan)
    lower = to_gain(CONSTANT_DB)
    if channels > 1:
        loud = max(left, right)
        far = min(left, right) / loud
        return (1.0 - far / 2.0 if pan > 0.0 else far / 2.0), loud * lower
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _side(middle) * left < _side(1.0 - middle) * right else (low, middle)
    return low, lower * math.hypot(left, right) / math.hypot(_side(low), _side(1.0 - low))


def _side(place: float) -> float:
    scale = 2.0 - 4.0 * to_gain(-3.0)
    return place * (scale * place + 1.0 - scale)


def _script(project: Project, folder: Path, way: Way) -> list[str]:
    """The Lua script that makes the session: groups first, so that their members can run into them."""
    lines = [
        'AudioEngine:set_backend("None (Dummy)", "", "")',
        f'assert(create_session("{folder}", "mix", {project.sample_rate}))',
        "local order, normal = ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal",
        "local now = PBD.GroupControlDisposition.NoGroup",
        "local routes = {}",
    ]
    groups = {t.id for t in project.tracks if t.kind == "group"}
    for track in project.tracks:
        if track.kind == "group":
            lines.append(
                f'routes["{track.id}"] = Session:new_audio_route(2, 2, nil, 1, "{track.id}", '
                "ARDOUR.PresentationInfo.Flag.AudioBus, order):front()"
            )
        elif track.kind == "audio":
            lines.append(
                f'routes["{track.id}"] = Session:new_audio_track({track.channels}, 2, nil, 1, "{track.id}", '
                "order, normal, true):front()"
            )
        elif track.kind == "return":
            raise RuntimeError("effect returns are prints: not compared here")
    for track in project.tracks:
        if track.kind == "master":
            continue
        lines += _strip(track, project.sample_rate, way)
        if track.parent in groups:
            lines += [
                "r:output():disconnect_all(nil)",
                f'for k = 0, 1 do r:output():audio(k):connect(routes["{track.parent}"]:input():audio(k):name()) end',
            ]
    return [*lines, 'Session:save_state("")', "close_session()", "quit()"]


def _strip(track: Track, rate: int, way: Way) -> list[str]:
    """Fader, pan, plugins and rides of a track; ``r`` is the route."""
    if track.pan.points or track.trim.points:
        raise RuntimeError(f"{track.name}: pan and trim rides are not compared here")
    group = track.kind == "group"
    place, factor = (
        (0.5, 1.0) if group and not track.pan.value else translated_pan(track.pan.value, track.channels)
    )
    if way.fault_track == track.id:
        factor *= to_gain(way.fault_db)
    factor *= to_gain(track.trim.value)
    lines = [f'r = routes["{track.id}"]']
    lines += [f"r:gain_control():set_value({_fader(to_gain(track.volume.value) * factor, track):.9f}, now)"]
    if track.channels == 1 or track.pan.value:
        lines.append(f"r:pan_azimuth_control():set_value({place:.9f}, now)")
    if track.muted:
        lines.append("r:mute_control():set_value(1, now)")
    if track.volume.points and way.rides:
        points = (
            amplitude_points(track.volume)
            if way.dense
            else [Breakpoint(p.time_s, to_gain(p.value), p.curve) for p in track.volume.points]
        )
        scaled = [Breakpoint(p.time_s, _fader(p.value * factor, track), p.curve) for p in points]
        lines.append("al = r:amp():gain_control():alist()")
        lines += _points(scaled, rate)
    for number, device in enumerate(d for d in track.devices if d.enabled):
        if not isinstance(device, Plugin):
            raise RuntimeError(f"{track.name}: {device.name} is no plugin: not compared here")
        lines += _plugin(device, number, rate)
    return lines


def _fader(gain: float, track: Track) -> float:
    if gain > HIGHEST_GAIN:
        raise RuntimeError(
            f"{track.name}: Ardour's fader ends at 6 dB, {20 * math.log10(gain):.1f} asked for"
        )
    return gain


def _points(points: list[Breakpoint], rate: int) -> list[str]:
    """Points of the lane ``al``; it holds before the first, a hold is a point right before the next one."""
    drawn = [(0, points[0].value)] if points[0].time_s > 0.0 else []
    for here, after in zip(points, [*points[1:], None], strict=True):
        drawn.append((round(here.time_s * rate), here.value))
        if here.curve == "hold" and after is not None:
            drawn.append((round(after.time_s * rate) - 1, here.value))
    return [f"al:add(Temporal.timepos_t({frame}), {value:.9f}, false, true)" for frame, value in drawn]


def _plugin(plugin: Plugin, number: int, rate: int) -> list[str]:
    """A VST3 with lanes in the plugin's own units, level ones for knobs that stand: set by Lua alone, they are in the
    session's XML but not in the plugin's state, which is what a loaded session sounds by.
    """
    device = load_vst3(plugin.name)
    device.state = parse_preset(plugin.preset)
    lines = [
        f'p = ARDOUR.LuaAPI.new_plugin(Session, "{plugin.name}", ARDOUR.PluginType.VST3, "")',
        "assert(not p:isnil())",
        f"r:add_processor_by_index(p, {number}, nil, true)",
        f"p = r:nth_plugin({number})",
        "known = {}",
        "q = p:to_insert():plugin(0)",
        "for i = 0, q:parameter_count() - 1 do known[q:parameter_label(i)] = i end",
    ]
    lanes = {p.name: p.position for p in plugin.parameters if p.position.points}
    for id_ in device.automatable:
        name = device.info(id_).name
        if name in lanes:
            points = [Breakpoint(p.time_s, device.plain(id_, p.value), p.curve) for p in lanes[name].points]
        else:
            points = [Breakpoint(s, float(device.get(id_))) for s in (0.0, 1.0)]
        lines.append(f'a, al, d = ARDOUR.LuaAPI.plugin_automation(p, known["{name}"])')
        lines += _points(points, rate)
    return lines


def _inject(project: Project, folder: Path, way: Way) -> None:
    """Sound files, clips and the length into the session's XML; Lua has no way to import."""
    path = folder / "mix.ardour"
    tree = ElementTree.parse(path)
    root = tree.getroot()
    root.set("id-counter", str(int(root.get("id-counter", "0")) + 1000))
    routes = {route.get("name"): route for route in root.iter("Route")}
    for track in project.tracks:
        if track.kind == "master":
            continue
        route = routes[track.id]
        for lane in route.iter("AutomationList"):
            if lane.find("events") is not None:
                lane.set("state", "Play")
            if lane.get("automation-id") == "gain":
                lane.set("interpolation-style", way.drawing)
        if track.channels > 1 and track.pan.value:
            for shell in route.iter("PannerShell"):
                shell.set("user-panner", BALANCE)
        if track.clips:
            _clips(root, route, track, folder / "interchange" / "mix" / "audiofiles", project.sample_rate)
    end = _ticks(project.duration_s, project.sample_rate)
    span = {
        "id": _number(root),
        "name": "session",
        "start": "a0",
        "end": f"a{end}",
        "flags": "IsSessionRange",
    }
    SubElement(root.find("Locations"), "Location", {**span, "locked": "0", "timestamp": "0", "cue": "0"})
    tree.write(path, encoding="UTF-8", xml_declaration=True)


def _clips(root: Element, route: Element, track: Track, sounds: Path, rate: int) -> None:
    """The clips of a track as regions of its playlist, one source for each channel of a file."""
    playlist = next(p for p in root.find("Playlists") or () if p.get("id") == route.get("audio-playlist"))
    for number, clip in enumerate(track.clips, 1):
        if clip.file is None or clip.looped or clip.stretched or clip.fade_in_s or clip.fade_out_s:
            raise RuntimeError(f"{track.name}: a clip of this kind is not compared here")
        sound, at = soundfile.read(clip.file, always_2d=True, dtype="float32")
        if at != rate or sound.shape[1] != track.channels:
            raise RuntimeError(f"{clip.file}: {at} Hz, {sound.shape[1]} channels")
        name = f"{track.id}-{number}"
        soundfile.write(sounds / f"{name}.wav", sound, at, subtype="FLOAT")
        sources = [_number(root) for _ in range(track.channels)]
        for channel, source in enumerate(sources):
            told = {
                "name": f"{name}.wav",
                "type": "audio",
                "flags": "",
                "id": source,
                "channel": str(channel),
            }
            SubElement(root.find("Sources"), "Source", {**told, "origin": "", "gain": "1"})
        start, length, place = (_ticks(s, rate) for s in (clip.start_s, clip.duration_s, clip.time_s))
        region = {
            "name": name,
            "id": _number(root),
            "type": "audio",
            "start": f"a{start}",
            "length": f"a{length}@a{place}",
            "scale-amplitude": f"{to_gain(clip.gain_db):.9g}",
            "channels": str(track.channels),
            **{f"source-{k}": source for k, source in enumerate(sources)},
            **{f"master-source-{k}": source for k, source in enumerate(sources)},
            **REGION,
        }
        SubElement(playlist, "Region", region)


def _number(root: Element) -> str:
    """An id that the session has not given yet."""
    new = int(root.get("id-counter", "0")) + 1
    root.set("id-counter", str(new))
    return str(new)


def _ticks(seconds: float, rate: int) -> int:
    """The nearest frame, in Ardour's ticks."""
    return round(seconds * rate) * (TICKS // rate)
