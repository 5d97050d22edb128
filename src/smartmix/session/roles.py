"""Roles: what a track is in the mix, the words that name it, and how much it matters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from smartmix.session.role_words import MORE_WORDS

Family = Literal["drums", "bass", "guitars", "keys", "vocals", "effects", "utility", "unknown"]


@dataclass(frozen=True, slots=True)
class RoleInfo:
    """A role: its family, what people call it, the words that name it, and how much it matters (0..1).

    ``priority`` settles who gives way when two tracks fight for a band; ``silent`` roles are muted in a mix.
    """

    family: Family
    label: str
    words: tuple[str, ...]
    priority: float
    silent: bool = False


def _role(family: Family, label: str, priority: float, words: str, *, silent: bool = False) -> RoleInfo:
    return RoleInfo(family, label, _listed(words), priority, silent)


def _listed(words: str) -> tuple[str, ...]:
    return tuple(w.strip() for w in words.split(",") if w.strip())


ROLES: dict[str, RoleInfo] = {
    "kick": _role(
        "drums",
        "kick",
        0.8,
        """
        kick, kicks, kik, kck, kk, kd, bd, kick drum, kickdrum, kick in, kick out, bass drum, bassdrum,
        sub kick, subkick, kick sub, kick click, kick beater, grosse caisse, bombo, gran cassa,
        grancassa, cassa, bumbo, grosse trommel, basstrommel""",
    ),
    "snare": _role(
        "drums",
        "snare",
        0.75,
        """
        snare, snares, snr, snre, sn, sd, snare drum, snaredrum, rim, rims, rimshot, rimshots, rim shot,
        side stick, sidestick, cross stick, caisse claire, caja, redoblante, tarola, caixa, rullante,
        kleine trommel""",
    ),
    "hihat": _role(
        "drums",
        "hi-hat",
        0.45,
        """
        hihat, hihats, hihhat, hi hat, hi hats, hat, hats, hh, hhat, hhats, charley, charleston,
        chimbal, contratiempo""",
    ),
    "toms": _role(
        "drums",
        "toms",
        0.5,
        """
        tom, toms, floor tom, rack tom, flr tom, floortom, racktom, tomtom, tom tom, hi tom, lo tom""",
    ),
    "cymbals": _role(
        "drums",
        "cymbals",
        0.4,
        """
        cymbal, cymbals, cym, cyms, crash, crashes, ride, rides, splash, china, becken, cymbale,
        cymbales, platillo, platillos, platos, pratos, piatti""",
    ),
    "overheads": _role(
        "drums", "overheads", 0.55, "overhead, overheads, over head, over heads, oh, ohs, ovh, ovhd, ovhds"
    ),
    "room": _role(
        "drums", "room", 0.35, "drum room, drums room, drum rooms, room drums, drum amb, drums amb"
    ),
    "drums": _role(
        "drums",
        "drums",
        0.75,
        """
        drum, drums, drum kit, drumkit, drumset, drum set, drum loop, drumloop, drum machine, drum beat,
        drumbeat, break beat, breakbeat, breakbeats, batterie, bateria, batteria, schlagzeug, drms""",
    ),
    "percussion": _role(
        "drums",
        "percussion",
        0.4,
        """
        percussion, percussions, perc, percs, shaker, shakers, shk, tamb, tambo, tambourine, tamburin,
        conga, congas, bongo, bongos, cajon, clap, claps, handclap, handclaps, snap, snaps, cowbell,
        djembe, maracas, guiro, timbales, tabla, wood block, woodblock, claves, steel drum, steel drums,
        schellenkranz, perkussion, percusion, percussioni, percussao, pandeiro, pandereta, palmas, surdo""",
    ),
    "bass": _role(
        "bass",
        "bass",
        0.8,
        """
        bass, basses, bs gtr, bass gtr, bass guitar, bassguitar, bassgtr, ebass, e bass, bass synth,
        synth bass, synthbass, sub bass, subbass, 808 bass, moog bass, slap bass, upright, upright bass,
        double bass, doublebass, contrabass, string bass, acoustic bass, basse, bajo, baixo, basso,
        bassgitarre, bass di amp, bass amp di, contrebasse, contrabajo, contrabaixo, contrabbasso,
        kontrabass""",
    ),
    "bass_di": _role("bass", "bass DI", 0.8, "bass di, bassdi, di bass, bs di"),
    "bass_amp": _role(
        "bass", "bass amp", 0.8, "bass amp, bassamp, bass cab, bass mic, bass mike, amp bass, bs amp"
    ),
    "electric_guitar": _role(
        "guitars",
        "electric guitar",
        0.55,
        """
        electric guitar, electric gtr, elec guitar, elec gtr, el gtr, el guitar, e gtr, egtr, egtrs,
        elgtr, e guitar, eguitar, dist gtr, dist guitar, dirty gtr, crunch gtr, crunch guitar, heavy
        gtr, heavy guitar, lead guitar, lead gtr, leadguitar, leadgtr, ld gtr, rhythm guitar, rhythm
        gtr, rhy gtr, rhythmgtr, gtr di, guitar di, pedal steel, lap steel, e gitarre, egitarre, e git,
        leadgitarre, rhythmusgitarre, guitare electrique, guitarra electrica, guitarra eletrica,
        chitarra elettrica""",
    ),
    "acoustic_guitar": _role(
        "guitars",
        "acoustic guitar",
        0.5,
        """
        acoustic guitar, acoustic gtr, acou gtr, aco gtr, ac gtr, ac guitar, acgtr, acgtrs, agtr, agtrs,
        a gtr, acoustic gtrs, acoustic guitars, nylon gtr, nylon guitar, 12 string, akustikgitarre,
        akustische gitarre, westerngitarre, konzertgitarre, a gitarre, guitare acoustique, guitare
        seche, guitarra acustica, chitarra acustica, violao, guitarra espanola, ukulele, uke""",
    ),
    "guitar": _role(
        "guitars",
        "guitar",
        0.5,
        """
        guitar, guitars, gtr, gtrs, gt, gts, guit, gtar, gitarre, gitarren, git, guitare, guitares,
        guitarra, guitarras, chitarra, chitarre, steel guitar, slide guitar""",
    ),
    "piano": _role(
        "keys",
        "piano",
        0.55,
        """
        piano, pianos, pno, grand piano, upright piano, pianoforte, klavier, fluegel""",
    ),
    "keys": _role(
        "keys",
        "keys",
        0.45,
        """
        keys, keyboard, keyboards, kbd, kbds, keyb, rhodes, wurli, wurlitzer, clavinet, clav, e piano,
        epiano, electric piano, elec piano, el piano, harpsichord, cembalo, accordion, akkordeon,
        accordeon, fisarmonica, acordeon, celesta, glockenspiel, glock, vibraphone, vibes, marimba,
        xylophone, mallet, mallets, tasten, clavier, claviers, teclado, teclados, tastiera, tastiere""",
    ),
    "organ": _role(
        "keys",
        "organ",
        0.45,
        """
        organ, organs, hammond, b3, hammond b3, leslie, vox organ, vox continental, orgel, orgue,
        organo, orgao""",
    ),
    "synth": _role(
        "keys",
        "synth",
        0.45,
        """
        synth, synths, syn, syns, synthesizer, synthesiser, synth strings, synth string, synth brass,
        synthetizer, sintetizador, sintetizzatore, synthe""",
    ),
    "pad": _role("keys", "pad", 0.3, "pad, pads, string pad, strings pad, synth pad, synth pads"),
    "strings": _role(
        "keys",
        "strings",
        0.45,
        """
        strings, strs, string section, string quartet, string ensemble, violin, violins, vln, vlns,
        viola, violas, vla, vlas, cello, cellos, celli, vcl, geige, geigen, violine, violinen, bratsche,
        streicher, violon, violons, violoncelle, cordes, cuerdas, violines, cordas, violino, violini,
        violoncello, archi""",
    ),
    "brass": _role(
        "keys",
        "brass",
        0.5,
        """
        brass, horn, horns, french horn, french horns, trumpet, trumpets, tpt, tpts, trombone,
        trombones, bass trombone, tbn, tbns, tuba, flugelhorn, flugel, blech, blechblaeser, trompete,
        trompeten, posaune, posaunen, cuivres, trompette, metales, trompeta, trompetas, metais,
        ottoni, tromba""",
    ),
    "woodwind": _role(
        "keys",
        "woodwind",
        0.5,
        """
        woodwind, woodwinds, sax, saxes, saxophone, saxophon, saxofon, alto sax, tenor sax, bari sax,
        flute, flutes, clarinet, bass clarinet, bass flute, oboe, bassoon, bassoons, cor anglais,
        english horn, holzblaeser, floete, floeten, klarinette, fagott, maderas, flauta, clarinete,
        madeiras, flauto, clarinetto, legni, bass sax, bass saxophone""",
    ),
    "lead": _role("keys", "lead", 0.6, "lead, leads, synth lead, lead synth, leadsynth, synthlead"),
    "lead_vocal": _role(
        "vocals",
        "lead vocal",
        1.0,
        """
        lead vocal, lead vocals, lead vox, lead voc, lead voice, leadvox, leadvocal, leadvoc, ld vox,
        ldvox, lv, lvox, main vocal, main vox, main voice, leadgesang, leadstimme, hauptgesang,
        hauptstimme, voix principale, chant principal, voz principal, voz lider, voce principale""",
    ),
    "backing_vocal": _role(
        "vocals",
        "backing vocals",
        0.5,
        """
        backing vocal, backing vocals, backing vox, backing voc, backing voice, backing voices,
        background vocal, background vocals, background vox, backup vocal, backup vocals, backup vox,
        back vox, back vocals, bgv, bgvs, bgvox, bgvocals, bgvoc, bgvocs, bv, bvs, bvox, choir,
        choirs, gang vox, gang vocal, gang vocals, ad lib, ad libs, adlib, adlibs, backgroundgesang,
        hintergrundgesang, chor, choere, choeur, choeurs, coro, coros, cori, segunda voz, seconda voce""",
    ),
    "effects": _role(
        "effects",
        "effects",
        0.2,
        """
        fx, sfx, efx, effect, effects, effekt, effekte, effet, effets, efecto, efectos, efeito, efeitos,
        effetto, effetti, reverb, reverbs, verb, rvb, delay, delays, dly, echo, riser, risers, impact,
        whoosh, uplifter, downlifter, foley""",
    ),
    "click": _role(
        "utility",
        "click",
        0.0,
        """
        click, clicks, click track, clicktrack, klick, metronome, metronom, clic, metronomo, claqueta,
        count in, countin""",
        silent=True,
    ),
    "guide": _role(
        "utility",
        "guide",
        0.0,
        """
        guide, guia, guida, guide track, scratch vocal, scratch vox, scratch track, scratch gtr, scratch
        guitar""",
        silent=True,
    ),
    "talkback": _role("utility", "talkback", 0.0, "talkback, talk back, tb, tb mic, slate", silent=True),
    "unknown": _role("unknown", "unknown", 0.4, ""),
}
"""Every role by its name in session.toml."""
for _name, _more in MORE_WORDS.items():
    ROLES[_name] = replace(ROLES[_name], words=(*ROLES[_name].words, *_listed(_more)))


def family(role: str) -> Family:
    """The family of a role; a role that is not in ROLES belongs to "unknown"."""
    info = ROLES.get(role)
    return info.family if info else "unknown"
