"""Track names as they come in: abbreviations of the trade and eleven languages, by the role an engineer would read."""

from __future__ import annotations

import unicodedata

import pytest

from smartmix.session.role_names import role_from_name

TABLE: dict[str, str] = {
    "kick": """
        BD | KIK | Kik In | KICK_OUT_FET47 | 01 Kick In D112 | Kick Sub NS10 | Kick.03 | KickIn |
        BD Beater | Kick 808 | BD_trig | Kick Sample 2 | Grosse Caisse In | Bombo | Gran Cassa | Bumbo |
        Basstrommel | Bastrumma | Bęben basowy | キック | バスドラム | 底鼓 | 킥 | бочка |
        Bassdrum Innen | K.Drum Kick""",
    "snare": """
        SN | SN T | SN B | SNR | SD Top | Snare_Top_SM57 | Snr Btm | SN BOT | Snare Up | Rim | Sidestick |
        Caisse Claire Dessus | Caja | Caixa | Rullante | Kleine Trommel | Virveltrumma | Werbel | スネア |
        スネアTop | 军鼓 | 스네어 | рабочий барабан | 09_SNARE 441""",
    "hihat": """
        HH | HiHat | Hi-Hat KM184 | Hat | Hats L | Closed Hat | HatCl | OpHat | Charley | Chimbal |
        Contratiempo | ハイハット | 踩镲 | 하이햇 | хай-хэт | HH_05""",
    "toms": """
        FT | RT | Tom 1 | Rack Tom | Flr Tom | Floor Tom MD421 | TomHi | Tom Lo | Mid Tom | Standtom |
        Goliat | タム | 通鼓 | том 2 | FLTOM""",
    "cymbals": """
        Ride | Crsh | Crash L | China | Splash | Cym | Becken | Platos | Piatti | Cymbales | シンバル |
        クラッシュ | 镲 | 심벌 | тарелки | Bekkens | Ride Bell""",
    "overheads": """
        OH | OH L | OH R | OHs | Overhead_L | OH L/R | Ovhd | OHL | OVERHEADS C414 | Drum OH | Aéreos |
        オーバーヘッド | 오버헤드 | оверхеды | O/H""",
    "room": """
        Room | Rm L | Room Far | Drum Room | Crush Mic | Trash Mic | Mono Room U47 | Raummikro |
        ルームマイク | Rooms_Near""",
    "drums": """
        Drums | DRM | Kit | Drum Loop | DrumBus | Breakbeat | Schlagzeug | Batterie | Batería | Batteria |
        Bateria | Slagwerk | Trummor | ドラム | 鼓 | 드럼 | ударные | барабаны | Drums L | EDrums""",
    "percussion": """
        Perc | Shkr | Shaker_L | Tamb | Tambourine | Conga Hi | Bongos | Claps | Clap Stack |
        FingerSnaps | Cowbell | Triangle | Cabasa | Djembe | Stomps | Timpani | Palmas | Pandeiro |
        Perkussion | パーカッション | タンバリン | 打击乐 | 沙锤 | 박수 | бубен | шейкер | Perkusja""",
    "bass": """
        Bass | BS | Bs Gtr | E-Bass | Synth Bass | 808 | 808s | Sub | SubBass | Moog Bass | Upright |
        Basse | Bajo | Baixo | Basso | Basgitaar | Elbas | Gitara basowa | ベース | 贝斯 | 베이스 |
        бас-гитара | Reese | P Bass | Kontrabass | BassLine""",
    "bass_di": """
        Bass DI | BassDI_01 | DI Bass | Bs DI | Bajo DI | Basse DI""",
    "bass_amp": """
        Bass Amp | Bass Cab | BassAmp RE20 | Bass SVT | Bass Mic | Bass SansAmp | Ampeg | ベースアンプ""",
    "electric_guitar": """
        EGT | EGtr L | E Gtr 2 | El Gtr | Lead Gtr | Ld Gtr | Rhy Gtr L | Gtr Crunch | Dist Gtr |
        Clean Gtr DI | Gtr Solo | Heavy Gtrs | Strat | Les Paul | Power Chords | E-Gitarre | Leadgitarre |
        Guitare électrique | Guitarra eléctrica | Chitarra elettrica | Elgitarr | Gitara elektryczna |
        エレキギター | エレキ | 电吉他 | 일렉기타 | электрогитара | соло-гитара | Guitar DI |
        Elektrische gitaar | Pedal Steel""",
    "acoustic_guitar": """
        AC GTR | AcGtr_L | Aco Gtr | Agtr | Acoustic | Acou Gtr KM84 | Nylon | Classical Guitar |
        12 String | Mandolin | Banjo | Uke | Westerngitarre | Guitare sèche | Violão | Chitarra acustica |
        Akoestische gitaar | アコギ | アコースティックギター | 木吉他 | 통기타 | акустическая гитара |
        Strum Gtr | Dobro""",
    "guitar": """
        GTR | Gtr L | Gt 2 | Gtrs | Guit | Gitarre R | Guitare | Guitarra | Chitarra | Gitaar | Gitarr |
        ギター | 吉他 | 기타 | гитара | GTR_SM57""",
    "piano": """
        Piano L | Pno | Grand Piano | Upright Piano | Klavier | Flügel | Steinway | Vleugel | ピアノ |
        钢琴 | 피아노 | рояль | пианино""",
    "keys": """
        Keys | Rhds | Rhodes L | Wurli | Wurly | EP | E Pno | Clav | Kbd | Keyb 2 | Mellotron |
        Accordion | Celesta | Bells | Vibes | Teclado | Tastiera | Claviers | Klawisze | キーボード |
        エレピ | 键盘 | 건반 | клавишные | DX7 EP""",
    "organ": """
        B3 | B3 Lo | Organ Leslie | Hammond | Org | Farfisa | Orgel | Orgue | オルガン | 管风琴 | 오르간 |
        орган""",
    "synth": """
        Synth | Syn 1 | Moog | Juno | Prophet 6 | SynthArp | Arp | Seq | Pluck | Sintetizador | シンセ |
        合成器 | 신스 | синтезатор | Minimoog""",
    "pad": """
        Pad | Pads L | Warm Pad | SynthPad | Nappe | Fläche | パッド | 패드 | пэд""",
    "strings": """
        Strings | Str | Vln 1 | Violins | Vla | Cello | Vc | String Quartet | Streicher | Cordes |
        Cuerdas | Archi | Strijkers | Smyczki | Stråkar | ストリングス | バイオリン | 弦乐 | 小提琴 |
        바이올린 | скрипка | виолончель | Fiddle""",
    "brass": """
        Brass | Horns | Horn Section | Trp 1 | Tpt | Tbn | Trumpet | Bones | Blechbläser | Posaune |
        Cuivres | Metales | Ottoni | Fiati | トランペット | ブラス | 小号 | 트럼펫 | труба | Fr Horn""",
    "woodwind": """
        Sax | Tenor Sax | A Sax | BariSax | Flute | Clarinet | Harmonica | Recorder | Querflöte |
        Saxofón | Flauta | Klarinet | Saksofon | サックス | フルート | 萨克斯 | 색소폰 | саксофон | флейта""",
    "lead": """
        Lead | Synth Lead | Lead Synth | Lead Line""",
    "lead_vocal": """
        LV | LD VOX | Ld Vox | LeadVox_U87 | Lead Vocal | Vox | Vocals | VOX 1 | Main Vox | L Vox |
        Voice | Rap | Singer | Lead Voc Verse | Hauptstimme | Gesang | Chant | Voix principale | Voz |
        Voz principal | Voce | Zang | Leadzang | Sång | Wokal | Śpiew | メインボーカル | リードボーカル |
        ボーカル | 歌 | 主唱 | 人声 | 보컬 | 메인보컬 | вокал | голос | основной вокал""",
    "backing_vocal": """
        BGV | BGVs L | BVs | BV 3 | BGVox | Bkg Vox | GangVox | Gang Shouts | Harm Vox | Vox Harm |
        Vox Dbl | Lead Dbl Vox | Choir | Ad Libs | Oohs | Aahs | Backing Vox | Chor | Chœurs | Coros |
        Coro | Koor | Körer | Chórki | コーラス | ハモリ | 和声 | 合唱 | 코러스 | бэк-вокал | подпевки |
        Hintergrundgesang | Vox Stack""",
    "effects": """
        FX | SFX 2 | Verb | Vox Verb | Snare Plate | Vox Dly | Delay Throw | Slapback | Spring Reverb |
        Riser | Sweep | Sub Drop | Impact | Whoosh | Atmos | Drone | Vinyl Noise | Reverse Cym | Hall |
        Effekte | Effets | Efectos | Ambience | リバーブ | 効果音 | 混响 | 음향 이펙트 | эффекты | шум""",
    "click": """
        Click | CLK | Clicktrack | Metronome | Klick | Metronom | Claqueta | Clic | Count In | クリック |
        节拍器 | 메트로놈 | метроном | клик""",
    "guide": """
        Guide Vox | Guide | Scratch Vox | Scratch Gtr | Pilot Vox | Voz guía | Voix témoin | 仮歌 |
        ガイドボーカル | 가이드 | гайд""",
    "talkback": """
        Talkback | TB | TB Mic | Slate | トークバック | 토크백 | Kommando | Talk Back Mic""",
    "unknown": """
        DI | SM57 | VTR | U87 | Take 4 | Ch 14 | Audio 1-03 | Stereo Out | Output 1-2 | Untitled |
        Inst 5 | MIDI 2 | Idea | Hook | Bridge | Verse 2 | Chorus | Intro | Drop | Kick + Bass |
        No Drums | без барабанов | Vox & Gtr | Old Stuff | default preset | Print | Bus 3""",
}  # fmt: skip
NAMES = [(name.strip(), role) for role, names in TABLE.items() for name in names.split("|")]


def test_the_table_is_serious() -> None:
    assert len(NAMES) >= 450
    assert len({name for name, _ in NAMES}) == len(NAMES)
    scripts = {unicodedata.name(c).split()[0] for name, _ in NAMES for c in name if c.isalpha()}
    assert {"LATIN", "KATAKANA", "CJK", "HANGUL", "CYRILLIC"} <= scripts


@pytest.mark.parametrize(("name", "role"), NAMES)
def test_an_engineers_name(name: str, role: str) -> None:
    assert role_from_name(name) == role
    assert role_from_name(unicodedata.normalize("NFD", name)) == role, "names from macOS come taken apart"
    assert role_from_name(name.upper().replace("ß", "SS")) in (role, role_from_name(name.casefold()))
