"""A made-up but realistic outcome of a pass: ten tracks, six moves, names chosen to do harm."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import soundfile

from smartmix.analysis.analysis import Analysis, Features, Problem, TrackFacts
from smartmix.analysis.loudness import Loudness
from smartmix.mastering.result import MasterResult
from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.session.session import Section, Session, Track
from smartmix.workflow.result import Clip, MixResult, MoveOutcome, Programme

SCRIPT_NAME = "<script>alert(1)</script>"
QUOTE_NAME = '"Gtr\' & Bass" onload=alert(2)'
EMOJI_NAME = "Lead Vox 🎤"
ESCAPE_NAME = "Pad \x1b[2J\u202egnp.exe"
HOSTILE_NAMES = (SCRIPT_NAME, QUOTE_NAME, EMOJI_NAME, ESCAPE_NAME)

DURATION_S = 198.0
BANDS = 40
SECTIONS = (
    Section("Intro", 0.0, 14.0),
    Section("Verse 1", 14.0, 46.0),
    Section("Chorus 1", 46.0, 78.0),
    Section("Verse 2", 78.0, 110.0),
    Section("Chorus 2", 110.0, 142.0),
    Section("Bridge", 142.0, 158.0),
    Section("Chorus 3", 158.0, 190.0),
)
TRACKS = (
    # id, name, role, role source, channels, muted
    ("kick", "01 Kick In", "kick", "name", 1, False),
    ("snare", "02 Snare Top", "snare", "name", 1, False),
    ("overheads", "03 Overheads", "overheads", "session", 2, False),
    ("bass-di", "04 Bass DI", "bass_di", "name", 1, False),
    ("gtr-bass", QUOTE_NAME, "electric_guitar", "name", 1, False),
    ("script", SCRIPT_NAME, "keys", "none", 2, False),
    ("pad", ESCAPE_NAME, "pad", "name", 2, False),
    ("lead-vox", EMOJI_NAME, "lead_vocal", "name", 1, False),
    ("bv", "Backing vocals double left and right take 2 comp FINAL", "backing_vocal", "name", 2, False),
    ("click", "Click", "click", "name", 1, True),
)
LEVEL_CHANGE_DB = {
    "kick": 1.4,
    "snare": 0.6,
    "overheads": -2.1,
    "bass-di": 0.0,
    "gtr-bass": -3.2,
    "script": -1.0,
    "pad": -4.6,
    "lead-vox": 2.8,
    "bv": -1.2,
    "click": -math.inf,
}


def loudness(integrated: float, peak: float, spread: float = 7.5) -> Loudness:
    return Loudness(
        integrated, integrated + 5.1, integrated + 3.2, spread, peak, peak - 0.2, peak - integrated
    )


def short_term(level: float, seed: int, vocal_db: float = 0.0) -> np.ndarray:
    """A song's course: quiet intro, verses, louder choruses, a stop in the bridge, silence at the end."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(int(DURATION_S * 10)) / 10.0
    shape = {
        "Intro": -9.0,
        "Verse 1": -4.0,
        "Chorus 1": 0.5,
        "Verse 2": -3.0,
        "Chorus 2": 1.0,
        "Bridge": -8.0,
    }
    values = np.full(time_s.size, -np.inf)
    for section in SECTIONS:
        inside = (time_s >= section.start_s) & (time_s < section.end_s)
        lift = vocal_db if section.name.startswith("Verse") else 0.0
        values[inside] = level + shape.get(section.name, 1.6) + lift
    smooth = np.convolve(np.where(np.isfinite(values), values, level - 30), np.ones(30) / 30, mode="same")
    wander = np.convolve(rng.normal(0.0, 2.5, time_s.size), np.ones(15) / 15, mode="same")
    result = np.where(np.isfinite(values), smooth + wander, -np.inf)
    result[:30] = -np.inf
    return result.astype(np.float32)


def band_hz() -> np.ndarray:
    erb_number = np.linspace(0.9, 41.5, BANDS)
    return ((10 ** (erb_number / 21.4) - 1) / 0.00437).astype(np.float32)


def spectrum(level: float, tilt: float, dip_db: float = 0.0) -> np.ndarray:
    hz = band_hz().astype(float)
    octaves = np.log2(hz / 100.0)
    shape = level - 14 - 0.9 * np.abs(octaves) ** 1.7 + tilt * octaves + 1.3 * np.sin(octaves * 3.1)
    dip = dip_db * np.exp(-((np.log2(hz / 310.0) / 0.7) ** 2))
    return (shape + dip).astype(np.float32)


def facts(track: str, index: int, spans_s: tuple[tuple[float, float], ...]) -> TrackFacts:
    frames = int(DURATION_S * 10)
    zeros = np.zeros((frames, 1), np.float32)
    active = np.zeros(frames, bool)
    for start, end in spans_s:
        active[int(start * 10) : int(end * 10)] = True
    features = Features.of_powers(zeros, zeros, np.full(frames, -30.0, np.float32), active)
    level = -22.0 - 1.3 * index
    return TrackFacts(
        track=track,
        loudness=loudness(level, -3.5 - 0.4 * index),
        active_lufs=level if spans_s else -math.inf,
        active_share=float(active.mean()),
        active_spans_s=spans_s,
        crest_db=18.2 - index,
        correlation=1.0,
        lowest_note_hz=41.2 * 2 ** (index / 3) if index in (3, 4, 6, 7) else None,
        rumble_db=-38.0,
        spectrum_db=spectrum(level, -0.4),
        features=features,
    )


def spans(index: int) -> tuple[tuple[float, float], ...]:
    everywhere = ((14.2, 141.0), (158.0, 190.0))
    choruses = ((46.1, 77.5), (110.2, 141.8), (158.3, 189.5))
    phrases = tuple((s, s + 6.4) for s in np.arange(15.0, 186.0, 9.0).tolist() if not 141 < s < 157)
    return {7: phrases, 8: choruses, 6: ((0.0, 190.0),), 9: ()}.get(index, everywhere)


def session() -> Session:
    tracks = tuple(
        Track(
            id=id_,
            name=name,
            path=Path("song") / f"{id_}.wav",
            role=role,
            role_source=source,
            muted=muted,
            sample_rate=48000,
            channels=channels,
            frames=int(DURATION_S * 48000),
        )
        for id_, name, role, source, channels, muted in TRACKS
    )
    return Session(
        name="Harbour Lights <b>rev 3</b>",
        root=Path("song"),
        tracks=tracks,
        sample_rate=48000,
        duration_s=DURATION_S,
        material="multitrack",
        sections=SECTIONS,
    )


def analysis() -> Analysis:
    tracks = {id_: facts(id_, index, spans(index)) for index, (id_, *_) in enumerate(TRACKS)}
    problems = (
        Problem("hum", "gtr-bass", "Hum at 50 Hz and 4 harmonics, -58 dBFS in the gaps.", -58.0, "dBFS"),
        Problem(
            "clipping",
            "snare",
            "Clipped: 214 samples at full scale in 37 hits.",
            214,
            "samples",
            span_s=(46.0, 141.0),
            serious=True,
        ),
        Problem(
            "polarity",
            "bass-di",
            f"Polarity against {QUOTE_NAME}: the low end cancels by 4.1 dB.",
            4.1,
            "dB",
            other_track="gtr-bass",
            serious=True,
        ),
    )
    return Analysis(
        session="Harbour Lights",
        sample_rate=48000,
        duration_s=DURATION_S,
        content_hash="9f3b" * 16,
        band_hz=band_hz(),
        band_edges_hz=np.linspace(20, 20000, BANDS + 1).astype(np.float32),
        tracks=tracks,
        sum=facts("sum", 0, spans(0)),
        rough=facts("rough", 1, spans(0)),
        problems=problems,
        material="multitrack",
        material_reason="the sum is 6.1 dB off the rough mix",
        input_hashes={id_: f"{index:064x}" for index, (id_, *_) in enumerate(TRACKS)},
    )


def fader(track: str, suggested: float | tuple[Breakpoint, ...], chosen: float | None = None) -> MoveSet:
    return MoveSet(ParamRef(track, "fader", "gain_db"), "dB", 0.0, suggested, chosen)


def eq(track: str, move: str, **values: tuple[str, float | str, float | str]) -> tuple[MoveSet, ...]:
    return tuple(
        MoveSet(ParamRef(track, "eq", f"{move}.{name}"), unit, before, after)
        for name, (unit, before, after) in values.items()
    )


def balance() -> MoveOutcome:
    members = ("kick", "snare", "overheads", "gtr-bass", "script", "pad", "lead-vox", "bv")
    move = Move(
        id=move_id("kick", "rough", "fader"),
        track="kick",
        title="First balance from the rough mix",
        source="rough match",
        confidence=0.93,
        reason="These levels explain the rough mix to within 0.8 dB.",
        sets=tuple(fader(t, LEVEL_CHANGE_DB[t]) for t in members),
        status="accepted",
        authority="rough",
        benefit=6.1,
        grouped=True,
        interval=(-0.8, 0.8),
        evidence=(
            Evidence("rough", "Tracks at these levels leave 0.8 dB of the rough mix unexplained.", 0.8, "dB"),
        ),
    )
    text = (
        f"First balance: {SCRIPT_NAME} -1.0 dB, {EMOJI_NAME} +2.8 dB and six more. The rough mix's balance."
    )
    return MoveOutcome(move, text, "applied", "Mix against rough mix: 0.6 dB apart per band, from 4.9 dB.")


def dip() -> MoveOutcome:
    id_ = move_id("gtr-bass", "masking", "eq", "chorus", 310.0)
    move = Move(
        id=id_,
        track="gtr-bass",
        title="Dip at 310 Hz in chorus 1",
        source="masking",
        confidence=0.78,
        reason="It sits 4 dB over the vocal at 250 to 400 Hz while she sings.",
        sets=eq(
            "gtr-bass",
            id_,
            shape=("", "off", "bell"),
            freq_hz=("Hz", 310.0, 310.0),
            gain_db=("dB", 0.0, -2.5),
            q=("", 1.2, 1.2),
        ),
        status="accepted",
        span_s=(46.0, 78.0),
        interval=(-3.4, -1.6),
        result="After: 1 dB under.",
        cost="Thinner in solo: judge it in the mix.",
        benefit=1.8,
        evidence=(
            Evidence(
                "masking",
                "4 dB over the vocal in 71 % of the sung frames.",
                4.0,
                "dB",
                ("gtr-bass", "lead-vox"),
                (250.0, 400.0),
                (46.0, 78.0),
            ),
        ),
    )
    text = (
        f"{QUOTE_NAME}: -2.5 dB at 310 Hz, Q 1.2, chorus 1 only (0:46-1:18). It sits 4 dB over the vocal at "
        "250 to 400 Hz while she sings. After: 1 dB under. Thinner in solo: judge it in the mix."
    )
    return MoveOutcome(
        move, text, "applied", "Vocal against guitar at 250 to 400 Hz: -4.0 dB before, +0.8 dB after."
    )


def ride() -> MoveOutcome:
    points = tuple(
        Breakpoint(t, v)
        for t, v in (
            (14.0, 0.0),
            (16.0, 1.2),
            (30.0, 0.4),
            (45.0, 1.6),
            (46.5, 0.0),
            (78.0, 0.0),
            (80.0, 1.8),
            (96.0, 0.7),
            (109.0, 1.1),
            (111.0, -0.4),
            (141.0, 0.0),
        )
    )
    move = Move(
        id=move_id("lead-vox", "ride", "fader"),
        track="lead-vox",
        title="Vocal ride, verses",
        source="ride",
        confidence=0.72,
        reason="The vocal drops up to 3 dB under the band at phrase ends.",
        sets=(fader("lead-vox", points),),
        status="edited",
        span_s=(14.0, 142.0),
        interval=(0.4, 2.6),
        cost="Breaths come up with it.",
        benefit=1.1,
    )
    text = (
        f"{EMOJI_NAME}: ride between -0.4 and +1.8 dB (0:14-2:22). The vocal drops up to 3 dB under the band."
    )
    return MoveOutcome(move, text, "applied", "Vocal over band, verses: spread 3.1 dB before, 1.7 dB after.")


def waiting() -> MoveOutcome:
    move = Move(
        id=move_id("overheads", "rules", "eq"),
        track="overheads",
        title="High-pass at 90 Hz",
        source="rules",
        confidence=0.55,
        reason="Nothing but rumble under 90 Hz.",
        cost="The kick loses some body.",
        sets=eq("overheads", "hp", freq_hz=("Hz", 20.0, 90.0), slope_db_oct=("dB/oct", 12.0, 12.0)),
        span_s=None,
        interval=(60.0, 110.0),
    )
    return MoveOutcome(
        move, "Overheads: high-pass at 90 Hz, 12 dB/oct. Nothing but rumble under 90 Hz.", "proposed"
    )


def turned_down() -> tuple[MoveOutcome, MoveOutcome]:
    pad = Move(
        id=move_id("pad", "masking", "eq"),
        track="pad",
        title="Dip at 1.2 kHz",
        source="masking",
        confidence=0.71,
        reason="Pad and keys share 1 to 2 kHz.",
        status="accepted",
        sets=eq("pad", "x", gain_db=("dB", 0.0, -1.5)),
        interval=(-2.5, -0.5),
    )
    bass = Move(
        id=move_id("bass-di", "rules", "fader"),
        track="bass-di",
        title="Down 1 dB",
        source="rules",
        confidence=0.8,
        reason="0.9 dB over its usual place.",
        status="rejected",
        sets=(fader("bass-di", -1.0),),
    )
    return (
        MoveOutcome(
            pad, "Pad: -1.5 dB at 1.2 kHz.", "backed out", "", "On the render it bought 0.1 dB for 1.5 dB."
        ),
        MoveOutcome(bass, "Bass DI: down 1 dB.", "rejected", "", ""),
    )


def clip(name: str, start_s: float, gain_db: float, hz: float) -> Clip:
    time_s = np.arange(4 * 16000) / 16000.0
    tone = 0.1 * np.sin(2 * np.pi * hz * time_s) * np.exp(-(time_s % 0.5) * 6)
    stream = io.BytesIO()
    soundfile.write(stream, tone, 16000, format="FLAC", subtype="PCM_16")
    return Clip(name, start_s, 4.0, gain_db, stream.getvalue())


def programmes() -> tuple[Programme, ...]:
    rows = (
        ("sum", -19.4, 1.3, 0.71, 0.6, spectrum(-19.4, -0.5), short_term(-19.4, 1)),
        ("rough", -16.2, -0.3, 0.64, 0.9, spectrum(-16.2, -0.25), short_term(-16.2, 2)),
        ("mix", -18.1, -2.2, 0.58, 1.1, spectrum(-18.1, -0.2, -2.2), short_term(-18.1, 3, 1.0)),
        ("master", -14.0, -1.0, 0.58, 1.1, spectrum(-14.0, -0.2, -2.2), short_term(-14.0, 3, 1.0)),
    )
    return tuple(
        Programme(name, loudness(lufs, peak), corr, mono, course, spec)
        for name, lufs, peak, corr, mono, spec, course in rows
    )


def sample_result(*, clips: bool = True) -> MixResult:
    """The whole outcome; ``clips`` False leaves the audio out (smaller pages for tests of the text)."""
    outcomes = (balance(), dip(), ride(), waiting(), *turned_down())
    plan = MixPlan(
        session="Harbour Lights",
        moves=tuple(o.move for o in outcomes),
        input_hashes=analysis().input_hashes,
        versions={"smartmix": "0.1.0", "numpy": "2.4.0"},
        seed=0,
        history=(),
    )
    master = MasterResult(-14.0, "default", -1.0, True, "", 4.1, loudness(-14.0, -1.0), 2.3, 0.7, 2)
    heard = (
        clip("rough", 46.0, -1.9, 220),
        clip("mix", 46.0, 0.0, 233),
        clip("rough", 78.0, -1.9, 330),
        clip("mix", 78.0, 0.0, 349),
    )
    return MixResult(
        session=session(),
        analysis=analysis(),
        plan=plan,
        outcomes=outcomes,
        programmes=programmes(),
        master=master,
        track_level_change_db=dict(LEVEL_CHANGE_DB),
        clips=heard if clips else (),
        files={
            n: Path("out") / f
            for n, f in (
                ("mix", "mix.wav"),
                ("master", "master.wav"),
                ("plan", "plan.toml"),
                ("analysis", "analysis.json"),
                ("report", "report.html"),
            )
        },
        notices=(
            f"Role of {SCRIPT_NAME} is not known: it is mixed, and no rule is applied to it.",
            "Click is muted: it looks like a click track.",
            "Rough mix: song_rough_v3.wav, 12 ms late against the tracks; it was moved.",
        ),
    )
