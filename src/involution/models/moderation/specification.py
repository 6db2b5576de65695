"""What moderates what: the treatment, its moderators, and what else is multiplied by either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from involution.errors import InputError, Problem

ESTIMATORS = ("ols", "poisson")
MODERATOR_KEYS = ("by", "about")


@dataclass(frozen=True)
class Moderator:
    """A moderator.

    Attributes
    ----------
    column : str
    about : float or None
        The value at which the treatment's own effect holds; the mean over the rows used where None.
    """

    column: str
    about: float | None = None


@dataclass(frozen=True)
class Specification:
    """An outcome on a treatment times its moderators.

    Attributes
    ----------
    outcome, treatment : str
    moderators : tuple of Moderator
    controls : tuple of str
    with_treatment : tuple of str
        Columns that are multiplied by the treatment too: rivals of the moderators.
    with_moderator : tuple of str
        Columns that are multiplied by each moderator.
    product : bool
        Two moderators, their product and the treatment times it.
    estimator : {"ols", "poisson"}
    """

    outcome: str
    treatment: str
    moderators: tuple[Moderator, ...]
    controls: tuple[str, ...] = ()
    with_treatment: tuple[str, ...] = ()
    with_moderator: tuple[str, ...] = ()
    product: bool = False
    estimator: str = "ols"

    @property
    def moderating(self) -> tuple[str, ...]:
        """Columns of the moderators."""
        return tuple(moderator.column for moderator in self.moderators)

    @property
    def main(self) -> tuple[str, ...]:
        """Columns that enter by themselves, each once: treatment, moderators, rivals, controls."""
        named = (self.treatment, *self.moderating, *self.with_treatment, *self.with_moderator, *self.controls)
        return tuple(dict.fromkeys(named))

    @property
    def interactions(self) -> tuple[tuple[str, ...], ...]:
        """Products of the treatment with moderators, the highest last: what the model is about."""
        pairs = [(self.treatment, name) for name in self.moderating]
        return (*pairs, (self.treatment, *self.moderating)) if self.product else tuple(pairs)

    @property
    def beside(self) -> tuple[tuple[str, ...], ...]:
        """The other products: of two moderators, of rivals with the treatment, of controls with the moderators."""
        products = [self.moderating] if self.product else []
        products += [(self.treatment, name) for name in self.with_treatment]
        products += [(name, by) for name in self.with_moderator for by in self.moderating]
        return tuple(dict.fromkeys(products))


def product_term(columns: Sequence[str]) -> str:
    """The term of a product, as formulas name it: ``x:w``."""
    return ":".join(columns)


def specified(
    outcome: str,
    treatment: str,
    moderator: Any,
    controls: Sequence[str] | str = (),
    with_treatment: Sequence[str] | str = (),
    with_moderator: Sequence[str] | str = (),
    *,
    product: bool = False,
    estimator: str = "ols",
) -> Specification:
    """A specification from what users write.

    Parameters
    ----------
    moderator : str, mapping or sequence of these
        A column, or ``{"by": column, "about": value}``.

    Raises
    ------
    InputError
        For columns that stand in two places, options that do not exist or do not go together.
    """
    moderators = tuple(_moderator(value) for value in _listed(moderator))
    rivals, growth = tuple(_listed(with_treatment)), tuple(_listed(with_moderator))
    taken = {treatment, *(found.column for found in moderators), *rivals, *growth}
    own = tuple(name for name in _listed(controls) if name not in taken)
    specification = Specification(outcome, treatment, moderators, own, rivals, growth, product, estimator)
    problems = problems_of(specification)
    if problems:
        raise InputError(problems)
    return specification


def problems_of(specification: Specification) -> list[Problem]:
    """What is wrong with a specification, whatever the data."""
    moderating, treatment, outcome = specification.moderating, specification.treatment, specification.outcome
    problems = []
    if not moderating:
        problems.append(Problem("moderator", "none is named"))
    if treatment in moderating:
        what = f"'{treatment}' is the treatment: its own square is no moderation"
        problems.append(Problem("moderator", what, mend=f"write I({treatment}^2) in a model of the section models"))
    if len(set(moderating)) < len(moderating):
        problems.append(Problem("moderator", f"one column stands twice in {', '.join(moderating)}"))
    if outcome == treatment:
        problems.append(Problem("treatment", f"'{outcome}' is the outcome too"))
    places = {
        "moderator": moderating,
        "controls": specification.controls,
        "with_treatment": specification.with_treatment,
        "with_moderator": specification.with_moderator,
    }
    problems += [
        Problem(place, f"'{outcome}' is the outcome too") for place, names in places.items() if outcome in names
    ]
    problems += [
        Problem(place, f"'{name}' is the {role} already", mend="name it once")
        for place in ("with_treatment", "with_moderator")
        for name in places[place]
        for role, known in (("treatment", (treatment,)), ("moderator", moderating))
        if name in known
    ]
    if specification.product and len(moderating) != 2:
        what = f"a product is of two moderators, found {len(moderating)}"
        problems.append(Problem("product", what, mend="name two moderators, or leave product out"))
    if specification.estimator not in ESTIMATORS:
        what = f"'{specification.estimator}' is not built; built are {', '.join(ESTIMATORS)}"
        problems.append(Problem("estimator", what))
    return problems


def _moderator(value: Any) -> Moderator:
    if isinstance(value, Moderator):
        return value
    if isinstance(value, Mapping):
        unknown = [str(key) for key in value if key not in MODERATOR_KEYS]
        if unknown or "by" not in value:
            what = f"unknown key '{unknown[0]}'" if unknown else "the key by is missing"
            raise InputError(Problem("moderator", f"{what}; expected by and, if wanted, about"))
        return Moderator(str(value["by"]), None if value.get("about") is None else float(value["about"]))
    return Moderator(str(value))


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, (str, Mapping, Moderator)) else list(value)
