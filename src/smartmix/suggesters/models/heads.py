"""Heads: a network over the set of tracks of a session that says what each track is and how loud it might stand.

A track is figures without its level (track_vector.py); the tracks of a session see each other by attention, without
any order among them: the same tracks in another order get the same answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVEL_LU = 6.0
"""What one unit of the level head is worth."""


class SetHeads(nn.Module):
    """Encoder per track, two layers of attention over the set, a head for the role and one for the level.

    ``mean`` and ``scale`` (size,) bring the figures to the same spread; they belong to the weights.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, size: int, roles: int, width: int = 96, layers: int = 2) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))
        self.encoder = nn.Sequential(
            nn.Linear(size, 2 * width),
            nn.GELU(),
            nn.Dropout(0.25),
            nn.Linear(2 * width, width),
            nn.LayerNorm(width),
        )
        layer = nn.TransformerEncoderLayer(width, 4, 2 * width, 0.1, batch_first=True, norm_first=True)
        self.attention = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.role = nn.Linear(2 * width, roles)
        self.level = nn.Sequential(nn.Linear(2 * width, width), nn.GELU(), nn.Linear(width, 2))

    def forward(self, vectors: Tensor, there: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Role scores (b, n, roles), level and log of its spread (b, n) in LU, for figures (b, n, size).

        ``there`` (b, n) marks the places where a track is; what stands elsewhere changes nothing.
        """
        alone = self.encoder((vectors - self.mean) / self.scale)
        among = self.attention(alone, src_key_padding_mask=~there)
        seen = torch.cat((alone, among), dim=-1)
        level = self.level(seen)
        return self.role(seen), LEVEL_LU * level[..., 0], level[..., 1] + 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What the heads say about a session: chances (n, roles), level (n,) in LU about the middle, its spread (n,)."""

    chances: NDArray[np.float64]
    level_lu: NDArray[np.float64]
    spread_lu: NDArray[np.float64]


def hear(
    network: SetHeads, vectors: NDArray[np.float32] | Sequence[NDArray[np.float32]], temperature: float = 1.0
) -> Heard:
    """What the network says about the tracks of one session, figures (n, size)."""
    network.eval()
    with torch.inference_mode():
        figures = torch.from_numpy(np.stack(list(vectors)))[None]
        scores, level, spread = network(figures, torch.ones(figures.shape[:2], dtype=torch.bool))
        chances = torch.softmax(scores[0].double() / temperature, dim=-1).numpy()
    middle = level[0].double().numpy()
    return Heard(chances, middle - np.median(middle), np.exp(spread[0].double().numpy()))


def hear_stretches(
    network: SetHeads, stretches: Sequence[NDArray[np.float32]], temperature: float = 1.0
) -> Heard:
    """What the network says about tracks of which several stretches (k, size) are known: the mean over them.

    Each track's stretches take turns, so that one with a single stretch is heard beside every one of the others.
    """
    turns = max(len(rows) for rows in stretches)
    said = [
        hear(network, [rows[turn % len(rows)] for rows in stretches], temperature) for turn in range(turns)
    ]
    level = np.mean([h.level_lu for h in said], axis=0)
    chances, spread = (np.mean([getattr(h, name) for h in said], axis=0) for name in ("chances", "spread_lu"))
    return Heard(chances, level - np.median(level), spread)
