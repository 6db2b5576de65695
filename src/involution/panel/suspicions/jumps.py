"""Amounts that jump: units of 1,000 and 10,000, of a year or of a firm, and growth beyond belief."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from involution.panel.columns import kind
from involution.panel.suspicions.finding import Evidence, Finding, Floats, plain

POWERS = (3, 4)
"""Yuan, thousand yuan and ten thousand yuan (wan) are the units in which Chinese accounts come."""
PERCENT = 2
"""Shares and per cent are mixed up as well, but only in columns that are no amounts."""
NEAR = 0.2
"""How far from a power of ten a jump may be: growth by .63 to 1.58 besides. No whole year of a panel grows by more."""
OF_FIRMS = 0.75
"""Share of a year's firms that jump alike when it is their year's unit."""
LEAST_FIRMS = 10
"""Firms from which a median is told; below it chance would speak."""
LEAST_ROWS = 30
"""Rows of each year whose medians are compared where firms are not seen twice."""
GROWTH = 2.0
"""Growth by 100 within a year, in powers of ten; a firm hardly does that, a mistyped or merged row does."""
SIZES = ("revenue", "cogs", "total_assets", "liabilities", "wages", "employees")
"""Columns that say how large a firm is; smaller items, such as interest, jump by themselves."""


def unit_of_year(found: Evidence) -> Iterator[Finding]:
    """Whole years in which columns stand in another unit than in the other years."""
    odd: dict[tuple[tuple[int, ...], float], list[str]] = {}
    for name in found.numeric:
        levels = year_levels(found, name)
        for power in sorted({level for level in levels.values() if level}):
            years = tuple(year for year in found.years if levels[year] == power)
            odd.setdefault((years, 10.0**power), []).append(name)
    for (years, factor), names in odd.items():
        rows = tuple({"year": year, "column": name, "factor": factor} for year in years for name in names)
        yield Finding(
            "unit_of_year",
            int(np.isin(found.year, years).sum()),
            tuple(names),
            rows[:5],
            {"years": _spans(years), "factor": f"{factor:,g}"},
        )


def year_levels(found: Evidence, name: str) -> dict[int, int]:
    """By year, the power of ten by which a column stands above most years; zero where it does not."""
    powers = POWERS if kind(name) in ("money", "count") else (PERCENT, *POWERS)
    growth = found.growth(name)
    level, levels = 0, {found.years[0]: 0}
    for before, year in zip(found.years, found.years[1:], strict=False):
        level += _step(found, name, growth[found.of_year[year]], before, year, powers)
        levels[year] = level
    usual = _usual(list(levels.values()))
    return {year: level - usual for year, level in levels.items()}


def _step(found: Evidence, name: str, growth: Floats, before: int, year: int, powers: tuple[int, ...]) -> int:
    """The power of ten by which a column jumps from one year to the next."""
    known = growth[~np.isnan(growth)]
    if len(known) >= LEAST_FIRMS:
        power = near_power(float(np.median(known)), powers)
        alike = (np.abs(known - power) <= 2 * NEAR).mean() if power else 0.0
        return power if alike >= OF_FIRMS else 0
    values = found.values(name)
    parts = [values[(found.year == when) & (values > 0)] for when in (before, year)]
    if min(map(len, parts)) < LEAST_ROWS:
        return 0
    first, second = (float(np.median(np.log10(part))) for part in parts)
    return near_power(second - first, powers)


def near_power(jump: float, powers: tuple[int, ...] = POWERS) -> int:
    """The power of ten, with its sign, that a jump in decimal logarithms comes near; zero for none."""
    near = [power for power in powers if abs(abs(jump) - power) <= NEAR]
    return int(np.sign(jump)) * near[0] if near else 0


def _usual(levels: list[int]) -> int:
    """The level of most years, the later one where two are as frequent."""
    return max(reversed(levels), key=levels.count)


def _spans(years: tuple[int, ...]) -> str:
    return ", ".join(map(str, years))


def unit_of_firm(found: Evidence) -> Iterator[Finding]:
    """Rows of single firms that jump by 1,000 or 10,000 against the firm's year before."""
    for name in SIZES:
        if name in found.numeric:
            jump = _own_growth(found, name)
            size = np.abs(jump)
            near = np.logical_or.reduce([np.abs(size - power) <= NEAR for power in POWERS])
            yield from _of_rows(found, "unit_of_firm", name, near, jump)


def growth_of_hundred(found: Evidence) -> Iterator[Finding]:
    """Rows that grow or shrink a hundredfold within a year without coming near a unit."""
    for name in SIZES:
        if name in found.numeric:
            jump = _own_growth(found, name)
            size = np.abs(jump)
            near = np.logical_or.reduce([np.abs(size - power) <= NEAR for power in POWERS])
            yield from _of_rows(found, "growth_of_hundred", name, (size >= GROWTH) & ~near, jump)


def _own_growth(found: Evidence, name: str) -> Floats:
    """Growth of firms, free of what is their year's unit."""
    levels = year_levels(found, name)
    place = np.searchsorted(found.years, found.year[found.later])
    level = np.array([levels[year] for year in found.years], dtype=float)
    return np.asarray(found.growth(name) - (level[place] - level[place - 1]))


def _of_rows(found: Evidence, suspicion: str, name: str, held: np.ndarray, jump: Floats) -> Iterator[Finding]:
    held = held & ~np.isnan(jump)
    if not held.any():
        return
    places = np.sort(found.later[held])
    values = found.values(name)
    rows = tuple(
        {**row, f"{name}_l1": plain(values[place - 1])}
        for row, place in zip(found.shown(places, [name]), places, strict=False)
    )
    yield Finding(suspicion, len(places), (name,), rows)
