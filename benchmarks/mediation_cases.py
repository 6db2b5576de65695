"""Three mediators between a treatment and an outcome, every equation estimated again on each sample of clusters.

The project draws its samples from cross-products by cluster. The others are given the rows of the clusters drawn, a
firm drawn twice as two firms, and estimate the four equations on them; a few samples are timed and scaled to the number
that the project is timed on. All are timed from the data frame to the coefficients of the samples: the project absorbs
its effects and makes its cross-products anew in every call.

`python benchmarks/mediation_cases.py` compares every coefficient of thirty bootstrap samples and thirty leave-outs with
pyfixest at its strictest, and fails where one differs by more than 1e-10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from involution.models.sample import Sample

DRAWS, SEED, FEW = 1_000, 11, 2
"""Bootstrap samples that the project draws, and samples on which the others are timed."""
EXACT = 1e-10
CONTROLS, MEDIATORS = ["x1", "x2"], ["m1", "m2", "m3"]
YEAR, REGION_YEAR = "year", "region^year"
Estimator = Callable[[pd.DataFrame], np.ndarray]
Prepare = Callable[[pd.DataFrame], Callable[[], float]]


def with_mediators(data: pd.DataFrame, seed: int = 5) -> pd.DataFrame:
    """The panel with three mediators of x1 and an outcome `z` of them, firm effects in each."""
    rng = np.random.default_rng(seed)
    firms, n = int(data["firm"].max()) + 1, len(data)
    columns, outcome = {}, 0.1 * data["x1"] + rng.normal(size=firms)[data["firm"]] + rng.normal(size=n)
    for name, a, b in zip(MEDIATORS, (0.3, 0.2, -0.1), (0.4, -0.3, 0.2), strict=True):
        columns[name] = a * data["x1"] + 0.1 * data["x2"] + rng.normal(size=firms)[data["firm"]] + rng.normal(size=n)
        outcome = outcome + b * columns[name]
    return data.assign(**columns, z=outcome)


@dataclass(frozen=True)
class Own:
    """Coefficients of all samples as the project finds them, and what others need to estimate the samples again.

    Attributes
    ----------
    data : DataFrame
    sample : Sample
        Rows of the estimation, with their clusters.
    weights : array of int, shape (draws, G)
        How often each sample has each cluster.
    coefficients : array of float, shape (draws, q)
        Mediators' equations, then the outcome's.
    """

    data: pd.DataFrame
    sample: Sample
    weights: np.ndarray
    coefficients: np.ndarray

    def samples(self, count: int) -> Iterator[pd.DataFrame]:
        """Frames of the first samples, every cluster drawn with firms of its own."""
        codes, firms = self.sample.clusters[0].codes, int(self.data["firm"].max()) + 1
        members = np.split(self.sample.rows[np.argsort(codes, kind="stable")], np.cumsum(np.bincount(codes))[:-1])
        for row in self.weights[:count]:
            drawn = [members[g] for g in np.repeat(np.arange(len(row)), row)]
            copies = np.repeat(np.arange(len(drawn)), [len(rows) for rows in drawn])
            frame = self.data.iloc[np.concatenate(drawn)].reset_index(drop=True)
            yield frame.assign(firm=frame["firm"] + firms * copies)


def own(data: pd.DataFrame, effect: str, inference: str) -> Own:
    """The project's coefficients of `DRAWS` bootstrap samples or of all leave-outs, from the data frame on."""
    from involution.models.design import Design
    from involution.models.mediation.effects import Effects, Layout, coefficients
    from involution.models.mediation.inference import bootstrap_coefficients, resampled
    from involution.models.mediation.products import products_of
    from involution.models.mediation.specification import specified
    from involution.models.mediation.system import build_system
    from involution.models.threads import single_threaded

    with single_threaded():
        specification = specified("z", "x1", MEDIATORS, ["x2"])
        system = build_system(data, specification, Design(data, ["firm", effect], "industry"))
        layout, clusters = Layout(system), system.sample.clusters[0]
        products = products_of(system.sample, system.raw, system.absorbed, clusters)
        if inference == "jackknife":
            weights = 1 - np.eye(clusters.n_levels, dtype=int)
            found = np.concatenate([coefficients(part, layout) for part in products.left_out()])
        else:
            effects, parts = Effects(layout, {}), list(resampled(products, DRAWS, np.random.default_rng(SEED)))
            found = np.concatenate([bootstrap_coefficients(effects, products, part) for part in parts])
            weights = np.concatenate(parts)
    # The reduced form comes last; direct and indirect effects add up to it, so that no one has to estimate it.
    return Own(data, system.sample, weights, found[:, :-1])


def indirect(coefficients: np.ndarray) -> float:
    """The sum of the indirect effects."""
    k = len(CONTROLS)
    a, b = coefficients[: k * len(MEDIATORS) : k], coefficients[k * (len(MEDIATORS) + 1) :]
    return float(a @ b)


def _involution(effect: str, inference: str) -> Prepare:
    def prepare(data: pd.DataFrame) -> Callable[[], float]:
        data = with_mediators(data)
        return lambda: indirect(own(data, effect, inference).coefficients[0])

    return prepare


def _again(estimator: Estimator, effect: str, inference: str) -> Prepare:
    def prepare(data: pd.DataFrame) -> Callable[[], float]:
        samples = own(with_mediators(data), effect, inference)
        return lambda: indirect(np.stack([estimator(frame) for frame in samples.samples(FEW)])[0])

    return prepare


def pyfixest_equations(effect: str, strict: bool = False) -> Estimator:
    """The mediators' equations in one call, which absorbs the regressors once, and the outcome's."""

    def estimate(frame: pd.DataFrame) -> np.ndarray:
        import pyfixest

        options = {"vcov": "iid", "lean": True, "store_data": False, "copy_data": False, "fixef_rm": "none"}
        if strict:
            options["demeaner"] = pyfixest.MapDemeaner(fixef_tol=1e-15, fixef_maxiter=100_000)
        right = f"| firm + {effect}"
        first = pyfixest.feols(f"{' + '.join(MEDIATORS)} ~ {' + '.join(CONTROLS)} {right}", frame, **options)
        second = pyfixest.feols(f"z ~ {' + '.join([*CONTROLS, *MEDIATORS])} {right}", frame, **options)
        return np.concatenate([*(fit.coef().to_numpy() for fit in first.to_list()), second.coef().to_numpy()])

    return estimate


def panel_ols_equations(frame: pd.DataFrame) -> np.ndarray:
    """The four equations with firm and year effects."""
    from linearmodels.panel import PanelOLS

    panel = frame.set_index(["firm", "year"])
    equations = [*((name, CONTROLS) for name in MEDIATORS), ("z", [*CONTROLS, *MEDIATORS])]
    fits = [PanelOLS(panel[y], panel[x], entity_effects=True, time_effects=True) for y, x in equations]
    return np.concatenate([fit.fit(cov_type="unadjusted").params.to_numpy() for fit in fits])


PYFIXEST, PANEL_OLS = "pyfixest, each sample again", "linearmodels PanelOLS, each sample again"
BOOTSTRAP = {
    "involution": _involution(YEAR, "bootstrap"),
    PYFIXEST: _again(pyfixest_equations(YEAR), YEAR, "bootstrap"),
    PANEL_OLS: _again(panel_ols_equations, YEAR, "bootstrap"),
}
JACKKNIFE = {
    "involution": _involution(YEAR, "jackknife"),
    PYFIXEST: _again(pyfixest_equations(YEAR), YEAR, "jackknife"),
}
MANY_EFFECTS = {
    "involution": _involution(REGION_YEAR, "bootstrap"),
    PYFIXEST: _again(pyfixest_equations(REGION_YEAR), REGION_YEAR, "bootstrap"),
}


def largest_difference(samples: Own, estimator: Estimator, count: int) -> float:
    """How far the coefficients of re-estimated samples are from the project's, at most."""
    found = np.stack([estimator(frame) for frame in samples.samples(count)])
    return float(np.abs(found - samples.coefficients[:count]).max())


def main(effects: Sequence[str] = (YEAR, REGION_YEAR), count: int = 30) -> None:
    """Compare draw by draw with pyfixest; a difference beyond rounding is an error."""
    from cases import simulate

    data = with_mediators(simulate(5_000))
    for effect in effects:
        for inference in ("bootstrap", "jackknife"):
            difference = largest_difference(own(data, effect, inference), pyfixest_equations(effect, True), count)
            print(f"firm + {effect}, {inference}, {count} samples: largest difference {difference:.1e}")
            if not difference < EXACT:
                raise SystemExit(f"more than {EXACT:.0e}: the draws are not exact")


if __name__ == "__main__":
    main()
