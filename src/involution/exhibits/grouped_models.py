"""A section of heterogeneity as its table and its figure read it: the groups' own models and those that compare."""

from __future__ import annotations

from dataclasses import dataclass

from involution.exhibits.columns import Column, Results
from involution.exhibits.content import split_group
from involution.exhibits.own_models import named_or_first

BLOCK = "heterogeneity"
TESTS = ("interaction", "stacked", "permutation")


@dataclass(frozen=True)
class Compared:
    """Models of one section.

    Attributes
    ----------
    name : str
    groups : tuple of Column
        The groups' own regressions, in order.
    tests : dict of str to Column
        By test, those that the section asks for.
    """

    name: str
    groups: tuple[Column, ...]
    tests: dict[str, Column]

    @property
    def by(self) -> str:
        """The column that groups are of; empty where no comparison could be made."""
        return next((column.inside("groups") for column in self.tests.values() if column.inside("groups")), "")

    @property
    def reference(self) -> str:
        """The group that others are compared with: the first that could be estimated."""
        return next((column.group for column in self.groups if not column.failed), "")

    @property
    def treatment(self) -> str:
        """The term that groups differ in: the first regressor."""
        terms = next((column.terms for column in self.groups if not column.failed), [])
        return next((term for term in terms if term != "(Intercept)"), "")

    def difference(self, group: str) -> str:
        """The term of a group's difference from the reference."""
        return f"difference[{self.by}={group}-{self.reference}]"


def sections(results: Results) -> list[str]:
    """Names of the sections of heterogeneity, in order."""
    models = results.models(BLOCK)
    return list(dict.fromkeys(split_group(name)[0] for name in models if split_group(name)[1] is not None))


def compared(name: str, results: Results, where: str) -> Compared:
    """The models of a section; of the study's first where the name is empty.

    Raises
    ------
    InputError
        When the study has no such section.
    """
    section = named_or_first(name, sections(results), BLOCK, BLOCK, where)
    models = results.models(BLOCK)
    groups = [model for model in models if split_group(model)[0] == section and split_group(model)[1] is not None]
    tests = {test: results.column(f"{section}_{test}") for test in TESTS if f"{section}_{test}" in models}
    return Compared(section, tuple(results.column(model) for model in groups), tests)


def p_value_of(column: Column, statistic: str) -> float:
    """The p-value of a statistic; missing where there is none."""
    found = column.statistics.loc[column.statistics["statistic"] == statistic, "p_value"]
    return float(found.iloc[0]) if len(found) else float("nan")
