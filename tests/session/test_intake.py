"""Which files are tracks: natural order, ids, rough mixes by name."""

from __future__ import annotations

import pytest

from smartmix.session.intake import is_rough_name, natural_key, slug, unique_id


@pytest.mark.parametrize(
    "stem",
    ["_mix", "mix", "Rough", "rough_v3", "roughmix", "RoughMix 2", "Rough Mix", "ruff mix", "song_rough",
     "Caesium rough v2",
     "funk_loop_mix", "Song - Rough Mix (2)", "rough mix vox up", "rough mix no vox", "03 Mixdown"],
)  # fmt: skip
def test_names_of_rough_mixes(stem: str) -> None:
    assert is_rough_name(stem)


@pytest.mark.parametrize(
    "stem",
    ["remix", "song remix", "mixdown of drums", "Drum mix", "rough vox", "Rough Gtr", "vocal_mix", "mixer",
     "rough guitar 2",
     "fx mix", "mix bus", "Mix FX", "trough", "drums rough mix", "kick", ""],
)  # fmt: skip
def test_names_that_are_no_rough_mix(stem: str) -> None:
    assert not is_rough_name(stem)


@pytest.mark.parametrize(
    ("stem", "expected"),
    [("Vox_Lead_v2", "vox-lead"), ("GTR L", "gtr-l"), ("kick-final", "kick"), ("Kick v3 final", "kick"),
     ("Bass (2)", "bass"),
     ("Caisse Claire é", "caisse-claire-e"), ("Flügel", "fluegel"), ("01_Kick In", "01-kick-in"),
     ("歌", "歌"), ("___", "track"),
     ("v2", "v2"), ("drums_2", "drums-2"), ("🎸", "track"), ("a/b", "a-b")],
)  # fmt: skip
def test_ids(stem: str, expected: str) -> None:
    assert slug(stem) == expected


def test_ids_are_made_unique() -> None:
    assert unique_id("kick", []) == "kick"
    assert unique_id("kick", ["kick", "kick-2", "kick-4"]) == "kick-3"


def test_order_counts_like_people() -> None:
    names = ["track 10.wav", "Track 2.wav", "track 1.wav", "apple.wav", "²x.wav"]
    assert sorted(names, key=natural_key) == [
        "apple.wav",
        "track 1.wav",
        "Track 2.wav",
        "track 10.wav",
        "²x.wav",
    ]
