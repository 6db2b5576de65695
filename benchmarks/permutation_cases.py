"""A treatment handed from industry to industry 999 times, and 768 specifications with their joint test.

The project absorbs columns once and works on cross-products by industry. The others estimate every permutation, or
every specification, from its columns, which they are given (making them is not timed); some are timed and scaled to
all. The project is timed from the data frame on.

`python benchmarks/permutation_cases.py` compares specifications with pyfixest at its strictest, and fails where one
differs by more than 1e-9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from panels import INDUSTRIES, YEARS

if TYPE_CHECKING:
    from involution.models.specification.groups import Specification, Specifications

DRAWS, JOINT_DRAWS, SEED, FEW = 999, 500, 11, 4
EXACT = 1e-9
TREATMENTS, OUTCOMES, CONTROLS = ("t0", "t1", "t2", "t3"), ("y", "y2"), ("c0", "c1", "c2")
EFFECTS = (("firm", "year"), ("firm",), ("industry", "year"))
Prepare = Callable[[pd.DataFrame], Callable[[], float]]


def with_treatments(data: pd.DataFrame, seed: int = 5) -> pd.DataFrame:
    """The panel with treatments by industry and year that leave a little to the firm, controls, another outcome."""
    rng = np.random.default_rng(seed)
    cells = rng.normal(size=(INDUSTRIES, YEARS, len(TREATMENTS)))
    at = cells[data["industry"], data["year"] - 2010]
    made = {name: at[:, k] + 0.05 * rng.normal(size=len(data)) for k, name in enumerate(TREATMENTS)}
    made |= {name: rng.normal(size=len(data)) for name in CONTROLS}
    return data.assign(**made, y2=data["y"] + rng.normal(size=len(data)))


def samples(data: pd.DataFrame) -> dict[str, np.ndarray]:
    """All rows, and three sets of most of them."""
    chosen = {"late": data["year"] > 2010, "regions": data["region"] != 3, "sectors": data["sector"] != 2}
    every = {"all": np.ones(len(data), dtype=bool)}
    return every | {name: rows.to_numpy() for name, rows in chosen.items()}


def specifications() -> list[Specification]:
    """768: two outcomes, four treatments, eight sets of controls, three of fixed effects, four samples."""
    from involution.models.specification.groups import Specification

    controls = [chosen for count in range(len(CONTROLS) + 1) for chosen in combinations(CONTROLS, count)]
    return [
        Specification(outcome, treatment, chosen, effects, sample)
        for outcome in OUTCOMES
        for treatment in TREATMENTS
        for chosen in controls
        for effects in EFFECTS
        for sample in ("all", "late", "regions", "sectors")
    ]


def whole(data: pd.DataFrame, vcov: str = "crv1") -> Specifications:
    """The curve on a data frame."""
    from involution.models.design import Design
    from involution.models.permutation.paths import paths_of
    from involution.models.specification.groups import Specifications

    data = data.sort_values("industry", kind="stable", ignore_index=True)
    rows = np.ones(len(data), dtype=bool)
    paths = paths_of(data, TREATMENTS, "industry", "year", rows, [True] * len(TREATMENTS))
    return Specifications(Design(data, (), ["industry"]), specifications(), samples(data), paths, TREATMENTS, vcov)


def _placebo(data: pd.DataFrame) -> Callable[[], float]:
    data = with_treatments(data)

    def timed() -> float:
        from involution.models.design import Design
        from involution.models.permutation.shuffled import shuffled
        from involution.study.formulas import parse_formula

        design = Design(data, ["firm", "year"], ["industry"])
        formula = parse_formula("y ~ t0 + c0")
        found = shuffled(design, formula, "t0", "industry", "crv1", DRAWS, SEED, leaves_out=True)
        return float(found.estimate[0])

    return timed


def _placebo_again(data: pd.DataFrame) -> Callable[[], float]:
    import pyfixest

    from involution.models.permutation.paths import paths_of

    data = with_treatments(data)
    paths = paths_of(data, ["t0"], "industry", "year", np.ones(len(data), dtype=bool), [True])
    given = [np.arange(paths.n_units), *paths.permutations(SEED, range(FEW - 1))]
    frames = [data[["firm", "year", "industry", "y", "c0"]].assign(t0=paths.column(0, one)) for one in given]

    def timed() -> float:
        fits = [pyfixest.feols("y ~ t0 + c0 | firm + year", frame, vcov={"CRV1": "industry"}) for frame in frames]
        return float(fits[0].coef()["t0"] + 0 * sum(fit.se()["t0"] for fit in fits))

    return timed


def _curve(draws: int) -> Prepare:
    def prepare(data: pd.DataFrame) -> Callable[[], float]:
        data = with_treatments(data)

        def timed() -> float:
            from involution.models.specification.estimate import estimated

            return float(estimated(whole(data), draws, SEED, workers=2)[0].estimate[0])

        return timed

    return prepare


@dataclass(frozen=True)
class Frame:
    """What a program needs to estimate one specification."""

    formula: str
    rows: pd.DataFrame
    treatment: str


def _frames(data: pd.DataFrame, members: list[Specification]) -> list[Frame]:
    chosen = samples(data)
    return [
        Frame(
            f"{one.outcome} ~ {' + '.join([one.treatment, *one.controls])} | {' + '.join(one.fixed_effects)}",
            data[chosen[one.sample]],
            one.treatment,
        )
        for one in members
    ]


def _curve_again(data: pd.DataFrame) -> Callable[[], float]:
    import pyfixest

    frames = _frames(with_treatments(data), specifications()[::STRIDE])

    def timed() -> float:
        fits = [pyfixest.feols(frame.formula, frame.rows, vcov={"CRV1": "industry"}) for frame in frames]
        errors = sum(fit.se()[frame.treatment] for fit, frame in zip(fits, frames, strict=True))
        return float(fits[0].coef()[frames[0].treatment] + 0 * errors)

    return timed


STRIDE = 17
"""Every seventeenth specification is timed: all samples, effects and sets of controls are among them."""
PYFIXEST_PLACEBO, PYFIXEST_CURVE = "pyfixest, each permutation again", "pyfixest, each specification"
PLACEBO: dict[str, Prepare] = {"involution": _placebo, PYFIXEST_PLACEBO: _placebo_again}
CURVE: dict[str, Prepare] = {"involution": _curve(0), PYFIXEST_CURVE: _curve_again}
JOINT: dict[str, Prepare] = {"involution": _curve(JOINT_DRAWS)}
SCALED_PLACEBO, SCALED_CURVE = (DRAWS + 1) / FEW, 768 / len(range(0, 768, STRIDE))


def main(count: int = 24) -> None:
    """Compare specifications with pyfixest; a difference beyond its tolerance is an error."""
    import pyfixest

    from cases import simulate
    from involution.models.specification.estimate import estimated

    data = with_treatments(simulate(5_000))
    curve, members = estimated(whole(data))[0], specifications()
    places = range(0, len(members), len(members) // count)
    strict = pyfixest.MapDemeaner(fixef_tol=1e-15, fixef_maxiter=100_000)
    worst = 0.0
    for place, frame in zip(places, _frames(data, [members[k] for k in places]), strict=True):
        fit = pyfixest.feols(frame.formula, frame.rows, vcov={"CRV1": "industry"}, demeaner=strict)
        worst = max(worst, abs(float(fit.coef()[frame.treatment]) - curve.estimate[place]))
        worst = max(worst, abs(float(fit.se()[frame.treatment]) - curve.std_error[place]))
    print(f"{count} specifications: largest difference {worst:.1e}")
    if not worst < EXACT:
        raise SystemExit(f"more than {EXACT:.0e}: the specifications are not exact")


if __name__ == "__main__":
    main()
