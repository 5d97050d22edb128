"""Whether aims beat the rule: python benchmarks/objective_table.py FOLDER_OF_SONGS [--spread 6]

Tracks of real songs are thrown by up to +-spread dB; there is no rough; the artist's own balance is the truth. Errors
are |fader - truth| over the tracks whose name says a role, after their median, dB. Rows: doing nothing, equal loudness,
the role rule as the pass has it, aims by gradient (suggesters/models/objective.py), with each aim left out, and a
planted fault (the lead thrown 3 dB further).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from balance_recovery import errors, faders
from balance_songs import load, thrown
from smartmix.suggesters.models.objective import Aims, toward
from smartmix.suggesters.role_balance import USUAL_LU, RoleBalance

SEEDS = (1, 2)
AIMS = {
    "aims": Aims(),
    "aims without clarity": Aims(clarity=0.0),
    "aims without hierarchy": Aims(hierarchy=0.0),
    "aims without tone": Aims(tone=0.0),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--spread", type=float, default=6.0)
    options = parser.parse_args()
    rows: dict[str, list[float]] = {}
    for folder in sorted(p for p in options.folder.iterdir() if p.is_dir()):
        song = load(folder)
        for seed in SEEDS:
            throw = np.random.default_rng(seed).uniform(-options.spread, options.spread, len(song.stems))
            context = thrown(song, throw, None)
            tracks, facts = context.session.tracks, context.analysis.tracks
            known = np.array([t.role in USUAL_LU and np.isfinite(facts[t.id].active_lufs) for t in tracks])
            if known.sum() < 3:
                continue
            roles = {t.id: t.role for t in tracks}
            answers = {
                "do nothing": np.zeros(len(tracks)),
                "equal loudness": -np.array([f.active_lufs for f in facts.values()]),
                "role rule": faders(context, RoleBalance()),
            }
            for name, aims in AIMS.items():
                found = toward(facts, roles, aims)
                answers[name] = np.array([found.get(t.id, 0.0) for t in tracks])
            answers["planted fault"] = answers["role rule"] + 3.0 * (
                np.arange(len(tracks)) == int(np.argmax(known))
            )
            for name, answer in answers.items():
                rows.setdefault(name, []).append(float(errors(answer[known], -throw[known]).mean()))
    print(f"\nfaders thrown by {options.spread:g} dB, no rough, {len(rows['do nothing'])} throws\n")
    print("| row | mean dB | worst | better than the rule |\n|---|---|---|---|")
    for name, values in rows.items():
        wins = sum(v < r for v, r in zip(values, rows["role rule"], strict=True))
        print(f"| {name} | {np.mean(values):.2f} | {np.max(values):.2f} | {wins} of {len(values)} |")


if __name__ == "__main__":
    main()
