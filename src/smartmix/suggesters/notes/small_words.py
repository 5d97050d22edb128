"""Small words of a note: those that change nothing, those that turn its meaning, and slips of the keyboard."""

from __future__ import annotations


def _listed(words: str) -> frozenset[str]:
    return frozenset(" ".join(w.split()) for w in words.split(","))


FILLERS = frozenset(
    word
    for line in """
    a about actually again all alone also always an and are around as at basically be bits both
    bring bro by can cheers come comes coming could definitely do does during each especially every
    everywhere feel feels for from general get gets getting give go goes going guys had has have he
    hear heard her here heres hey hi his honestly how i id if ill im in into is it its just kind
    kinda let lets like make makes man maybe me mixing mostly move moved my now of ok okay on one
    ones only our out overall pan panned panning part parts personally place placed please pls
    possible put quite rather seem seems set she should sit sits sitting so something sort sound
    sounding sounds still take thanks that thats the their them then there theres these they thing
    think this those through throughout thx to track tracks try turn us want was we well were when
    whenever where while whole will with would you your youre
""".splitlines()
    for word in line.split()
)
"""Words that change nothing about what is asked."""
FILLER_PHRASES = _listed("""
    as it is, as it stands, as they are, as usual, as well, at least to me, be good, be great, be
    great if, be nice, be nice if, feels like, for me, good if, good to hear, great if, i feel like,
    i think, id like, id love, if possible, if you can, if you could, in general, like to hear, nice
    if, or so, to me, would be good, would be good if, would be great, would be great if, would be
    nice, would be nice if, would be perfect, would like, would love
""")
REFERENCES = _listed("under, behind, below, beneath, underneath, against, above, over, than, vs, versus")
"""What stands after them is what a track is compared to, not what is to be changed: "tuck the pad under the
vocal".
"""
TURNS = _listed("""
    after, any, anymore, apart, as, automate, automation, before, beginning, besides, between,
    either, end, ending, except, excluding, few, final, first, half, halfway, if, instead, into,
    last, like, max, most, neither, nothing, onward, onwards, opposite, or, other, others, rest,
    revert, second, start, swap, third, till, undo, unless, unlike, until, at least, at most, no
    brighter, no longer, no louder, no more, no quieter, one of
""")
"""Words that turn the meaning of a clause round, or point to a place or a condition: with one of them in it a clause
is refused as a whole, because to do the rest of it might be the contrary of what is meant.
"""
TYPOS = {
    "vocla": "vocal", "voacl": "vocal", "vocl": "vocal", "vocasl": "vocals", "vocie": "voice", "guitr": "guitar",
    "giutar": "guitar", "gutiar": "guitar", "guitare": "guitar", "guiatr": "guitar", "guitarr": "guitar",
    "snair": "snare", "snaer": "snare", "sanre": "snare", "kik": "kick", "kcik": "kick", "bsas": "bass",
    "lowder": "louder", "luoder": "louder", "loder": "louder", "quiter": "quieter", "queiter": "quieter",
    "quietter": "quieter", "brigther": "brighter", "brighetr": "brighter", "mudy": "muddy", "muddey": "muddy",
    "sibilent": "sibilant", "sibillant": "sibilant", "revreb": "reverb", "rever": "reverb", "drmus": "drums",
    "durms": "drums", "chours": "chorus", "chrous": "chorus", "vrese": "verse",
    "litle": "little", "slighty": "slightly",
    "slighlty": "slightly", "tuch": "touch", "abit": "bit", "alot": "lot", "wayy": "way", "wayyy": "way",
    "tooo": "too", "toooo": "too", "baried": "buried", "burried": "buried", "harash": "harsh", "dwon": "down",
    "donw": "down", "doen": "down", "upp": "up", "hte": "the", "teh": "the", "plz": "please",
}  # fmt: skip
"""Slips of the keyboard that stand for one word only."""
