from __future__ import annotations

from collections import Counter

import pytest
import torch

from jupyter_oci.config import SamplingParams
from jupyter_oci.model.sampling import Sampler

LOGITS = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()


def draws(count: int = 2000, **sampling: float) -> Counter[int]:
    sampler = Sampler(SamplingParams(seed=7, **sampling))  # type: ignore[arg-type]
    return Counter(sampler.choose(LOGITS) for _ in range(count))


def test_greedy_takes_the_likeliest() -> None:
    assert set(draws(5)) == {0}


def test_draws_follow_the_probabilities() -> None:
    found = draws(temperature=1.0)
    assert all(abs(found[token] / 2000 - LOGITS[token].exp()) < 0.05 for token in range(4))


@pytest.mark.parametrize("top_p", [1.0, 0.999])
def test_what_cannot_come_is_never_drawn(monkeypatch: pytest.MonkeyPatch, top_p: float) -> None:
    sampler = Sampler(SamplingParams(temperature=1.0, top_p=top_p))
    logits = torch.tensor([-torch.inf, 1.0, -torch.inf, 1.0, -torch.inf])
    for drawn, token in ((0.0, 3), (1 - 2**-53, 1)):
        monkeypatch.setattr(torch, "rand", lambda *_, drawn=drawn, **__: torch.tensor([drawn], dtype=torch.float64))
        assert sampler.choose(logits) == token


def test_of_many_tokens_each_comes_as_often_as_it_is_likely() -> None:
    sampler = Sampler(SamplingParams(seed=1, temperature=0.5))
    found = Counter(sampler.choose(torch.zeros(50_000)) // 10_000 for _ in range(1000))
    assert all(abs(found[fifth] - 200) < 60 for fifth in range(5))


def test_a_low_temperature_favours_the_likely() -> None:
    assert draws(temperature=0.3)[0] > draws(temperature=1.0)[0]


def test_the_nucleus_leaves_the_unlikely_out() -> None:
    assert set(draws(temperature=1.0, top_p=0.6)) == {0, 1}
    assert set(draws(50, temperature=1.0, top_p=0.01)) == {0}
