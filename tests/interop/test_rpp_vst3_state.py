"""The block of a VST3 in a .rpp against what public projects saved by REAPER have in it."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmix.interop.rpp.vst3_state import (
    LEFT,
    STEREO,
    Pins,
    Vst3Name,
    name_in,
    opening_words,
    plugin_number,
    read_state,
    state_lines,
)
from smartmix.rack.preset_file import PluginState

# Number and class id side by side, as projects and plugin lists that REAPER wrote have them.
SAVED = {
    "Windows: FabFilter Pro-Q 3": (756089518, "72C4DB717A4D459AB97E51745D84B39D"),
    "Windows: FabFilter Pro-L 2": (1938458649, "AFD92F729A0447B7B5E8D1D568DEA985"),
    "Windows: sforzando": (395535903, "5C5CA79682FC437AB6539BA204BAB349"),
    "macOS: ValhallaSupermassive": (588216008, "565354734D617376616C68616C6C6173"),
    "macOS: Surge XT": (661331015, "ABCDEF019182FAEB566D624153675854"),
    "macOS: TIDE Rack": (1386065673, "506C7567696E474D504920501951ED43"),
    "Linux: Eclipsa Element": (991870327, "ABCDEF019182FAEB45636C7045636165"),
    "Linux: Eclipsa Renderer": (1274971279, "ABCDEF019182FAEB45636C7045637264"),
}
UTILITY = "ABCDEF019182FAEB4162735541625554"
UTILITY_HEAD = (
    "a8425a7aee5eedfe02000000010000000000000002000000000000000200000001000000000000000200000000000000"
    "5a02000001000000ffff1000"
)
"""The head of a stereo VST3 with 586 bytes of component state and none of the controller, saved by REAPER."""
SUPERMASSIVE_HEAD = "yHYPI+5e7f4CAAAAAQAAAAAAAAACAAAAAAAAAAIAAAABAAAAAAAAAAIAAAAAAAAALQMAAAEAAAD//xAA"


def decoded(lines: tuple[str, ...]) -> bytes:
    return b"".join(base64.b64decode(line) for line in lines)


@pytest.mark.parametrize("plugin", SAVED)
def test_the_number_is_the_one_that_reaper_saved(plugin: str) -> None:
    number, class_id = SAVED[plugin]
    assert plugin_number(class_id) == number
    assert plugin_number(class_id.lower()) == number


def test_the_head_is_the_one_that_reaper_saved() -> None:
    state = PluginState(UTILITY, bytes(586), b"")
    head, *_ = state_lines(UTILITY, state)
    assert base64.b64decode(head).hex() == UTILITY_HEAD
    class_id = SAVED["macOS: ValhallaSupermassive"][1]
    assert state_lines(class_id, PluginState(class_id, bytes(0x32D - 16), b""))[0] == SUPERMASSIVE_HEAD


def test_the_payload_is_both_halves_with_their_lengths() -> None:
    state = PluginState(UTILITY, b"component", b"ctl")
    data = decoded(state_lines(UTILITY, state))
    payload = struct.pack("<II", 9, 1) + b"component" + struct.pack("<II", 3, 0) + b"ctl"
    head = 4 + 4 + 4 + 16 + 4 + 16 + 12
    assert data[head:] == payload + bytes.fromhex("000010000000")
    assert struct.unpack_from("<III", data, head - 12) == (len(payload), 1, 0x0010FFFF)


def test_lines_are_no_longer_than_reapers_and_each_can_be_read_alone() -> None:
    lines = state_lines(UTILITY, PluginState(UTILITY, bytes(range(256)) * 3, b"x" * 96))
    assert max(map(len, lines)) == 128
    assert lines[-1] == "AAAQAAAA"
    assert all(len(line) % 4 == 0 for line in lines)


def test_one_side_alone_is_one_pin() -> None:
    data = decoded(state_lines(UTILITY, PluginState(UTILITY, b"x"), Pins((2,), (3,))))
    assert struct.unpack_from("<IQIQ", data, 8) == (1, 2, 1, 3)


def test_without_a_state_it_comes_as_new() -> None:
    lines = state_lines(UTILITY, None)
    assert len(lines) == 2
    assert struct.unpack_from("<I", decoded(lines[:1]), 48) == (0,)
    assert read_state(UTILITY, lines) is None


@given(
    st.binary(max_size=400), st.binary(max_size=400), st.sampled_from([STEREO, LEFT, Pins((), (1, 2, 4, 8))])
)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read(component: bytes, controller: bytes, pins: Pins) -> None:
    state = PluginState(UTILITY, component, controller)
    assert read_state(UTILITY, state_lines(UTILITY, state, pins)) == (state, pins)


def test_how_the_lines_are_cut_says_nothing() -> None:
    state = PluginState(UTILITY, bytes(range(200)), b"abc")
    head, *payload, tail = state_lines(UTILITY, state)
    whole = base64.b64encode(b"".join(base64.b64decode(row) for row in payload)).decode()
    assert read_state(UTILITY, [head, whole, tail]) == (state, STEREO)
    assert read_state(UTILITY, [head, whole + tail]) == (state, STEREO)  # as some listings have them
    assert read_state(UTILITY, [head, whole]) == (state, STEREO)


@given(st.binary(max_size=300), st.integers(0, 2**31))
@settings(max_examples=120, deadline=None)
def test_anything_else_does_no_harm(junk: bytes, count: int) -> None:
    magic = struct.pack("<III", 1, 0xFEED5EEE, count)
    assert read_state(UTILITY, [base64.b64encode(bytes(8) + junk).decode()]) is None
    read_state(UTILITY, [base64.b64encode(magic + junk).decode()])
    read_state(UTILITY, [junk.decode("latin-1")])


def test_a_state_that_is_cut_short_or_no_vst3s_is_none() -> None:
    lines = state_lines(UTILITY, PluginState(UTILITY, bytes(300), b"abc"))
    assert read_state(UTILITY, lines[:2]) is None
    # ReaDelay as a VST2 (ReaTeam/Doc): its bytes are its own, here with REAPER's two marks in front.
    marks = base64.b64encode(struct.pack("<II", 0xDEADBEEF, 0xDEADF00D) + bytes(8)).decode()
    head = base64.b64decode(lines[0])
    head = head[:48] + struct.pack("<III", 16, 0, 0x100000)
    assert read_state(UTILITY, [base64.b64encode(head).decode(), marks]) is None
    assert read_state(UTILITY, ["-", "}", ""]) is None


@pytest.mark.parametrize(
    ("shown", "name", "vendor"),
    [
        ("VST3: ZamEQ2 (Damien Zammit)", "ZamEQ2", "Damien Zammit"),
        ("VST3: ValhallaSupermassive (Valhalla DSP, LLC)", "ValhallaSupermassive", "Valhalla DSP, LLC"),
        ("VST3: Element FX (Kushview) (34ch)", "Element FX", "Kushview"),
        ("VST3: Air (stereo) (Acme (UK))", "Air (stereo)", "Acme (UK)"),
        ("VST3: True Iron", "True Iron", ""),
    ],
)
def test_names_are_read_as_reaper_shows_them(shown: str, name: str, vendor: str) -> None:
    words = [
        "VST",
        shown,
        "True Iron.vst3",
        "0",
        "my own name",
        "1519279131{5653544B505472747275652069726F6E}",
        "",
    ]
    assert name_in(words) == Vst3Name(name, vendor, "True Iron.vst3", "5653544B505472747275652069726F6E")


def test_an_instrument_and_a_vst2_are_told_apart() -> None:
    synth = name_in(["VST", "VST3i: Surge XT (Surge)", "S.vst3", "0", "", f"661331015{{{UTILITY}}}", ""])
    assert synth is not None
    assert synth.instrument
    assert name_in(["VST", "VST: ReaEQ (Cockos)", "reaeq.dll", "0", "", "1919247729<5653547265>", ""]) is None
    assert name_in(["JS", "loser/3BandEQ", ""]) is None


def test_the_opening_line_is_reapers() -> None:
    made = opening_words(
        Vst3Name("Pro-Q 3", "FabFilter", "FabFilter Pro-Q 3.vst3", SAVED["Windows: FabFilter Pro-Q 3"][1])
    )
    number = "756089518{72C4DB717A4D459AB97E51745D84B39D}"
    assert made == ("VST", "VST3: Pro-Q 3 (FabFilter)", "FabFilter Pro-Q 3.vst3", "0", "", number, "")
