"""Sentences: a move in the words of the trade. Track, what, where; because; result; cost."""

from __future__ import annotations

from smartmix.figures import hertz, number, pan_position, span
from smartmix.figures import setting as in_unit
from smartmix.parameter import Breakpoint
from smartmix.plan.merge import FROM_NOTE
from smartmix.plan.move import CONFIDENT, Move, MoveSet, Value
from smartmix.session.session import Session

SURE = 0.85
_SHAPES = {
    "bell": "",
    "low_shelf": "low shelf ",
    "high_shelf": "high shelf ",
    "high_pass": "high-pass",
    "low_pass": "low-pass",
    "notch": "notch",
    "off": "band off",
}
_EQ_KEYS = frozenset({"shape", "freq_hz", "gain_db", "q", "slope_db_oct"})


def sentence(move: Move, session: Session) -> str:
    """One move as an engineer would say it, with how sure it is.

    "GTR L: -2.5 dB at 310 Hz, Q 1.2, chorus 1 only (1:04-1:35). It sits 4 dB over the vocal ... Likely
    (0.78)." (with a true minus and en dashes). An edited value is given with the one that was suggested.
    """
    where = _where(move, session)
    head = f"{_subject(move, session)}: {what(move, session)}{f', {where}' if where else ''}."
    parts = [move.reason, move.result, move.cost, _standing(move)]
    names = tuple(track.name for track in session.tracks)
    return " ".join([head, *(_closed(part, names) for part in parts if part.strip())])


def what(move: Move, session: Session) -> str:
    """The settings of a move in words: "-2.5 dB at 310 Hz, Q 1.2", "fader +1.0 dB", "pan L30"."""
    if not move.sets:
        return move.title
    if move.grouped:
        same_knob = len({(s.ref.device, s.ref.parameter) for s in move.sets}) == 1
        members = [f"{_track_name(s.ref.track, session)} {_setting(s, bare=same_knob)}" for s in move.sets]
        return ", ".join(members)
    sections: dict[str, list[MoveSet]] = {}
    for setting in move.sets:
        section, _, key = setting.ref.parameter.rpartition(".")
        is_band = setting.ref.device == "eq" and key in _EQ_KEYS
        sections.setdefault(section if is_band else str(setting.ref), []).append(setting)
    return ", ".join(
        _eq(sets) if sets[0].ref.device == "eq" else _setting(sets[0]) for sets in sections.values()
    )


def confidence_word(confidence: float) -> str:
    """ "sure" from 0.85, "likely" from 0.7, else "have a listen"."""
    if confidence >= SURE:
        return "sure"
    return "likely" if confidence >= CONFIDENT else "have a listen"


def decibels(value_db: float) -> str:
    """A change in dB with its sign, a true minus, and one decimal: "+1.5 dB"."""
    return f"{number(value_db, plus=True)} dB"


def _subject(move: Move, session: Session) -> str:
    return move.title if move.grouped else _track_name(move.track, session)


def _track_name(track_id: str, session: Session) -> str:
    return next((t.name for t in session.tracks if t.id == track_id), track_id)


def _where(move: Move, session: Session) -> str:
    if move.span_s is None:
        return ""
    start, end = move.span_s
    inside = [s for s in session.sections if s.start_s < end and s.end_s > start]
    exact = inside and abs(inside[0].start_s - start) < 1.0 and abs(inside[-1].end_s - end) < 1.0
    if exact and len(inside) <= 3:
        return f"{' and '.join(s.name for s in inside)} only ({span(move.span_s)})"
    return f"only {span(move.span_s)}"


def _setting(setting: MoveSet, *, bare: bool = False) -> str:
    """One setting; ``bare`` leaves out the name of the knob where the title says it."""
    device, key = setting.ref.device, setting.ref.parameter
    text = _value_words(setting, setting.value)
    if setting.chosen is not None and setting.chosen != setting.suggested:
        text += f" (suggested {_value_words(setting, setting.suggested)})"
    if bare:
        return text
    knob = {("fader", "gain_db"): "fader", ("trim", "gain_db"): "trim", ("pan", "pan"): "pan"}.get(
        (device, key)
    )
    if isinstance(setting.value, tuple):
        return f"ride the {knob or key} {text}"
    if knob == "pan" and isinstance(setting.before, float) and pan_position(setting.before) != "C":
        return f"pan from {_value_words(setting, setting.before)} to {text}"
    return f"{knob or f'{device} {key}'} {text}"


def _value_words(setting: MoveSet, value: Value) -> str:
    if isinstance(value, str):
        return value.replace("_", " ")
    if isinstance(value, tuple):
        return _lane_words(setting, value)
    return figure(setting, value)


def figure(setting: MoveSet, value: float) -> str:
    """A number of a setting as it stands on the knob: "L30", "+1.5 dB", "2.8 kHz", "0.71"."""
    key = setting.ref.parameter.rpartition(".")[2]
    if setting.ref.device == "pan":
        return pan_position(value)
    if key.endswith("_db") or setting.unit.casefold() == "db":
        return decibels(value)
    if key.endswith("_hz") or setting.unit.casefold() == "hz":
        return hertz(value)
    return in_unit(value, setting.unit)


def _lane_words(setting: MoveSet, points: tuple[Breakpoint, ...]) -> str:
    values = [p.value for p in points]
    low, high = figure(setting, min(values)), figure(setting, max(values))
    if low == high:
        return low
    between = f"between {low} and {high}"
    return f"{between} ({len(points)} points, {span((points[0].time_s, points[-1].time_s))})"


def _eq(sets: list[MoveSet]) -> str:
    """One EQ band: "-2.5 dB at 310 Hz, Q 1.2" or "high-pass at 80 Hz, 12 dB/oct"."""
    by_key = {s.ref.parameter.rpartition(".")[2]: s for s in sets}
    shape = str(by_key["shape"].value) if "shape" in by_key else "bell"
    words = _SHAPES.get(shape, shape)
    if shape == "off":
        return words
    if "gain_db" in by_key and shape in ("bell", "low_shelf", "high_shelf"):
        words += _setting(by_key["gain_db"], bare=True)
    if "freq_hz" in by_key:
        words = f"{words} at {_setting(by_key['freq_hz'], bare=True)}".lstrip()
    if "q" in by_key and shape in ("bell", "notch"):
        words += f", Q {_setting(by_key['q'], bare=True)}"
    if "slope_db_oct" in by_key and shape in ("high_pass", "low_pass"):
        slope = by_key["slope_db_oct"].value
        words += f", {slope:g} dB/oct" if isinstance(slope, float) else ""
    return words.strip() or sets[0].ref.parameter


def _standing(move: Move) -> str:
    """Who says so and how sure: a person's move names the person, any other its confidence."""
    if move.authority == "person":
        if move.source == FROM_NOTE:
            return "Asked for in a note"
        return f"Asked for by {move.source}" if move.source not in ("", "person") else "Your own move"
    word = confidence_word(move.confidence)
    words = f"{word[0].upper()}{word[1:]} ({move.confidence:.2f})"
    return f"{words}; edited by you" if move.status == "edited" else words


def _closed(part: str, names: tuple[str, ...]) -> str:
    """A part as a sentence with its full stop; a track's name in front keeps its spelling."""
    text = " ".join(part.split())
    if not text.startswith(names):
        text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?\u2026" else text + "."
