"""The section `index`: of what the involution index is made, and how."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from involution.errors import InputError, Problem, nearest
from involution.study.base import ColumnName, Names, Section, Years
from involution.study.problems import problems_of

MEASURES: dict[str, tuple[str, ...]] = {
    "margin_compression": ("gross_margin",),
    "growth_without_profit": (),
    "price_deflation": (),
    "effort_return_gap": (),
    "effort_return_gap_revenue": (),
    "inventory_build": (),
    "mrpk_fall": (),
    "capacity_gap": (),
    "fragmentation": ("hhi",),
    "homogeneity": ("homogeneity_text", "homogeneity_patents"),
    "homogeneity_text": (),
    "homogeneity_patents": (),
    "undercutting": (),
    "gross_margin": (),
    "price_cost_margin": (),
    "n_firms": (),
    "hhi": (),
    "cr4": (),
    "cr8": (),
    "entropy": (),
    "fragmentation_loo": ("hhi_loo",),
    "hhi_loo": (),
    "profit_elasticity": (),
    "lerner_competition": ("price_cost_margin",),
}
"""Measures that a family may name, each with the other measures that are inside it."""

PATENTS = (
    "patents", "patents_invention", "patents_utility", "citations", "patent_persistence", "invention_share",
    "citations_5y", "efficiency", "patent_breadth",
)  # fmt: skip
"""Outcomes that move with the likeness of patents by construction: patents, and what is made of them."""

TEXTS = frozenset(("business_text", "homogeneity_text", "homogeneity"))
"""Columns with one of which `homogeneity` is not made of patents."""

DEFAULT_FAMILIES: dict[str, list[str]] = {
    "squeeze": ["margin_compression", "growth_without_profit", "price_deflation"],
    "effort": ["effort_return_gap", "inventory_build", "capacity_gap"],
    "crowding": ["fragmentation", "homogeneity"],
}
MECHANISM_EFFORT = "effort_return_gap_revenue"
RESERVED = ("own", "pca", "entropy", "critic", "regime", "mechanism", "half_a", "half_b")
"""Endings of `involution_` that are not families."""

_FAMILY = re.compile(r"[a-z][a-z0-9_]*")


class Component(Section):
    """A component of the user's own: a column that a family then names."""

    column: ColumnName = Field(description="Column of the panel, or a measure.")
    level: Literal["firm", "industry"] = Field(
        "firm", description="A firm's own value, which becomes the mean over its peers, or one of the whole industry."
    )
    sign: Literal[1, -1] = Field(1, description="1 where more of it is more involution, -1 where it is less.")


class Index(Section):
    """The involution index: families of components, each oriented so that higher is more involution."""

    families: Annotated[dict[ColumnName, Annotated[Names, Field(min_length=1)]], Field(min_length=1)] = Field(
        DEFAULT_FAMILIES, description="Measures or components of each family; the index is the mean of the families."
    )
    components: dict[ColumnName, Component] = Field(
        default_factory=dict, description="Components of the user's own, by the name under which families name them."
    )
    weighting: Literal["equal", "pca", "entropy", "critic"] = Field(
        "equal", description="Weights of the column `involution`; the other weightings are columns of their own."
    )
    level: ColumnName = Field(
        "industry", description="Column whose firms, in a year, are each other's peers: industry, industry3, industry2."
    )
    min_firms: int = Field(10, ge=2, description="Fewest firms of an industry-year; with fewer the index is missing.")
    min_coverage: float = Field(
        0.8, ge=0, le=1, description="Least share of rows that have a component's inputs, else it is left out."
    )
    base_years: Years | None = Field(
        None, description="Years on which pca, entropy and critic weights are estimated; all unless named."
    )


def parse_index(value: Mapping[str, Any] | Index) -> Index:
    """The section from plain data.

    Raises
    ------
    InputError
        With every mistake found.
    """
    if isinstance(value, Index):
        return value
    problems = check_index({"index": value}, "")
    try:
        index = Index.model_validate(dict(value))
    except ValidationError as error:
        further = [replace(p, where=p.where.replace(": ", ".", 1)) for p in problems_of(error, Index, "index")]
        raise InputError([*problems, *further]) from None
    if problems:
        raise InputError(problems)
    return index


def check_index(study: Mapping[str, Any], where: str) -> list[Problem]:
    """Names in the families that nothing has, that stand twice, or that would hide another column.

    Plain data are enough, so that these mistakes are told together with those of the sections themselves.
    """
    index = study.get("index")
    if not isinstance(index, Mapping):
        return []
    begin = f"{where}: index" if where else "index"
    families, components = (_mapping(index.get(key)) for key in ("families", "components"))
    problems = [
        Problem(f"{begin}.components.{name}", f"'{name}' is already the name of a measure", mend="rename the component")
        for name in components
        if name in MEASURES
    ]
    problems += [*_family_names(families, begin), *_component_names(families, [*MEASURES, *components], begin)]
    return problems


def _mapping(value: Any) -> dict[str, Any]:
    return {str(key): item for key, item in value.items()} if isinstance(value, Mapping) else {}


def _family_names(families: Mapping[str, Any], begin: str) -> Iterator[Problem]:
    for name in families:
        where = f"{begin}.families.{name}"
        if not _FAMILY.fullmatch(name):
            yield Problem(where, "expected a name of small letters, digits and _, beginning with a letter")
        elif name in RESERVED or name.startswith("no_"):
            yield Problem(where, f"the column involution_{name} is another one already", mend="rename the family")


def _component_names(families: Mapping[str, Any], known: list[str], begin: str) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for family, names in families.items():
        for position, name in enumerate([names] if isinstance(names, str) else names or []):
            where = f"{begin}.families.{family}[{position}]"
            if not isinstance(name, str):
                continue
            if name not in known:
                what = f"'{name}' is neither a measure that an index is made of nor a component{nearest(name, known)}"
                mend = "name a measure that has a sign in docs/measures.md, or define it under index.components"
                yield Problem(where, what, mend=mend)
            elif name in seen:
                yield Problem(where, f"'{name}' stands twice (also in {seen[name]})")
            seen.setdefault(name, family)


def ingredients(index: Index, column: str, columns: Collection[str] = ()) -> dict[str, str]:
    """What an index column is made of: columns and measures, each with the component it is in.

    Parameters
    ----------
    index : Index
    column : str
        Such as `involution` or `involution_no_squeeze`; a column of no index is made of nothing.
    columns : collection of str
        Those that the study gives the panel: they decide whether `homogeneity` is that of texts or of patents.
    """
    ending = column.removeprefix("involution").removeprefix("_")
    if not column.startswith("involution"):
        return {}
    if ending in index.families:
        names = index.families[ending]
    elif ending == "mechanism":
        names = [*index.families.get("crowding", []), MECHANISM_EFFORT]
    elif ending == "regime":
        names = ["margin_compression", "fragmentation"]
    elif ending in ("", *RESERVED) or ending.startswith("no_"):
        left_out = ending.removeprefix("no_") if ending.startswith("no_") else None
        names = [name for family, members in index.families.items() if family != left_out for name in members]
    else:
        return {}
    out: dict[str, str] = {}
    for name in names:
        own = index.components.get(name)
        measure = own.column if own else name
        patents = PATENTS if _of_patents(measure, columns) else ()
        out |= dict.fromkeys((measure, *MEASURES.get(measure, ()), *patents), name)
    return out


def _of_patents(measure: str, columns: Collection[str]) -> bool:
    """Whether a measure is the likeness of patents, given the columns of the panel."""
    if measure == "homogeneity" and TEXTS.isdisjoint(columns):
        return any(name == "homogeneity_patents" or name.startswith("ipc_") for name in columns)
    return measure == "homogeneity_patents"
