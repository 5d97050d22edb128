"""More words that name a role: abbreviations of the trade, and other languages. Data only; see roles.py."""

from __future__ import annotations

MORE_WORDS: dict[str, str] = {
    "kick": """
        kik in, kik out, kickin, kickout, bd in, bd out, kick beat, kick 808, 808 kick, trigger kick,
        kick trig, kick sample, bassdrm, bumm, bas drum, basdrum, bastrommel, bastrumma, baskagge,
        baskagg, stortromma, beben basowy, stopa, centrala, キック, バスドラ, バスドラム, ベードラ, 底鼓,
        大鼓, 地鼓, 킥, 베이스드럼, бочка, бас барабан, большой барабан, grote trom, bombos""",
    "snare": """
        sn t, sn b, sn top, sn btm, sn bot, sd t, sd b, sn up, sn dn, snr top, snr btm, snare tp,
        snare bt, snr t, snr b, snare up, snare dn, snare under, snare over, kleine trom, virveltrumma,
        virvel, werbel, tarolas, redoblantes, caisse claires, スネア, スネアドラム, リム, 軍鼓, 军鼓,
        小鼓, 스네어, малый барабан, рабочий барабан, рабочий, малый, snaretrommel, snare trommel,
        rullante sopra, rullante sotto""",
    "hihat": """
        hat cl, hat op, closed hat, open hat, clhat, ophat, closed hh, open hh, ch hat, charle,
        charleston drum, chapeau, hihats closed, hi hatt, platillo charles, ハイハット, ハット, 踩镲,
        踩鑔, 하이햇, хай хэт, хэт, хай хет, hajhet, hi hats closed""",
    "toms": """
        ft, rt, tom hi, tom lo, tom mid, tom low, tom high, mid tom, low tom, high tom, hi toms, floor,
        fltom, flrtom, tom flr, tom floor, tom rack, stand tom, standtom, hangetom, timbal, timbalao,
        goliat, surdo drum, タム, フロアタム, 嗵鼓, 通鼓, 탐, 톰, том, томы, pukor, tom basse, tom alto,
        tom medium""",
    "cymbals": """
        crsh, crshs, crash l, crash r, spl, ride bell, china cymbal, bekken, bekkens, cymbaler, talerz,
        talerze, platos drum, piatto, piatti crash, シンバル, クラッシュ, ライド, 镲, 吊镲, 铙钹, 심벌,
        크래시, 라이드, тарелка, тарелки, крэш, райд""",
    "overheads": """
        o h, ohead, oheads, ohd, ohds, ovrhd, ovrhds, overh, drum oh, drums oh, oh mono, oh l, oh r, ohl,
        ohr, ovh l, ovh r, overs, aereos, aereo, panoramicos, panoramici, overhead drums, overheadmikros,
        オーバーヘッド, トップ マイク, 오버헤드, оверхед, оверхеды, оверхэд""",
    "room": """
        rooms far, rooms near, room far, room near, room mic, room mics, mono room, drum room mic,
        crush mic, crotch mic, trash mic, knee mic, amb drums, ambience drums, ambiente bateria, raum,
        raum mikro, raummikro, raummikros, salle, sala, ルームマイク, комната""",
    "drums": """
        dr, kit, loop drums, loop drum, drum kit loop, drumms, drum bus, drum stem, drm, drumloops,
        e drums, edrums, tr 808 drums, slagwerk, drumstel, trummor, perkusja kit, perkusja zestaw, bebny,
        acustic drums, acoustic drums, ドラム, ドラムス, ドラムセット, 鼓, 架子鼓, 爵士鼓, 드럼, 드럼셋,
        ударные, барабаны, ударная установка, batterie acoustique, bateria acustica""",
    "percussion": """
        prc, shkr, shkrs, shake, egg shaker, caxixi, cabasa, tamborim, tambor, tambores, triangle, trgl,
        ganza, agogo, darbuka, bodhran, timpani, timp, tympani, pauken, timbales drum, castanets,
        finger snaps, fingersnaps, stomp, stomps, stomps claps, clap stack, clp, clps, hand clap,
        hand claps, cow bell, vibraslap, chimes, bar chimes, windchimes, wind chimes, slagverk, perkusja,
        kongas, tamburyn, tamburijn, schudder, klatschen, klatscher, claquements, パーカッション,
        パーカス, シェイカー, タンバリン, コンガ, クラップ, 打击乐, 打擊樂, 沙锤, 铃鼓, 拍手, 퍼커션,
        쉐이커, 탬버린, 박수, перкуссия, шейкер, бубен, тамбурин, хлопки, конги""",
    "bass": """
        bs, bss, bas, b gtr, bgtr, bass line, bassline, sub bs, 808 sub, e bas, basgitaar, basgitarr,
        elbas, bassi, gitara basowa, basy, fretless, fretless bass, p bass, j bass, pbass, jbass,
        jazz bass, precision bass, picked bass, bass synth sub, reese, reese bass, moog bs, tuba bass,
        ベース, ベースギター, シンセベース, ウッドベース, 贝斯, 貝斯, 低音吉他, 베이스, 베이스기타, бас,
        бас гитара, басгитара, контрабас, sintebas, basse synthe""",
    "bass_di": """
        bass direct, bass line in, bassdirect, bass d i, basse di, bajo di, baixo di, basso di, bas di,
        ベース ライン, ベース di, бас линия""",
    "bass_amp": """
        bass sans amp, bass ampeg, ampeg, bass svt, svt, basse ampli, bajo amp, baixo amp, basso ampli,
        bas amp, bass sansamp, bass pod, bass u47, bass re20, ベースアンプ, ベース アンプ, бас комбик""",
    "electric_guitar": """
        egt, egts, eg, el git, elgit, elec git, eltgit, elg, gtr crunch, gtr dist, dist gt, gtr clean,
        clean gtr, clean guitar, gtr solo, solo gtr, guitar solo, solo guitar, rhy gt, rhy gtrs,
        rhythm gtrs, rhythm guitars, lead gtrs, lead guitars, gtr lead, gtr rhy, gtr rhythm, heavy gtrs,
        dist gtrs, strat, tele, les paul, lespaul, power chords, powerchords, e guitars, egitarren,
        rhythmus gitarre, solo gitarre, sologitarre, zerrgitarre, guitare saturee, guitarra distorsionada,
        elektrische gitaar, elgitarr, gitara elektryczna, エレキギター, エレキ, リードギター, 电吉他,
        電吉他, 일렉기타, 일렉, электрогитара, соло гитара, ритм гитара, kompgitarr, slaggitaar,
        vox ac30 gtr""",
    "acoustic_guitar": """
        aco gt, ac gt, acgt, acgts, agt, agts, acg, acou guitar, acoust gtr, acous gtr, acst gtr,
        nylon string, steel string, classical guitar, classic gtr, spanish guitar, flamenco guitar,
        strum gtr, strummed gtr, dobro, resonator, mandolin, mando, banjo, bjo, bouzouki, cavaquinho,
        charango, akoestische gitaar, akustisk gitarr, gitara akustyczna, アコースティックギター, アコギ,
        ガットギター, ウクレレ, 木吉他, 原声吉他, 民谣吉他, 通기타, 통기타, 어쿠스틱기타, акустика,
        акустическая гитара, mandoline, mandolina, bandolim""",
    "guitar": """
        gtrs l, gtrs r, gtrl, gtrr, gitaar, gitaren, gitarr, gitarrer, gitara, gitary, guitr, guitars l,
        ギター, 吉他, 기타, гитара, гитары, gita""",
    "piano": """
        pf, pft, pno l, pno r, pian, upright pno, grand pno, felt piano, honky tonk, concert grand,
        steinway, vleugel, flygel, fortepian, pianino, piano droit, piano a queue, piano de cola,
        pianoforte a coda, ピアノ, 钢琴, 鋼琴, 피아노, фортепиано, пианино, рояль, пиано""",
    "keys": """
        ep, eps, e pno, epno, rhds, rhd, rds, fender rhodes, wur, wurl, wurly, wurlie, clavi, d6, dx,
        dx7 ep, kybd, kybds, kbs, kb, tast, klavinet, clavecin, klawisze, toetsen, toetsenbord, keyboardy,
        klaviatur, spinet, celeste, bells, tubular bells, glocken, mellotron, tron, kalimba, marimbas,
        vibrafon, vibraphon, xylophon, klavesy, acordeon keys, bandoneon, キーボード, エレピ, 键盘, 鍵盤,
        手风琴, 건반, 키보드, клавиши, клавишные, аккордеон, баян, родес, vibrafono, organetto""",
    "organ": """
        org, orgn, b 3, b3 lo, b3 hi, farfisa, pipe organ, church organ, kirchenorgel, hammondorgel,
        organy, orgelet, オルガン, ハモンド, 风琴, 管风琴, 오르간, орган, хаммонд""",
    "synth": """
        sth, snth, sy, synt, synths l, moog, minimoog, juno, prophet, jupiter, dx7, ob 6, synth arp,
        synth seq, seq, sequence, sequencer, synthi, syntezator, synthesizador, sintetizadores, sint,
        synth pluck, シンセ, シンセサイザー, 合成器, 신스, 신디사이저, синт, синтезатор, синты""",
    "pad": """
        パッド, warm pad, synthpad, padsynth, pads l, flaeche, flaechen, synthflaeche, nappe, nappes,
        colchon, tappeto, 铺底, 패드, пэд, пэды, подклад""",
    "strings": """
        str, string, strgs, stgs, orch strings, strings hi, strings lo, violin 1, violin 2, vln 1, vln 2,
        vn, vns, vc, vcs, vcl 1, viool, violen, strijkers, strakar, fiol, fioler, skrzypce, smyczki,
        altowka, wiolonczela, violoncelo, violoncello 1, chelo, violas 1, fiddle, erhu, quatuor,
        quatuor a cordes, quartetto d archi, ストリングス, バイオリン, ヴァイオリン, チェロ, ビオラ, 弦乐,
        弦樂, 小提琴, 大提琴, 中提琴, 二胡, 스트링, 바이올린, 첼로, струнные, скрипка, скрипки,
        виолончель, альт струнный""",
    "brass": """
        brs, horn section, horns section, hrn, hrns, fr horn, trp, trpt, trpts, trb, trbn, trbns, bone,
        bones, euphonium, cornet, bugle, koper, kopersectie, trompet, trombon, blasare, brassblas, puzon,
        puzony, trabka, metais brass, sezione fiati, fiati, tromboni, trompetas 1, trombones 1, ブラス,
        ホーン, トランペット, トロンボーン, ホルン, 铜管, 小号, 长号, 圆号, 브라스, 트럼펫, 트롬본,
        духовые, труба, тромбон, валторна, медь""",
    "woodwind": """
        ww, flt, clar, bsn, tsax, asax, bsax, a sax, t sax, b sax, sop sax, soprano sax, saxo, saxofone,
        saxophones, saxofono, saxophone tenor, altsax, tenorsax, altsaxophon, tenorsaxophon, piccolo,
        recorder, pan flute, panflute, ney, duduk, shakuhachi, whistle, tin whistle, harmonica,
        harp blues, mundharmonika, armonica, gaita, hautbois, dwarsfluit, fluit, klarinet, hobo, fagot,
        blockfloete, querfloete, flojt, klarinett, flet, klarnet, saksofon, traversiere, sopransax,
        サックス, フルート, クラリネット, オーボエ, ハーモニカ, 木管, 萨克斯, 薩克斯, 长笛, 单簧管,
        双簧管, 口琴, 색소폰, 플루트, 클라리넷, 하모니카, саксофон, флейта, кларнет, гобой,
        губная гармошка""",
    "lead": """
        lead line, leadline, main lead, synth ld, ld synth, lead arp, リードシンセ, 主音合成器""",
    "lead_vocal": """
        ld voc, ld vcl, ld vocal, lead v, ldv, l vox, leadvx, lead vx, main vx, mainvox, main voc, main v,
        vox main, vox lead, vocal lead, vocal main, voc lead, voc main, vocs lead, lead singer, lead rap,
        rap lead, main rap, verse vox, chorus vox, hook vox, vocals main, vocals lead, leadzang,
        hoofdzang, hoofdstem, leadsang, huvudsang, wokal glowny, voz solista, voce solista, chant lead,
        chant solo, voz lead, voce lead, voz main, vocal principal, vocal solista, メインボーカル,
        リードボーカル, メインヴォーカル, リードヴォーカル, 主唱, 主音人声, 主人声, 메인보컬, 리드보컬,
        лид вокал, основной вокал, главный вокал, лид""",
    "backing_vocal": """
        bgvx, bg vx, bck vox, bk vox, bkg vox, bkgd vox, bkup vox, bkv, bkvs, bkgs vox, b vox, back voc,
        backing v, back ups vox, vox bg, vox bgv, vox backing, vox back, vocal bg, vocal back,
        vocal backing, gangvox, gang v, gangs, gang shout, gang shouts, crowd vox, crowd vocals, shouts,
        chants, oohs, aahs, oohs aahs, ooh, ooos, ahs, aah, oos, harms vox, harmony vox, harmony vocal,
        harm vox, harmonies vox, vox harm, vox harms, vox dbl, vox double, vox doubles, doubles vox,
        vocal dbl, lead vox double, adlib vox, ad libs vox, hype, hype vox, responses, choeur femmes,
        choeurs femmes, voces coro, coro 1, coros voz, segundas voces, vozes coro, backvocal, backvocals,
        back vocal, backings, achtergrondzang, achtergrondkoor, koor, tweede stem, zweitstimme,
        zweite stimme, korus, kor, kör, doa, körer, bakgrundssang, chorki, chorek, chor 1, contracanto,
        controcanto, コーラス, ハモリ, ハモ, バックボーカル, 和声, 和聲, 和音人声, 合唱, 伴唱, 코러스,
        합창, бэк вокал, бэк, бэки, бэк вокалы, подпевки, хор, даблы""",
    "effects": """
        fx return, fx rtn, revb, rvrb, rev rtn, verb rtn, plate, plates, spring reverb, hall, hall verb,
        room verb, dly rtn, delay throw, delay throws, throw, throws, slap delay, slapback, echoes,
        chorus fx, spring, ambience, atmos, atmo, atmosphere, drone, drones, noise, white noise, sweep,
        sweeps, swell, swells, reverse, reversed, reverse cym, rev cymbal, rev cym, rise, uprise, boom,
        sub drop, subdrop, sub boom, drop fx, hit fx, hits fx, impacts, impact hit, transition,
        transitions, trans fx, braam, glitch, glitches, vinyl, vinyl noise, crackle, soundscape, texture,
        textures, radio fx, foleys, sound effect, sound effects, sound fx, geraeusch, geraeusche,
        atmosphaere, bruitage, bruitages, ruido, ruidos, rumore, rumori, suoni, effecten, galm, effekter,
        ljudeffekt, efekt, efekty, poglos, reverbero, riverbero, reverberacao, リバーブ, ディレイ,
        エフェクト, 効果音, ノイズ, 混响, 延迟, 效果, 音效, 噪音, 리버브, 딜레이, 이펙트, 효과음, эффект,
        эффекты, реверб, реверберация, дилей, шум, фх""",
    "click": """
        clk, clks, click trk, clicktrk, cue click, metro, metronoom, metronom klick, taktgeber,
        vorzaehler, einzaehler, conteo, claquette, claquettes, clicker, count off, cuenta, klik, klikk,
        kliktrack, контроль темпа, метроном, клик, счет, クリック, メトロノーム, カウント, 节拍器, 節拍器,
        点击轨, 메트로놈, 클릭, metronomo click""",
    "guide": """
        gd vox, guide vocal, guide vox, guide gtr, guide voc, guide guitar, guide piano, guide mix,
        scratch voc, scratch vocals, scratch bass, scratch piano, scratch drums, scratch keys, pilot,
        pilotspur, pilot vox, pilotgesang, guidespur, temoin, voix temoin, maquette, referencia,
        referencia voz, voz guia, voz referencia, voce guida, guide zang, gids, guidesang, wokal pilot,
        ガイド, 仮歌, 仮ボーカル, 参考人声, 参考, 导唱, 가이드, 가이드보컬, гайд, черновик, рыба""",
    "talkback": """
        talkbacks, tbk, tb mics, talk mic, talkmic, slate mic, kommando, kommandomikro, ordres, ordre,
        microordres, intercom, comms, トークバック, 对讲, 토크백, токбэк, talkback mikro""",
}
"""By role, separated by commas. A word stands for one role only."""

MORE_VOICE_WORDS = """
    singt, singing, vcls, vo, rap, raps, rapper, spoken, spoken word, zang, zanger, zangeres, sang,
    wokal, wokale, spiew, glos, głos, canto solo, cantante, voz masculina, vocales, vocais,
    vocal takes, ボーカル, ヴォーカル, 歌, 声, 歌声, 人声, 人聲, 唱, 보컬, 노래, 목소리, вокал, голос,
    вокалы, 主歌"""
"""Words for a voice that do not say whether it leads."""
