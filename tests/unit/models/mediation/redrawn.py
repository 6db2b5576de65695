"""Bootstrap draws of a decomposition against estimates of the data that they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest

from involution.models.mediation.effects import Effects, Layout
from involution.models.mediation.inference import bootstrap_coefficients, resampled
from involution.models.mediation.result import Mediation


def assert_draws_are_estimates(
    found: Mediation, data: pd.DataFrame, by_hand: Callable[[pd.DataFrame], Mapping[str, float]]
) -> None:
    """Five draws of clusters; a cluster drawn again enters as new firms.

    Parameters
    ----------
    found : Mediation
        Of `data`, all of its rows in their order.
    data : DataFrame
    by_hand : callable
        Effects of a panel by term.
    """
    effects, products = Effects(Layout(found.system), {}), found.sampled.products
    weights = np.concatenate(list(resampled(products, 5, np.random.default_rng(2))))
    drawn = effects(bootstrap_coefficients(effects, products, weights))
    codes = found.system.sample.clusters[0].codes
    for place, row in enumerate(weights):
        copies = [
            data[codes == g].assign(firm=lambda part, k=k: part["firm"] + 1_000 * k)
            for g, count in enumerate(row)
            for k in range(count)
        ]
        expected = by_hand(pd.concat(copies, ignore_index=True))
        for term, value in expected.items():
            assert drawn[term][place] == pytest.approx(value, abs=1e-10)
