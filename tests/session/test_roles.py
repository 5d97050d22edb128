"""Roles read from names, checked against names engineers use and against names that must stay unread."""

from __future__ import annotations

import unicodedata

import pytest

from smartmix.session import role_names
from smartmix.session.role_names import role_from_name
from smartmix.session.roles import ROLES, family

NAMES = {
    "GTR L": "guitar", "gtr_R_02": "guitar", "Lead Gtr": "electric_guitar", "EGtr Dbl": "electric_guitar",
    "Ac Gtr DI": "acoustic_guitar", "acoustic L": "acoustic_guitar", "Gtr Room": "guitar",
    "12 String": "acoustic_guitar",
    "Vox_Lead_v2": "lead_vocal", "LeadVox": "lead_vocal", "VOX": "lead_vocal", "Vox Verse 2": "lead_vocal",
    "Lead Vox Dbl": "backing_vocal", "Vox Harmony Hi": "backing_vocal", "bgvox_harmony": "backing_vocal",
    "BV 3": "backing_vocal",
    "BGVs": "backing_vocal", "Choir": "backing_vocal",
    "01_Kick In": "kick", "Kick Sub": "kick", "08_bassdrum_acoustic01": "kick", "BD": "kick",
    "bd_03": "kick",
    "Bass Drum": "kick", "rim01": "snare", "Snare Top": "snare", "sidestick": "snare", "SD btm": "snare",
    "hat_c": "hihat", "Hi-Hat": "hihat", "HH": "hihat", "05_hihat_closed05": "hihat", "OH L": "overheads",
    "OHs": "overheads", "Overhead_R": "overheads", "Drum Room": "room", "Room Mono": "room",
    "Kick Room": "room",
    "Floor Tom": "toms", "tom2": "toms", "ride3": "cymbals", "crash_fade": "cymbals",
    "Drums_Snare": "snare",
    "drums_2": "drums", "DrumLoop": "drums", "break_beat": "drums", "kick snare": "drums",
    "Tambourine": "percussion",
    "steel drums": "percussion", "Bass": "bass", "bass_slap": "bass", "Bass DI": "bass_di",
    "Bass Amp 2": "bass_amp",
    "Synth Bass": "bass", "Double Bass": "bass", "e_piano": "keys", "Rhodes": "keys",
    "Grand Piano L": "piano",
    "Hammond B3": "organ", "Vox Continental": "organ", "minilogue_synth": "synth", "arp_dist": "synth",
    "Synth Pad": "pad", "Synth Lead": "lead", "Lead": "lead", "strings_high": "strings",
    "Bass Clarinet": "woodwind",
    "bassoon": "woodwind", "Bass Trombone": "brass", "Tenor Sax": "woodwind", "Vox Delay": "effects",
    "Snare Verb": "effects",
    "microcosm_effect": "effects", "FX 1": "effects", "Click": "click", "Count In": "click",
    "Guide Vox": "guide",
    "Scratch Vocal": "guide", "Talkback": "talkback", "TB mic": "talkback",
}  # fmt: skip
OTHER_LANGUAGES = {
    "Voz": "lead_vocal", "Voz principal": "lead_vocal", "Chant": "lead_vocal", "Gesang": "lead_vocal",
    "Voce": "lead_vocal",
    "Chœurs": "backing_vocal", "Coros": "backing_vocal", "Hintergrundgesang": "backing_vocal",
    "Basse": "bass",
    "Bajo": "bass", "Baixo": "bass", "Kontrabass": "bass", "Batterie": "drums", "Batería": "drums",
    "Schlagzeug": "drums",
    "Caisse claire": "snare", "Caja": "snare", "Caixa": "snare", "Rullante": "snare",
    "Grosse caisse": "kick", "Bombo": "kick",
    "Becken": "cymbals", "Gitarre L": "guitar", "E-Gitarre": "electric_guitar",
    "Guitarra acústica": "acoustic_guitar",
    "Guitare électrique": "electric_guitar", "Chitarra": "guitar", "Violão": "acoustic_guitar",
    "Flügel": "piano",
    "Klavier": "piano", "Teclados": "keys", "Tastiera": "keys", "Streicher": "strings",
    "Cuerdas": "strings", "Archi": "strings",
    "Blechbläser": "brass", "Trompeta": "brass", "Flöte": "woodwind", "Orgel": "organ", "Klick": "click",
}  # fmt: skip
UNREAD = [
    "pad_bass", "drumbass", "Drum and Bass", "backing", "Backing Track", "01_default_preset", "house_beat",
    "15_wood", "build",
    "no drums", "minus vox", "sin voz", "Delay Gtr", "Tom Vox", "Kick & Bass", "Strings Brass", "DI",
    "", "___", "7",
    "basset", "hatred", "Kickstarter", "guitarist", "voxel", "ohm", "Lead BV vox", "SM57",
    "VTR", "Ch 12", "Audio 3_01", "Scratch",
]  # fmt: skip


@pytest.mark.parametrize(("name", "role"), [*NAMES.items(), *OTHER_LANGUAGES.items()])
def test_names_engineers_use(name: str, role: str) -> None:
    assert role_from_name(name) == role


@pytest.mark.parametrize("name", UNREAD)
def test_nothing_is_read_in_doubt(name: str) -> None:
    assert role_from_name(name) == "unknown"


@pytest.mark.parametrize("name", list(OTHER_LANGUAGES))
def test_decomposed_accents_of_macos_names_read_the_same(name: str) -> None:
    assert role_from_name(unicodedata.normalize("NFD", name)) == OTHER_LANGUAGES[name]


def test_every_word_of_every_role_reads_as_that_role() -> None:
    # A word listed under two roles, or shadowed by a longer phrase, would show here.
    wrong = [
        (role, w, role_from_name(w))
        for role, info in ROLES.items()
        for w in info.words
        if role_from_name(w) != role
    ]
    assert wrong == []


def test_no_word_is_listed_twice() -> None:
    words = [tuple(role_names._tokens(w)) for info in ROLES.values() for w in info.words]
    assert sorted({w for w in words if words.count(w) > 1}) == []


def test_families() -> None:
    assert {family(r) for r in ROLES} == {
        "drums", "bass", "guitars", "keys", "vocals", "effects", "utility", "unknown",
    }  # fmt: skip
    assert family("lead_vocal") == "vocals"
    assert family("nonsense") == "unknown"
    assert {r for r, info in ROLES.items() if info.silent} == {"click", "guide", "talkback"}
