"""The ranges a plan allows: those of the strip that plays it, and those format 1 was made with."""

from __future__ import annotations

from smartmix import _core
from smartmix.plan.ranges import RANGES, RETURN_DEVICES

FORMAT_1 = {
    ("trim", "gain_db"): "-120 to 24 dB",
    ("fader", "gain_db"): "-120 to 24 dB",
    ("pan", "pan"): "-1 to 1",
    ("eq", "shape"): "one of off, bell, low_shelf, high_shelf, high_pass, low_pass, notch, tilt",
    ("eq", "freq_hz"): "10 to 24000 Hz",
    ("eq", "gain_db"): "-24 to 24 dB",
    ("eq", "q"): "0.1 to 30",
    ("eq", "slope_db_oct"): "one of 6, 12, 18, 24, 36, 48",
    ("de_esser", "threshold_db"): "-80 to 0 dB",
    ("de_esser", "relative_db"): "-40 to 20 dB",
    ("de_esser", "ratio"): "1 to 20",
    ("de_esser", "range_db"): "0 to 24 dB",
    ("de_esser", "freq_hz"): "2000 to 16000 Hz",
    ("de_esser", "q"): "0.3 to 6",
    ("de_esser", "attack_ms"): "0.1 to 50 ms",
    ("de_esser", "release_ms"): "5 to 500 ms",
    ("de_esser", "shape"): "one of bell, high_shelf",
    ("compressor", "threshold_db"): "-60 to 0 dB",
    ("compressor", "ratio"): "1 to 20",
    ("compressor", "knee_db"): "0 to 24 dB",
    ("compressor", "attack_ms"): "0.05 to 250 ms",
    ("compressor", "release_ms"): "5 to 2500 ms",
    ("compressor", "makeup_db"): "-24 to 24 dB",
    ("compressor", "mix"): "0 to 1",
    ("compressor", "detection"): "one of peak, rms",
    ("compressor", "auto_times"): "one of off, on, 0, 1",
    ("compressor", "key"): 'the id of another track, or "" for the track itself',
    ("width", "side_db"): "-60 to 12 dB",
    ("width", "mono_below_hz"): "20 to 500 Hz",
    ("input", "polarity"): "one of normal, inverted, left_inverted, right_inverted",
    ("input", "shift_ms"): "-500 to 500 ms",
    ("send", "level_db"): "-120 to 12 dB",
} | {
    ("dynamic_eq", f"band{band}.{name}"): allowed
    for band in range(1, 5)
    for name, allowed in {
        "shape": "one of off, bell, low_shelf, high_shelf",
        "freq_hz": "10 to 24000 Hz",
        "q": "0.1 to 30",
        "threshold_db": "-80 to 0 dB",
        "range_db": "-24 to 24 dB",
        "ratio": "1 to 20",
        "knee_db": "0 to 24 dB",
        "attack_ms": "0.1 to 500 ms",
        "release_ms": "5 to 2500 ms",
        "detector": "one of band, own",
        "detector_hz": "10 to 24000 Hz",
        "detector_q": "0.1 to 30",
        "key": 'the id of another track, or "" for the track itself',
    }.items()
}


def test_ranges_of_plan_format_1_are_not_narrowed_unseen() -> None:
    known = {address: str(allowed) for address, allowed in RANGES.items() if address[0] not in RETURN_DEVICES}
    assert known == FORMAT_1


def test_ranges_equal_those_of_the_strip() -> None:
    strip = {info.id: info for info in _core.StripBank(48_000.0, [1], [True], 1).parameters()}
    for (device, parameter), allowed in RANGES.items():
        if device in ("input", *RETURN_DEVICES) or allowed.names_track:
            continue
        prefix = {"eq": "eq.band1.", "send": "send1."}.get(device, f"{device}.")
        info = strip[f"{prefix}{parameter}"]
        assert allowed.is_log == (info.scale == "log")
        if info.scale == "toggle":
            assert [allowed.index_of(word) for word in ("off", "on", 0.0, 1.0)] == [0, 1, 0, 1]
        elif allowed.choices:
            assert [str(c) if isinstance(c, str) else f"{c:g}" for c in allowed.choices] == list(info.choices)
        else:
            assert (allowed.low, allowed.high) == (info.low, info.high), (device, parameter)
