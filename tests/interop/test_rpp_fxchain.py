"""Chains of effects in a .rpp: what an effect is, what is said of it, and that nothing else is touched."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
import rpp

from smartmix.interop.rpp.fxchain import (
    MASTER,
    TRACK,
    FxBlock,
    FxEnvelope,
    chained,
    effects,
    put_effects,
    runs,
)
from smartmix.interop.rpp.text import Block, parse, written
from smartmix.parameter import Breakpoint

# In the shape that REAPER writes; the effects are made up.
SAVED = b"""<FXCHAIN\r
  WNDRECT 24 52 655 408\r
  SHOW 0\r
  LASTSEL 1\r
  DOCKED 0\r
  BYPASS 1 0 0\r
  <VST "VST: Old (Acme)" old.dll 0 "" 1919247729<5653547265> ""\r
    Y2FsZhAAAAAIAAAA\r
  >\r
  PRESETNAME "stock - Basic"\r
  FLOATPOS 0 0 0 0\r
  FXID {1DDC23AB-175A-448B-80E8-87404426DE3A}\r
  WAK 0 0\r
  PARALLEL 1\r
  BYPASS 0 1\r
  <JS loser/3BandEQ ""\r
    0 200 0 2000 0 0 - -\r
  >\r
  WET 0.5\r
  FLOAT 1518 499 486 342\r
  FXID {8565B6E8-202B-9E42-AA07-4B0F7E6955E1}\r
  <PROGRAMENV 2 0\r
    PARAMBASE 0.5\r
  >\r
  <PARMENV 2 -12 12 0 "Mid gain / 3BandEQ"\r
    ACT 1 -1\r
    PT 0 -6 0\r
    PT 1.5 3 1\r
    PT 2 3 5 0 0 0 -0.5\r
    PT nonsense 3 0\r
    PT 3 1e30 0\r
  >\r
  <PARMENV 67:bypass 0 1 0.5\r
    ACT 0 -1\r
    PT 0 0 1\r
  >\r
  <COMMENT\r
    d2hhdCB0aGUg\r
    c2luZ2VyIGxpa2Vz\r
  >\r
  WAK 0 0\r
  BYPASS 0 0 0\r
  <CONTAINER Container ""\r
    CONTAINER_CFG 2 2 2 0\r
    BYPASS 0 0 0\r
    <VST "VST3: Inner" inner.vst3 0 "" 1{00000000000000000000000000000001} ""\r
    >\r
    WAK 0 0\r
  >\r
  FLOATPOS 0 0 0 0\r
  WAK 0 0\r
>\r
"""


def saved() -> Block:
    (chain,) = parse(SAVED).blocks(TRACK)
    return chain


def test_an_effect_is_read_with_all_that_is_said_of_it() -> None:
    old, eq, container = effects(saved())
    assert (old.tag, old.enabled, old.offline, old.others) == ("VST", False, False, ("PARALLEL",))
    assert old.words[1:4] == ("VST: Old (Acme)", "old.dll", "0")
    assert old.lines == ("Y2FsZhAAAAAIAAAA",)
    assert (eq.tag, eq.enabled, eq.offline, eq.wet) == ("JS", True, True, 0.5)
    assert eq.lines == ("0 200 0 2000 0 0 - -",)
    assert eq.fxid == "{8565B6E8-202B-9E42-AA07-4B0F7E6955E1}"
    assert eq.comment == "what the singer likes"
    assert eq.others == ("PROGRAMENV",)
    assert container.tag == "CONTAINER"  # what is inside is its own business


def test_a_lane_is_read_in_the_unit_of_its_knob() -> None:
    gain, switch = effects(saved())[1].envelopes
    assert (gain.parameter, gain.index, gain.ident) == ("2", 2, "")
    assert (gain.low, gain.high, gain.middle, gain.name) == (-12.0, 12.0, 0.0, "Mid gain / 3BandEQ")
    assert gain.points == (Breakpoint(0.0, -6.0), Breakpoint(1.5, 3.0, "hold"), Breakpoint(2.0, 3.0))
    assert gain.bent
    assert (switch.index, switch.ident, switch.active) == (67, "bypass", False)


def test_effects_of_ours_come_behind_and_nothing_else_changes() -> None:
    root = parse(SAVED)
    chain = root.blocks(TRACK)[0]
    put_effects(chain, [FxBlock(("JS", "ours.jsfx", ""), ("1 2 3",))], "a")
    data = written(root)
    assert data.startswith(SAVED.removesuffix(b">\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert [e.tag for e in effects(parse(data).blocks(TRACK)[0])] == ["VST", "JS", "CONTAINER", "JS"]


def block_of(**choice: object) -> FxBlock:
    lane = FxEnvelope("3:99", (Breakpoint(0.0, 0.1), Breakpoint(1.0, 1.0 / 3.0, "hold")), name="Gain / It's")
    return replace(
        FxBlock(("VST", 'VST3: A "b"', "A b.vst3", "0", "", "1{0}", ""), ("AAAA",), (lane,)), **choice
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "block",
    [
        block_of(),
        block_of(enabled=False),
        block_of(offline=True),
        block_of(wet=0.25),
        block_of(comment="drums: −2 dB, “less”" * 12),
        block_of(envelopes=(replace(block_of().envelopes[0], active=False),)),
        block_of(fxid="{8565B6E8-202B-9E42-AA07-4B0F7E6955E1}", lines=(), envelopes=()),
    ],
)
@pytest.mark.parametrize("tag", [TRACK, MASTER])
def test_what_is_written_is_read_and_the_rpp_package_agrees(block: FxBlock, tag: str) -> None:
    data = written(chained(tag, [block, block], "song", 1))
    first, second = effects(parse(data).blocks(tag)[0])
    assert replace(first, fxid=block.fxid) == block
    assert first.fxid.startswith("{")
    assert (first.fxid != second.fxid) == (not block.fxid)
    theirs = rpp.loads(data.decode())
    assert theirs.tag == tag
    assert theirs.find("BYPASS")[1] == ("0" if block.enabled else "1")
    assert theirs.find("VST").attrib[0] == 'VST3: A "b"'
    if block.envelopes:
        lane = theirs.find("PARMENV")
        assert lane.attrib[0] == "3:99"
        assert [float(row[2]) for row in lane.findall("PT")] == [0.1, 1.0 / 3.0]
    if block.comment:
        rows = theirs.find("COMMENT").children
        assert base64.b64decode("".join("".join(row) for row in rows)).decode() == block.comment


def test_the_order_is_reapers() -> None:
    chain = chained(TRACK, [block_of(wet=0.5, comment="x")], "song", 2)
    keys = [part.key for part in chain.parts]
    assert keys[:3] == ["SHOW", "LASTSEL", "DOCKED"]
    assert keys[3:] == ["BYPASS", "VST", "WET", "FLOATPOS", "FXID", "PARMENV", "COMMENT", "WAK"]


def test_an_effect_without_a_switch_is_one_of_its_own_and_on() -> None:
    data = b"<FXCHAIN\n  SHOW 0\n  <VST a\n  >\n  BYPASS 1 0 0\n  <NEWKIND b\n    <STATE\n    >\n  >\n  <JS c\n  >\n>\n"
    found = effects(parse(data).blocks(TRACK)[0])
    assert [(e.tag, e.enabled) for e in found] == [("VST", True), ("NEWKIND", False), ("JS", True)]
    assert all(run.device is not None for run in runs(parse(data).blocks(TRACK)[0]))


def test_a_chain_without_effects_has_none() -> None:
    assert effects(parse(b"<FXCHAIN\n  SHOW 0\n  BYPASS 0 0 0\n>\n").blocks(TRACK)[0]) == []
