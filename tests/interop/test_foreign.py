"""Projects as other DAWs write them: counted in beats, with ramps of tempo, nested and looped and warped clips."""

from __future__ import annotations

import io
import math
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

from interop.scenes import packed, residual_db, session
from interop.ways_back import edited, with_rides
from mixes import move_of
from smartmix.errors import InteropError
from smartmix.interop.dawproject import read
from smartmix.interop.dawproject.timing import TempoMap, TempoPoint
from smartmix.interop.export import export_session
from smartmix.interop.model import Project
from smartmix.interop.to_session import import_project
from smartmix.rendering import render

RATE = 48_000
TONE = (np.arange(4 * RATE) % 977 / 977.0 - 0.5).astype(np.float32)


def wav(samples: np.ndarray, rate: int = RATE) -> bytes:
    data = io.BytesIO()
    soundfile.write(data, samples.T, rate, format="WAV", subtype="FLOAT")
    return data.getvalue()


def audio(duration: float = 4.0, path: str = "audio/a.wav") -> str:
    return f'<Audio sampleRate="48000" channels="1" duration="{duration}"><File path="{path}"/></Audio>'


def document(
    clips: str,
    *,
    bpm: float = 120.0,
    unit: str = "beats",
    channel: str = "",
    lanes: str = "",
    rest: str = "",
    tracks: str = "",
) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Project version="1.0"><Application name="B" version="5"/><Transport>'
        f'<Tempo unit="bpm" value="{bpm}" id="tempo"/><TimeSignature numerator="3" denominator="4" id="ts"/>'
        "</Transport>"
        f'<Structure><Track contentType="audio" id="t" name="Gtr"><Channel id="c" role="regular">{channel}</Channel>'
        f'</Track>{tracks}</Structure><Arrangement id="a"><Lanes timeUnit="{unit}"><Lanes track="t">'
        f"<Clips>{clips}</Clips>{lanes}</Lanes></Lanes>{rest}</Arrangement></Project>"
    )


def project_of(folder: Path, xml: str) -> Project:
    return read(packed(folder / "x.dawproject", xml, {"audio/a.wav": wav(TONE[None])}))


def pieces(project: Project) -> list[tuple[float, float, float]]:
    return [
        (round(c.time_s, 6), round(c.duration_s, 6), round(c.start_s, 6)) for c in project.track("t").clips
    ]


def test_beats_are_counted_by_the_tempo(tmp_path: Path) -> None:
    clip = f'<Clip time="3" duration="4" contentTimeUnit="seconds" playStart="0.5">{audio()}</Clip>'
    project = project_of(tmp_path, document(clip, bpm=90.0))
    assert pieces(project) == [(2.0, round(8.0 / 3.0, 6), 0.5)]
    assert [(t.bpm, t.numerator) for t in project.tempo] == [(90.0, 3)]


def test_a_tempo_that_steps_and_one_that_ramps() -> None:
    steps = TempoMap([TempoPoint(0.0, 120.0), TempoPoint(4.0, 60.0)])
    assert steps.seconds(6.0) == pytest.approx(4.0)
    assert steps.beats(4.0) == pytest.approx(6.0)
    ramp = TempoMap([TempoPoint(0.0, 60.0, ramp=True), TempoPoint(8.0, 120.0)])
    beats = np.linspace(0.0, 8.0, 400_001)
    expected = np.trapezoid(60.0 / (60.0 + 60.0 * beats / 8.0), beats)  # the integral, by brute force
    assert ramp.seconds(8.0) == pytest.approx(expected, abs=1e-8)
    assert ramp.seconds(8.0) == pytest.approx(8.0 * math.log(2.0))
    assert ramp.beats(ramp.seconds(3.3)) == pytest.approx(3.3)
    assert ramp.seconds(10.0) == pytest.approx(8.0 * math.log(2.0) + 1.0)
    told = ramp.steps()
    assert told[0][0] == 0.0
    assert told[-1] == (pytest.approx(8.0 * math.log(2.0)), 120.0)


def test_tempo_automation_markers_and_bars(tmp_path: Path) -> None:
    rest = (
        '<Markers timeUnit="beats"><Marker time="8" name="B"/><Marker time="4" name="A"/></Markers>'
        '<TempoAutomation unit="bpm"><Target parameter="tempo"/><RealPoint time="0" value="120"/>'
        '<RealPoint time="4" value="60"/></TempoAutomation>'
        '<TimeSignatureAutomation><Target parameter="ts"/>'
        '<TimeSignaturePoint time="4" numerator="7" denominator="8"/></TimeSignatureAutomation>'
    )
    project = project_of(tmp_path, document("", rest=rest))
    assert [(m.time_s, m.name) for m in project.markers] == [(2.0, "A"), (6.0, "B")]
    assert [(t.time_s, t.bpm, t.numerator, t.denominator) for t in project.tempo] == [
        (0.0, 120.0, 3, 4),
        (2.0, 60.0, 7, 8),
    ]


def test_nested_clips_are_cut_by_the_outer_one(tmp_path: Path) -> None:
    inner = f'<Clip time="0" duration="4" contentTimeUnit="seconds">{audio()}</Clip>'
    inner += f'<Clip time="6" duration="4" contentTimeUnit="seconds">{audio()}</Clip>'
    clip = f'<Clip time="8" duration="6" playStart="1"><Clips>{inner}</Clips></Clip>'
    # At 120 bpm: the first begins half a second before the outer clip, which ends half a second into the second.
    assert pieces(project_of(tmp_path, document(clip))) == [(4.0, 1.5, 0.5), (6.5, 0.5, 0.0)]


def test_a_loop_comes_round(tmp_path: Path) -> None:
    clip = (
        '<Clip time="0" duration="5" contentTimeUnit="seconds" playStart="0.5" loopStart="0.25" loopEnd="1.25">'
        f"{audio()}</Clip>"
    )
    assert pieces(project_of(tmp_path, document(clip))) == [
        (0.0, 0.75, 0.5),
        (0.75, 1.0, 0.25),
        (1.75, 0.75, 0.25),
    ]


def warped(end_s: float) -> str:
    marks = f'<Warp time="0" contentTime="0"/><Warp time="8" contentTime="{end_s}"/>'
    return (
        '<Clip time="4" duration="4" contentTimeUnit="beats" playStart="2">'
        f'<Warps timeUnit="beats" contentTimeUnit="seconds">{audio()}{marks}</Warps></Clip>'
    )


def test_warps_that_leave_the_speed_alone_are_plain(tmp_path: Path) -> None:
    project = project_of(tmp_path, document(warped(4.0)))
    assert pieces(project) == [(2.0, 2.0, 1.0)]
    assert not project.track("t").clips[0].stretched
    stretched = project_of(tmp_path, document(warped(3.0)))
    assert stretched.track("t").clips[0].stretched


def test_an_alias_plays_what_it_names(tmp_path: Path) -> None:
    named = audio().replace("<Audio", '<Audio id="u"')
    first = f'<Clip time="0" duration="2" contentTimeUnit="seconds">{named}</Clip>'
    second = '<Clip time="4" duration="2" contentTimeUnit="seconds" playStart="1" reference="u"/>'
    assert pieces(project_of(tmp_path, document(first + second))) == [(0.0, 1.0, 0.0), (2.0, 1.0, 1.0)]


def test_fades_of_clips_that_are_taken_apart_stay_over_the_whole(tmp_path: Path) -> None:
    """A loop of 1 s under a fade of 2.5 s, and a clip inside one that has fades of its own; a file of ones."""
    faded = 'fadeTimeUnit="seconds" fadeInTime="1" fadeOutTime="0"'
    inner = f'<Clips><Clip time="0" duration="2" {faded}>{audio()}</Clip></Clips>'
    looped = (
        '<Clip time="0" duration="4" contentTimeUnit="seconds" loopStart="0" loopEnd="1" fadeTimeUnit="seconds" '
        f'fadeInTime="2.5" fadeOutTime="1.5">{audio()}</Clip>'
    )
    nested = f'<Clip time="5" duration="3" fadeTimeUnit="seconds" fadeInTime="0.5" fadeOutTime="1.5">{inner}</Clip>'
    past = (
        f'<Clip time="9" duration="6" fadeTimeUnit="seconds" fadeInTime="0" fadeOutTime="3">{audio()}</Clip>'
    )
    xml = document(looped + nested + past, unit="seconds")
    packed(tmp_path / "x.dawproject", xml, {"audio/a.wav": wav(np.ones((1, 4 * RATE), np.float32))})
    made = import_project(tmp_path / "x.dawproject", tmp_path / "back", rough=False)
    got, _ = soundfile.read(made.session.tracks[0].path)
    at = (np.arange(13 * RATE) + 0.5) / RATE
    loop = np.clip(at / 2.5, 0, 1) * np.clip((4 - at) / 1.5, 0, 1) * (at < 4)
    inside = np.clip((at - 5) / 0.5, 0, 1) * np.clip((8 - at) / 1.5, 0, 1) * np.clip(at - 5, 0, 1) * (at < 7)
    long = np.clip((15 - at) / 3, 0, 1) * (at >= 9)
    assert np.abs(got - (loop + inside + long)).max() < 2e-5


@pytest.mark.parametrize(("unit", "value"), [("linear", 0.25), ("decibel", -12.041199826559248)])
def test_the_gain_of_a_clip_is_heard_where_it_stands(tmp_path: Path, unit: str, value: float) -> None:
    def clip(last: float) -> str:
        rows = "".join(f'<RealPoint time="{t}" value="{v}"/>' for t, v in ((0, value), (2, last)))
        gain = f'<Points unit="{unit}"><Target expression="gain"/>{rows}</Points>'
        return f'<Clip time="0" duration="4"><Lanes>{audio()}{gain}</Lanes></Clip>'

    project = project_of(tmp_path, document(clip(value)))
    assert project.track("t").clips[0].gain_db == pytest.approx(-12.0412, abs=1e-4)
    assert not project.losses
    moving = project_of(tmp_path, document(clip(value / 2)))
    assert "Gtr: automation inside clips" in str(moving.losses[0])


@pytest.mark.parametrize(
    "knob",
    [
        '<Volume id="v" unit="linear" value="inf"/>',
        '<Pan id="p" unit="normalized" value="inf"/>',
        '<Volume id="v" unit="linear" value="1"/><Pan id="p" unit="normalized" value="-inf"/>',
    ],
)
def test_endless_numbers_are_refused(tmp_path: Path, knob: str) -> None:
    with pytest.raises(InteropError, match=r"x\.dawproject"):
        project_of(tmp_path, document(f'<Clip time="0" duration="4">{audio()}</Clip>', channel=knob))


def test_endless_bars_and_channels(tmp_path: Path) -> None:
    plain = document(f'<Clip time="0" duration="4">{audio()}</Clip>')
    with pytest.raises(InteropError, match="numerator = inf"):
        project_of(tmp_path, plain.replace('numerator="3"', 'numerator="inf"'))
    wide = project_of(tmp_path, plain.replace('role="regular"', 'role="regular" audioChannels="inf"'))
    assert wide.track("t").channels == 2


def test_lanes_of_nothing_that_is_there_are_said(tmp_path: Path) -> None:
    lanes = (
        '<Points id="p"><Target parameter="nowhere"/><RealPoint time="0" value="1"/></Points>'
        '<Points id="q"><Target expression="pressure"/><RealPoint time="0" value="1"/></Points>'
    )
    project = project_of(tmp_path, document(f'<Clip time="0" duration="4">{audio()}</Clip>', lanes=lanes))
    assert {loss.what for loss in project.losses} == {
        "1 lane of a knob that the file does not have",
        "pressure expression on a track",
    }


@pytest.mark.parametrize(("end", "said"), [("true", True), ("false", False)])
def test_a_lane_that_nobody_follows_is_said(tmp_path: Path, end: str, *, said: bool) -> None:
    mute = '<Mute id="m" name="Mute" value="false"/><Volume id="v" unit="linear" value="1"/>'
    lanes = (
        '<Points id="p"><Target parameter="m"/><BoolPoint time="0" value="false"/>'
        f'<BoolPoint time="4" value="{end}"/></Points>'
        '<Points id="q" unit="linear"><Target parameter="v"/><RealPoint time="0" value="1"/>'
        '<RealPoint time="4" value="0.5"/></Points>'
    )
    clip = f'<Clip time="0" duration="4">{audio()}</Clip>'
    project = project_of(tmp_path, document(clip, channel=mute, lanes=lanes))
    told = [str(loss) for loss in project.losses]
    assert told == (["Gtr: mute automation; kept for the way back, not heard here"] if said else [])


def test_fader_lanes_in_beats_hold_by_default(tmp_path: Path) -> None:
    channel = '<Volume id="v" unit="linear" value="1" min="0" max="2"/>'
    lanes = (
        '<Points unit="linear"><Target parameter="v"/><RealPoint time="0" value="1"/>'
        '<RealPoint time="2" value="0.5" interpolation="linear"/><RealPoint time="4" value="1"/></Points>'
    )
    clip = f'<Clip time="0" duration="8">{audio()}</Clip>'
    points = project_of(tmp_path, document(clip, channel=channel, lanes=lanes)).track("t").volume.points
    assert points[0].curve == "hold"
    at = [p for p in points if p.time_s >= 1.0]
    assert at[0].value == pytest.approx(-6.0206, abs=1e-4)
    middle = np.interp(1.5, [p.time_s for p in at], [p.value for p in at])
    assert middle == pytest.approx(20.0 * math.log10(0.75), abs=0.05)


def test_levels_in_decibels_and_pans_in_another_range(tmp_path: Path) -> None:
    channel = '<Mute value="1" id="m"/><Pan id="p" unit="linear" min="-1" max="1" value="-0.25"/>'
    channel += '<Volume id="v" unit="decibel" value="-7.5"/>'
    track = project_of(tmp_path, document("", channel=channel)).track("t")
    assert (track.muted, track.pan.value, track.volume.value) == (True, -0.25, -7.5)


def test_clips_are_consolidated_from_the_start(tmp_path: Path) -> None:
    clips = f'<Clip time="1" duration="1" contentTimeUnit="seconds" playStart="0.25">{audio()}</Clip>'
    clips += (
        '<Clip time="3" duration="2" contentTimeUnit="seconds" fadeTimeUnit="seconds" fadeInTime="0.5" '
        f'fadeOutTime="0.25">{audio()}</Clip>'
    )
    clips += f'<Clip time="6" duration="1" enable="false">{audio()}</Clip>'
    file = packed(tmp_path / "x.dawproject", document(clips), {"audio/a.wav": wav(TONE[None])})
    made = import_project(file, tmp_path / "out", rough=False)
    got, rate = soundfile.read(made.session.tracks[0].path, dtype="float32")
    assert rate == RATE
    expected = np.zeros(round(2.5 * RATE), np.float32)
    expected[RATE // 2 : RATE] = TONE[RATE // 4 : RATE // 4 + RATE // 2]
    shape = np.minimum(
        1.0, np.minimum((np.arange(RATE) + 0.5) / (RATE / 2), (RATE - np.arange(RATE) - 0.5) / (RATE / 4))
    )
    expected[round(1.5 * RATE) :] = TONE[:RATE] * shape
    assert len(got) == len(expected)
    assert np.abs(got - expected).max() < 1e-6
    assert np.array_equal(got[RATE // 2 : RATE], expected[RATE // 2 : RATE])


def test_another_rate_is_resampled_to_the_projects(tmp_path: Path) -> None:
    time_s = np.arange(2 * 44_100) / 44_100.0
    tone = 0.25 * np.sin(2 * np.pi * 440.0 * time_s)
    low = audio(2.0, "audio/b.wav").replace("48000", "44100")
    clips = f'<Clip time="0" duration="4">{low}</Clip>'
    clips += f'<Clip time="8" duration="1">{audio()}</Clip><Clip time="9" duration="1">{audio()}</Clip>'
    members = {"audio/a.wav": wav(TONE[None]), "audio/b.wav": wav(tone[None].astype(np.float32), 44_100)}
    made = import_project(
        packed(tmp_path / "x.dawproject", document(clips), members), tmp_path / "out", rough=False
    )
    got, rate = soundfile.read(made.session.tracks[0].path)
    assert rate == RATE
    at = np.arange(2_000, 90_000)
    assert np.abs(got[at] - 0.25 * np.sin(2 * np.pi * 440.0 * at / RATE)).max() < 1e-4


def test_what_is_not_understood_is_told(tmp_path: Path) -> None:
    clips = f'<Clip time="0" duration="4">{audio()}</Clip><Clip time="4" duration="4"><Notes/></Clip>'
    channel = (
        '<Devices><Vst3Plugin deviceID="0123456789abcdef0123456789abcdef" deviceName="Pro-Q" deviceRole="audioFX"/>'
        '</Devices><Sends><Send destination="r"><Volume unit="linear" value="0.5"/></Send></Sends>'
    )
    synth = '<Track contentType="notes" id="s" name="Synth"><Channel id="sc" role="regular"/></Track>'
    back = '<Track contentType="audio" id="fx" name="Hall"><Channel id="r" role="effect"/></Track>'
    xml = document(clips, channel=channel, tracks=synth + back)
    file = packed(tmp_path / "x.dawproject", xml, {"audio/a.wav": wav(TONE[None])})
    made = import_project(file, tmp_path / "out", rough=False)
    told = "\n".join(str(loss) for loss in made.losses)
    for words in (
        "Gtr: notes",
        "Gtr: Pro-Q; kept",
        "Hall: what is sent to it; heard as a print",
        "Synth: no sound",
    ):
        assert words in told
    assert made.plugins == (("Gtr", "Pro-Q"),)


def test_groups_the_master_and_a_routing_in_a_circle(tmp_path: Path) -> None:
    clips = f'<Clip time="0" duration="4">{audio()}</Clip>'
    tracks = (
        '<Track contentType="tracks" id="g" name="Bus"><Channel id="gc" role="submix" destination="hc">'
        '<Volume unit="linear" value="0.5"/></Channel></Track>'
        '<Track contentType="tracks" id="h" name="Loop"><Channel id="hc" role="submix" destination="gc"/></Track>'
        '<Track id="m" name="Master"><Channel id="mc" role="master"><Volume unit="linear" value="0.5"/></Channel>'
        "</Track>"
    )
    xml = document(clips, tracks=tracks).replace(
        '<Channel id="c" role="regular">', '<Channel id="c" destination="gc">'
    )
    file = packed(tmp_path / "x.dawproject", xml, {"audio/a.wav": wav(TONE[None])})
    made = import_project(file, tmp_path / "out")
    rough, _ = soundfile.read(tmp_path / "out" / "rough.wav")
    assert np.abs(rough[: 2 * RATE, 0] - 0.25 * TONE[: 2 * RATE]).max() < 1e-5
    assert made.session.buses[0].members == ("gtr",)


def test_what_is_not_loaded_is_not_heard_and_a_muted_master_is_said(tmp_path: Path) -> None:
    export_session(session(tmp_path), with_rides(), tmp_path / "x.dawproject", "dawproject")

    def unloaded(root: ElementTree.Element) -> None:
        for track in root.iter("Track"):
            if track.get("name") == "snare":
                track.set("loaded", "false")
            if track.find("Channel").get("role") == "master":  # type: ignore[union-attr]
                track.find("Channel/Mute").set("value", "true")  # type: ignore[union-attr]
            if track.get("name") == "vox":
                track.find("Channel/Devices/Equalizer").set("loaded", "false")  # type: ignore[union-attr]

    edited(tmp_path / "x.dawproject", unloaded)
    made = import_project(tmp_path / "x.dawproject", tmp_path / "back")
    assert made.session.track("snare").muted
    assert not any(m.track == "vox" and m.sets[0].ref.device == "eq" for m in made.plan.moves)
    told = "\n".join(map(str, made.losses))
    assert "snare: it is switched off in the DAW (not loaded); muted here" in told
    assert "Master: it is muted; heard as if it were not" in told
    export_session(made.session, made.plan, tmp_path / "y.dawproject", "dawproject")
    assert (tmp_path / "y.dawproject").read_bytes() == (tmp_path / "x.dawproject").read_bytes()


def test_a_lane_may_count_in_decibels_where_its_fader_does_not(tmp_path: Path) -> None:
    """And goes up and down in them."""
    export_session(session(tmp_path), with_rides(), tmp_path / "x.dawproject", "dawproject")
    export_session(session(tmp_path), with_rides(), tmp_path / "plain.dawproject", "dawproject")

    def in_decibels(root: ElementTree.Element) -> None:
        faders = {e.get("id") for e in root.iter("Volume")}
        for lane in root.iter("Points"):
            if lane.find("Target").get("parameter") in faders:  # type: ignore[union-attr]
                lane.set("unit", "decibel")
                for row in lane.findall("RealPoint"):
                    row.set("value", f"{20.0 * math.log10(max(float(row.get('value', 0)), 1e-6)):.9f}")

    edited(tmp_path / "x.dawproject", in_decibels)
    made = import_project(tmp_path / "x.dawproject", tmp_path / "back")
    plain = import_project(tmp_path / "plain.dawproject", tmp_path / "back2")
    ours, theirs = (render(m.session, m.plan).samples for m in (made, plain))
    assert residual_db(ours, theirs) <= -40.0  # straight in dB, and not in gain
    plan = made.plan.add(move_of("less", {"vox/fader/gain_db": -3.0}))
    export_session(made.session, plan, tmp_path / "y.dawproject", "dawproject")
    third = import_project(tmp_path / "y.dawproject", tmp_path / "third")
    ours, theirs = (render(*pair).samples for pair in ((made.session, plan), (third.session, third.plan)))
    assert residual_db(ours, theirs) <= -85.0


def test_a_ride_past_a_sessions_fader_is_held(tmp_path: Path) -> None:
    export_session(session(tmp_path), with_rides(), tmp_path / "x.dawproject", "dawproject")

    def hot(root: ElementTree.Element) -> None:
        lane = next(e for e in root.iter("Points") if e.find("Target").get("parameter") == "vox.volume")  # type: ignore[union-attr]
        lane.findall("RealPoint")[1].set("value", "20")

    edited(tmp_path / "x.dawproject", hot)
    made = import_project(tmp_path / "x.dawproject", tmp_path / "back")
    assert "vox: a fader ride over +24 dB; held there" in map(str, made.losses)
    export_session(made.session, made.plan, tmp_path / "y.dawproject", "dawproject")
    assert (tmp_path / "y.dawproject").read_bytes() == (tmp_path / "x.dawproject").read_bytes()
