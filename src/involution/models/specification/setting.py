"""From a section `specification_curve` to the specifications it means, its names and rules checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from involution.errors import InputError, Problem, each
from involution.models.blocks import Run
from involution.models.dating import with_dated
from involution.models.design import Design
from involution.models.estimate import selected
from involution.models.facts import Facts, leaves_firm_out
from involution.models.matrix import in_sample, no_column
from involution.models.notes import Note
from involution.models.own_design import check_columns, formula_of, rows_of
from involution.models.permutation.paths import paths_of
from involution.models.rules import check_design
from involution.models.specification.groups import Specification, Specifications
from involution.models.tasks import PANEL
from involution.models.treatment_level import exchanging_level
from involution.study.expressions import parse_expression
from involution.study.sections import Blocks
from involution.study.specification_curve import Choice, SpecificationCurve
from involution.study.timing import dated

KEY = "specification_curve"


@dataclass(frozen=True)
class Setting:
    """A curve with everything it is estimated from.

    Attributes
    ----------
    asked : SpecificationCurve
        Completed.
    choices : tuple of Choice
        In the order of the specifications.
    design : Design
        Data, clusters, and the rows that any specification may use.
    samples : mapping of str to array of bool, shape (N,)
    level : str
        Column whose units exchange paths.
    known : Facts
    said : tuple of Note
        What the rules have to say.
    """

    asked: SpecificationCurve
    choices: tuple[Choice, ...]
    design: Design
    samples: Mapping[str, np.ndarray]
    level: str
    known: Facts
    said: tuple[Note, ...]

    def outcome(self, choice: Choice) -> str:
        """A specification's outcome, dated."""
        return dated(self.asked.column_of(choice), self.asked.clock.outcome)

    def shown_outcome(self, choice: Choice) -> str:
        """The same before it is winsorised."""
        return dated(choice.outcome, self.asked.clock.outcome)

    def controls(self, choice: Choice) -> tuple[str, ...]:
        """A specification's controls, dated."""
        years = self.asked.clock.controls
        return tuple(dict.fromkeys(dated(name, years) for name in self.asked.controls[choice.controls]))

    def specifications(self) -> Specifications:
        """The specifications in columns of the data."""
        asked = self.asked
        members = [
            Specification(
                self.outcome(choice),
                asked.treatment_of(choice),
                self.controls(choice),
                tuple(asked.fixed_effects[choice.fixed_effects]),
                choice.sample,
                asked.weights[choice.weights],
            )
            for choice in self.choices
        ]
        treatments = tuple(dict.fromkeys(one.treatment for one in members))
        rows = np.logical_or.reduce(list(self.samples.values()))
        left_out = [leaves_firm_out(name, self.known) for name in treatments]
        paths = paths_of(self.design.data, treatments, self.level, PANEL["year"], rows, left_out, least=0)
        return Specifications(self.design, members, self.samples, paths, treatments, str(asked.vcov))


def settings_of(study: Blocks, data: pd.DataFrame, run: Run) -> list[Setting]:
    """Every curve of a study.

    Raises
    ------
    InputError
        For columns that do not exist or hold text, and specifications that a rule refuses: none of them is ever part
        of a curve. The mistakes of all curves together.
    """
    sections = [asked.completed(study.design) for asked in study.specification_curve]
    return each(sections, lambda asked: _setting(asked, data, run), lambda asked: f"{KEY}: {asked.name}")


def _setting(asked: SpecificationCurve, data: pd.DataFrame, run: Run) -> Setting:
    where, choices = f"{KEY}: {asked.name}", tuple(asked.choices())
    pairs = _pairs(asked, choices)
    whole, made = with_dated(_winsorised(asked, choices, data, where), pairs, where, run.known.unavailable)
    names = list(dict.fromkeys(dated(name, years) for name, years in pairs))
    for weights in {None, *asked.weights.values()}:
        check_columns(names, weights, whole)
    known = run.known.defining(made)
    level = exchanging_level(asked.level, asked.treatments, whole, in_sample(whole), run.known)
    # Rows by unit: what is formed by unit for every set of rows then needs no sorting.
    whole = whole.sort_values(level, kind="stable", ignore_index=True)
    rows = rows_of(asked.where, whole)
    samples = {
        name: rows if condition is None else rows & selected(condition, whole, PANEL)
        for name, condition in asked.samples.items()
    }
    cluster, said = _ruled(asked, choices, whole, samples, known, level)
    design = Design(whole, (), cluster, rows=np.logical_or.reduce(list(samples.values())))
    return Setting(asked, choices, design, samples, level, known, said)


def _pairs(asked: SpecificationCurve, choices: Iterable[Choice]) -> list[tuple[str, int]]:
    """Every column that a specification uses, with its years from the row's own."""
    clock = asked.clock
    pairs = [pair for one in choices for pair in ((asked.column_of(one), clock.outcome), (one.treatment, one.years))]
    pairs += [(name, clock.controls) for names in asked.controls.values() for name in names]
    return list(dict.fromkeys(pairs))


def _winsorised(asked: SpecificationCurve, choices: Iterable[Choice], data: pd.DataFrame, where: str) -> pd.DataFrame:
    """The data with outcomes winsorised within year, over the population, beside them."""
    made = {}
    for choice in choices:
        limits, column = asked.winsorize[choice.winsorize], asked.column_of(choice)
        if limits is None or column in made:
            continue
        if choice.outcome not in data.columns:
            raise InputError(Problem(where, no_column(choice.outcome, data.columns)))
        check_columns([choice.outcome], None, data)
        values = data[["year", choice.outcome]].rename(columns={choice.outcome: "outcome"})
        made[column] = parse_expression(f"winsor(outcome, {limits[0]}, {limits[1]}, year)").evaluate(values)
    return data.assign(**made)


def _ruled(
    asked: SpecificationCurve,
    choices: Iterable[Choice],
    data: pd.DataFrame,
    samples: Mapping[str, np.ndarray],
    known: Facts,
    level: str,
) -> tuple[list[str], tuple[Note, ...]]:
    """Clusters and what the rules have to say; an InputError that names the choices that a rule refuses."""
    treatments = list(dict.fromkeys(asked.treatment_of(choice) for choice in choices))
    outcomes = list(dict.fromkeys(asked.outcomes))
    cluster = asked.cluster or [level]
    said: list[Note] = []
    problems: list[Problem] = []
    for name, rows in samples.items():
        for label, effects in asked.fixed_effects.items():
            for outcome in outcomes:
                formula = formula_of(dated(outcome, asked.clock.outcome), treatments, effects)
                try:
                    cluster, more = check_design(formula, data, rows, cluster, asked.vcov, known, PANEL)
                except InputError as error:
                    place = f"specifications with fixed_effects {label} and sample {name}"
                    problems += [problem.within(place) for problem in error.problems]
                    continue
                said += more
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    return cluster, tuple(dict.fromkeys(said))
