"""One network learning from one bank: seeded, stopped and gone on with at any step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from smartmix.audio.files import write_bytes
from smartmix.suggesters.models.heads import SetHeads
from smartmix.training.assemble import as_batch, draw_session
from smartmix.training.bank import ROLES, Bank

SESSIONS_A_STEP = 24
RATE, DECAY = 1.5e-3, 0.05
SAVE_EVERY = 200


@dataclass(frozen=True, slots=True)
class Learned:
    """A trained network, and its curve: (step, loss of roles, loss of levels) as it went."""

    network: SetHeads
    curve: tuple[tuple[int, float, float], ...]


def learn(
    bank: Bank, steps: int, seed: int, *, device: str = "cpu", checkpoint: Path | None = None
) -> Learned:
    """Train on sessions drawn from the bank. With ``checkpoint`` it goes on from there, step for step as if it had
    never stopped: what a step draws depends on the seed and its number alone.
    """
    torch.manual_seed(seed)
    network = SetHeads(bank.vectors.shape[1], len(ROLES))
    network.mean.copy_(torch.from_numpy(bank.vectors.mean(axis=0)))
    network.scale.copy_(torch.from_numpy(bank.vectors.std(axis=0) + 0.05))
    network.to(device)
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    first, curve = _resumed(checkpoint, network, optimiser)
    for step in range(first, steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / 50) * 0.5 * (1 + np.cos(np.pi * step / steps)) + 1e-6
        told = _step(network, optimiser, bank, np.random.default_rng([seed, step]), device)
        if step % 20 == 0 or step == steps - 1:
            curve.append((step, *told))
        if checkpoint is not None and ((step + 1) % SAVE_EVERY == 0 or step == steps - 1):
            _save(checkpoint, network, optimiser, step + 1, curve)
    return Learned(network.to("cpu").eval(), tuple(curve))


def _step(
    network: SetHeads, optimiser: torch.optim.Optimizer, bank: Bank, rng: np.random.Generator, device: str
) -> tuple[float, float]:
    torch.manual_seed(int(rng.integers(1 << 31)))  # dropout too belongs to the step
    network.train()
    batch = as_batch([draw_session(bank, rng) for _ in range(SESSIONS_A_STEP)])
    vectors, there, role, level = (torch.from_numpy(x).to(device) for x in batch)
    scores, said, spread = network(vectors, there)
    roles = torch.nn.functional.cross_entropy(scores[there], role[there], label_smoothing=0.05)
    levels = level_loss(said, spread, level, there)
    optimiser.zero_grad()
    (roles + 0.5 * levels).backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return float(roles.detach()), float(levels.detach())


def level_loss(said: Tensor, spread: Tensor, level: Tensor, there: Tensor) -> Tensor:
    """Laplace likelihood of the levels, each session against its own mean: how loud the whole is does not matter."""
    count = there.sum(dim=1, keepdim=True)
    off = (level - said) * there
    off = (off - off.sum(dim=1, keepdim=True) / count).abs()
    return ((off * torch.exp(-spread) + spread) * there).sum() / there.sum()


def _resumed(
    checkpoint: Path | None, network: SetHeads, optimiser: torch.optim.Optimizer
) -> tuple[int, list[tuple[int, float, float]]]:
    if checkpoint is None or not checkpoint.exists():
        return 0, []
    from safetensors.torch import load

    held = load(checkpoint.read_bytes())
    network.load_state_dict({key[4:]: value for key, value in held.items() if key.startswith("net.")})
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in held.items():
        if key.startswith("opt."):
            _, number, name = key.split(".")
            state.setdefault(int(number), {})[name] = value
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    curve = [(int(step), float(role), float(level)) for step, role, level in held["curve"].tolist()]
    return int(held["step"]), curve


def _save(
    path: Path,
    network: SetHeads,
    optimiser: torch.optim.Optimizer,
    step: int,
    curve: list[tuple[int, float, float]],
) -> None:
    from safetensors.torch import save

    held = {f"net.{key}": value.contiguous() for key, value in network.state_dict().items()}
    for number, state in optimiser.state_dict()["state"].items():
        held |= {f"opt.{number}.{name}": value.contiguous() for name, value in state.items()}
    held |= {"step": torch.tensor(step), "curve": torch.tensor(curve, dtype=torch.float64)}
    write_bytes(path, save(held), force=True)
