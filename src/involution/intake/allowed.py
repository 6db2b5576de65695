"""What the columns of a panel allow: measures, treatment, outcomes, controls, years, groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from involution.intake.mapping import Mapped
from involution.measures.catalogue import catalogue
from involution.measures.registry import REGISTRY, missing_needs
from involution.panel.concordance import province_codes, shorter_codes
from involution.panel.places import MUNICIPALITIES, bare, place_name
from involution.study.index import DEFAULT_FAMILIES, MECHANISM_EFFORT

MIN_FIRMS, MIN_COVERAGE = 10, 0.8
"""Those of the index."""
LEAST_SHARE = 0.03
"""Share of firms from which a group is compared."""
LEVELS = ("industry", "industry3", "industry2")
OUTCOMES = ("rd_intensity", "patents_invention", "patents", "new_product_share")
MEDIATORS = ("gross_margin", "short_termism", "constraint")
_STATE, _PRIVATE, _ABROAD = r"^(11|141|143|151)", r"^17", r"^[23]"


@dataclass(frozen=True)
class Allowed:
    """What a panel allows.

    Attributes
    ----------
    columns : dict of str to float
        Share of rows that have each column.
    measures : list of str
        Measures whose columns are there.
    missing : dict of str to tuple of str
        What each of the other measures lacks.
    level : str
        Whose firms are each other's peers; empty without industries.
    families : dict of str to list of str
        Components of the index by family; none where there is no index.
    mechanism : bool
        Whether there is an index free of the parts of mediators.
    years : tuple of int
    industries : int
        How many there are at `level`.
    groups : list of str
        Values of ownership with enough firms, the largest first; of the classes made of codes of registration, if
        `registered`.
    registered : bool
    complete : float
        Share of firms that are there in every year.
    """

    columns: dict[str, float]
    measures: list[str]
    missing: dict[str, tuple[str, ...]]
    level: str
    families: dict[str, list[str]]
    mechanism: bool
    years: tuple[int, int]
    industries: int
    groups: list[str] = field(default_factory=list)
    registered: bool = False
    municipalities: list[str] = field(default_factory=list)
    complete: float = 0.0

    def has(self, *names: str) -> bool:
        """Whether all of these columns or measures are there."""
        return all(name in self.columns or name in self.measures for name in names)

    @property
    def span(self) -> int:
        """Number of calendar years."""
        return self.years[1] - self.years[0] + 1

    @property
    def treatment(self) -> str:
        """The index, else fragmentation, else nothing."""
        if self.families:
            return "involution"
        return "fragmentation_loo" if "fragmentation_loo" in self.measures and self.level else ""

    @property
    def outcomes(self) -> list[str]:
        """Outcomes of innovation that the panel has; of invention patents and all patents the first."""
        found = [name for name in OUTCOMES if self.has(name)]
        return [name for name in found if name != "patents" or "patents_invention" not in found]

    @property
    def timing(self) -> dict[str, int]:
        """The usual years; a short panel has the outcome in the mediator's year."""
        if self.span >= 6:
            return {"treatment": -1, "mediator": 0, "moderator": -1, "outcome": 1, "controls": -2}
        return {"treatment": -1, "mediator": 0, "moderator": -1, "outcome": 0, "controls": -1}

    @property
    def outcome(self) -> str:
        """The first outcome: of innovation, else the margin, or turnover where the margin is in the index."""
        if self.outcomes:
            return self.outcomes[0]
        choices = ["gross_margin", "asset_turnover"]
        ordered = reversed(choices) if "squeeze" in self.families else choices
        return next((name for name in ordered if self.has(name)), "")

    @property
    def sized(self) -> bool:
        """Whether firms have a size class."""
        return self.has("industry", "employees", "revenue", "total_assets")


def allowed(data: Mapped) -> Allowed:
    """What the panel of a proposal allows."""
    columns = dict(data.columns)
    index = pd.Index(list(columns))
    needs = {entry.name: missing_needs(entry, index) for entry in catalogue()}
    measures = [name for name, lacking in needs.items() if not lacking]
    level, industries = _level(data.firm_years, columns)
    families = _families(measures, columns) if level else {}
    years = data.firm_years["year"].dropna()
    groups, registered = _groups(data.firm_years) if "ownership" in columns else ([], False)
    counts = data.firm_years.groupby("firm")["year"].nunique()
    return Allowed(
        columns=columns,
        measures=measures,
        missing={name: lacking for name, lacking in needs.items() if lacking},
        level=level,
        families=families,
        mechanism="crowding" in families and _covered(MECHANISM_EFFORT, measures, columns),
        years=(int(years.min()), int(years.max())),
        industries=industries,
        groups=groups,
        registered=registered,
        municipalities=_municipalities(data.firm_years),
        complete=float((counts == years.nunique()).mean()),
    )


def _covered(name: str, measures: list[str], columns: Mapping[str, float]) -> bool:
    """Whether a measure can be made and enough rows have each of its columns."""
    return name in measures and all(columns.get(need, 1.0) >= MIN_COVERAGE for need in needs_of(name))


def needs_of(name: str) -> list[str]:
    """The columns that a measure is computed from, followed to the end."""
    entry = REGISTRY.get(name)
    if entry is None:
        return [name]
    return list(dict.fromkeys(need for part in entry.needs for need in needs_of(part)))


def _families(measures: list[str], columns: Mapping[str, float]) -> dict[str, list[str]]:
    """The documented families with the components that can be made; fragmentation alone is no index."""
    found = {
        family: [name for name in names if _covered(name, measures, columns) and not _without(name, columns)]
        for family, names in DEFAULT_FAMILIES.items()
    }
    found = {family: names for family, names in found.items() if names}
    return found if "crowding" in found and len(found) > 1 else {}


def _without(name: str, columns: Mapping[str, float]) -> bool:
    """Likeness of products by patents would be part of an outcome that is patents."""
    return name == "homogeneity" and "business_text" not in columns


def _level(firm_years: pd.DataFrame, columns: Mapping[str, float]) -> tuple[str, int]:
    """The finest level at which most firm-years are among enough firms, and its number of industries."""
    if "industry" not in columns or "industry" not in firm_years:
        return "", 0
    shorter = shorter_codes(firm_years["industry"])
    codes = {"industry": firm_years["industry"], **{str(name): values for name, values in shorter.items()}}
    for level in LEVELS:
        if level not in columns:
            continue
        cells = firm_years.groupby([codes[level], firm_years["year"]])["firm"].transform("size")
        if (cells >= MIN_FIRMS).mean() > 0.5 and codes[level].nunique() > 1:
            return level, int(codes[level].nunique())
    return "", 0


def _municipalities(firm_years: pd.DataFrame) -> list[str]:
    """Values of the provinces that are one city: of the column, else the digits that the panel takes from codes."""
    if "province" in firm_years:
        provinces = sorted(firm_years["province"].dropna().unique())
    elif "region" in firm_years:
        provinces = sorted(province_codes(firm_years["region"]).dropna().unique())
    else:
        return []
    cities = {bare(place_name(code, 2)) for code in MUNICIPALITIES}
    return [province for province in provinces if bare(place_name(province, 2)) in cities]


def _groups(firm_years: pd.DataFrame) -> tuple[list[str], bool]:
    """Kinds of owners with enough firms: as the column has them, or the classes of codes of registration."""
    if "ownership" not in firm_years:
        return [], False
    first = firm_years.dropna(subset=["ownership"]).groupby("firm")["ownership"].first()
    registered = bool(len(first)) and bool(first.str.fullmatch(r"[1-4]\d\d").mean() > MIN_COVERAGE)
    if registered:
        kinds = first.map(lambda code: code)
        classes = {"state": _STATE, "private": _PRIVATE, "abroad": _ABROAD}
        first = pd.Series("other", index=kinds.index)
        for name, pattern in classes.items():
            first[kinds.str.match(pattern)] = name
    shares = first.value_counts(normalize=True).sort_index().sort_values(ascending=False, kind="stable")
    groups = [str(name) for name, share in shares.items() if share >= LEAST_SHARE]
    return (groups if 2 <= len(groups) <= 6 else []), registered
