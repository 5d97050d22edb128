"""The fit behind the recall: faders, pans, tone and rides that give the rough, by maximum likelihood in torch.

The rough is taken as the sum of the tracks, each through a gain per side, a complex response per band and a gain that
walks slowly over time, plus what no track explains (reverb, distortion). Each of the three is linear when the other
two stand still, so it is solved exactly, in turns; how much is unexplained in a cell sets what the cell counts for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from smartmix.analysis.cross_spectra import CrossSpectra

TURNS = 4
MODEL_ERROR = 0.01
"""Least share of a cell's power that is taken as unexplained: bands are wide, consoles are not all alike."""
FLOOR = 1e-6
"""Cells 60 dB under the loudest say little about a balance."""
COUNTED_TWICE = 3.0
"""Overlapping windows and bins of one Hann lobe say the same thing: bins for one independent fact."""
BAND_SPREAD = 0.5
"""Prior spread of a track's response per band around 1 (about 4 dB)."""
LANE_SPREAD = 0.4
"""Prior spread of a ride around 1 (about 3 dB)."""
STEP_SPREAD = 0.15
"""How far a ride or compressor goes in a second (about 1.2 dB); a walk goes with the root of the time."""
BUS_STEP_SPREAD = 0.25
"""The same for what all tracks do together: bus compression."""


@dataclass(slots=True, eq=False)
class Fit:
    """``side`` (tracks, 2) gain per side, ``response`` (tracks, bands) complex, ``lane`` (segments, tracks); errors are
    one standard deviation as a share of the value. ``unexplained`` (segments, 2, bands) share of the rough's power.
    """

    side: torch.Tensor
    response: torch.Tensor
    lane: torch.Tensor
    side_error: torch.Tensor
    response_error: torch.Tensor
    lane_error: torch.Tensor
    unexplained: torch.Tensor
    rough: torch.Tensor


@dataclass(slots=True, eq=False)
class _Cells:
    """The normal equations of every cell, the rough's power scaled to 1 at its loudest."""

    gram: torch.Tensor
    toward: torch.Tensor
    rough: torch.Tensor
    counts: torch.Tensor
    seconds: float


def fit_cells(spectra: CrossSpectra, *, lanes: bool = True, bands: bool = True) -> Fit:
    """Solve for faders and pans; then, unless they are switched off, tone per band and rides over time."""
    import torch

    cells = _cells(spectra)
    segments, _, bands_count, tracks = cells.toward.shape
    real = torch.float64
    fit = Fit(
        side=torch.zeros(tracks, 2, dtype=real),
        response=torch.ones(tracks, bands_count, dtype=torch.complex128),
        lane=torch.ones(segments, tracks, dtype=real),
        side_error=torch.ones(tracks, 2, dtype=real),
        response_error=torch.ones(tracks, bands_count, dtype=real),
        lane_error=torch.zeros(segments, tracks, dtype=real),
        unexplained=torch.ones(segments, 2, bands_count, dtype=real),
        rough=cells.rough,
    )
    for _ in range(TURNS):
        _solve_sides(cells, fit)
        _weigh(cells, fit)
    for _ in range(TURNS):
        if lanes:
            _solve_lanes(cells, fit)
        if bands:
            _solve_bands(cells, fit)
        if lanes or bands:
            _solve_sides(cells, fit)
            _weigh(cells, fit)
    return fit


def _cells(spectra: CrossSpectra) -> _Cells:
    import torch

    matrix = torch.from_numpy(spectra.matrix)
    rough = matrix[..., -1, -1].real.double()
    scale = float(rough.max()) or 1.0
    return _Cells(
        matrix[..., :-1, :-1] / scale,
        matrix[..., :-1, -1] / scale,
        rough / scale,
        torch.from_numpy(spectra.counts).double() / COUNTED_TWICE,
        spectra.segment_s,
    )


def _weights(cells: _Cells, fit: Fit) -> torch.Tensor:
    """Facts per unexplained power (segments, 2, bands): what a unit of squared error in a cell counts for."""
    spread = (fit.unexplained + MODEL_ERROR) * cells.rough + FLOOR * cells.counts[
        :, None
    ] / cells.counts.max()
    return cells.counts[:, None] / spread


def _gains(fit: Fit) -> torch.Tensor:
    """(segments, 2, bands, tracks) complex: what each track passes through in each cell."""
    return fit.lane[:, None, None, :] * fit.side.T[None, :, None, :] * fit.response.T[None, None, :, :]


def _weigh(cells: _Cells, fit: Fit) -> None:
    """What the fit leaves unexplained of each cell, as a share of the rough there, 0.. 1."""
    import torch

    gains = _gains(fit)
    met = torch.einsum("scbi,scbi->scb", gains.conj(), cells.toward.to(gains.dtype)).real
    power = torch.einsum("scbi,scbij,scbj->scb", gains.conj(), cells.gram.to(gains.dtype), gains).real
    left = cells.rough - 2.0 * met + power
    fit.unexplained = (left / cells.rough.clamp_min(1e-30)).clamp(0.0, 4.0)


def _solve_sides(cells: _Cells, fit: Fit) -> None:
    """Gain per track and side, with tone and rides as they stand."""
    import torch

    weights = _weights(cells, fit)
    shape = fit.lane[:, None, :] * fit.response.T[None]
    for side in (0, 1):
        scaled = shape * weights[:, side, :, None].sqrt()
        gram = torch.einsum(
            "sbi,sbij,sbj->ij", scaled.conj(), cells.gram[:, side].to(shape.dtype), scaled
        ).real
        toward = torch.einsum(
            "sbi,sbi->i",
            (scaled * weights[:, side, :, None].sqrt()).conj(),
            cells.toward[:, side].to(shape.dtype),
        ).real
        gram = gram + torch.diag(
            1e-9 * gram.diagonal().max().clamp_min(1e-12) * torch.ones(len(gram), dtype=gram.dtype)
        )
        inverse = torch.linalg.inv(gram)
        fit.side[:, side] = inverse @ toward
        fit.side_error[:, side] = inverse.diagonal().clamp_min(0.0).sqrt()


def _solve_bands(cells: _Cells, fit: Fit) -> None:
    """Response of each track in each band, both sides and all segments together."""
    import torch

    weights = _weights(cells, fit)
    shape = (fit.lane[:, None, :] * fit.side.T[None]).to(torch.complex128)
    scaled = shape[:, :, None, :] * weights.sqrt()[..., None]
    gram = torch.einsum("scbi,scbij,scbj->bij", scaled, cells.gram.to(shape.dtype), scaled)
    toward = torch.einsum("scbi,scbi->bi", scaled * weights.sqrt()[..., None], cells.toward.to(shape.dtype))
    pull = 1.0 / BAND_SPREAD**2
    eye = torch.eye(gram.shape[-1], dtype=gram.dtype)
    inverse = torch.linalg.inv(gram + pull * eye)
    fit.response = torch.einsum("bij,bj->bi", inverse, toward + pull).T
    fit.response_error = inverse.diagonal(dim1=-2, dim2=-1).real.clamp_min(
        0.0
    ).sqrt().T / fit.response.abs().clamp_min(1e-6)
    # The middle of the response belongs to the fader.
    level = torch.exp(
        torch.einsum("ib,ib->i", _heard_share(cells, fit), fit.response.abs().clamp_min(1e-6).log())
    )
    fit.response = fit.response / level[:, None]
    fit.side = fit.side * level[:, None]


def _heard_share(cells: _Cells, fit: Fit) -> torch.Tensor:
    """(tracks, bands) how the facts about a track are spread over the bands, adding up to 1."""
    import torch

    own = torch.diagonal(cells.gram, dim1=-2, dim2=-1).real.double()
    facts = torch.einsum("scbi,scb->ib", own, _weights(cells, fit))
    return facts / facts.sum(dim=1, keepdim=True).clamp_min(1e-30)


def _solve_lanes(cells: _Cells, fit: Fit) -> None:
    """Each track's ride, one value a segment: a random walk around 1, in which all tracks may move together."""
    import torch

    gains = fit.side.T[:, None, :] * fit.response.T[None]
    scaled = gains[None] * _weights(cells, fit).sqrt()[..., None]
    gram = torch.einsum("scbi,scbij,scbj->sij", scaled.conj(), cells.gram.to(scaled.dtype), scaled).real
    toward = torch.einsum(
        "scbi,scbi->si",
        (scaled * _weights(cells, fit).sqrt()[..., None]).conj(),
        cells.toward.to(scaled.dtype),
    ).real
    tracks = gram.shape[-1]
    eye = torch.eye(tracks, dtype=gram.dtype)
    ones = torch.ones(tracks, tracks, dtype=gram.dtype)
    walk = torch.linalg.inv((STEP_SPREAD**2 * eye + BUS_STEP_SPREAD**2 * ones) * cells.seconds)
    rest = eye / LANE_SPREAD**2
    fit.lane, fit.lane_error = _walk(gram + rest, toward + rest.sum(dim=1), walk)
    facts = gram.diagonal(dim1=-2, dim2=-1)
    level = (fit.lane * facts).sum(dim=0) / facts.sum(dim=0).clamp_min(1e-30)
    level = torch.where(level > 0.05, level, torch.ones_like(level))
    fit.lane = fit.lane / level
    fit.side = fit.side * level[:, None]


def _walk(gram: torch.Tensor, toward: torch.Tensor, walk: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean and spread of a chain of states, each tied to the next by ``walk`` (a precision): block tridiagonal."""
    import torch

    count = len(gram)
    ahead: list[torch.Tensor] = []
    carried: list[torch.Tensor] = []
    for index in range(count):
        own = gram[index] + walk * (float(index > 0) + float(index < count - 1))
        goal = toward[index]
        if index:
            passed = walk @ torch.linalg.inv(ahead[-1])
            own = own - passed @ walk
            goal = goal + passed @ carried[-1]
        ahead.append(own)
        carried.append(goal)
    states = [torch.linalg.solve(ahead[-1], carried[-1])]
    covariance = torch.linalg.inv(ahead[-1])
    spread = [covariance.diagonal()]
    for index in range(count - 2, -1, -1):
        inverse = torch.linalg.inv(ahead[index])
        states.append(inverse @ (carried[index] + walk @ states[-1]))
        pull = inverse @ walk
        covariance = inverse + pull @ covariance @ pull.T
        spread.append(covariance.diagonal())
    return torch.stack(states[::-1]), torch.stack(spread[::-1]).clamp_min(0.0).sqrt()
