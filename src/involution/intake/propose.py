"""From data files to a proposed study file, tried on the data themselves before it is handed over."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from involution.errors import InputError, Problem
from involution.intake.allowed import Allowed, allowed
from involution.intake.chapter import Chapter, chapter
from involution.intake.files import read_files
from involution.intake.mapping import Mapped, mapped
from involution.intake.proposal import Proposal
from involution.panel.columns import canonical_columns

if TYPE_CHECKING:
    from involution.study.study import Study

LISTS = ("robustness", "endogeneity", "mediation", "moderation", "event_study", "heterogeneity", "placebo", "attrition")
ROUNDS = 6
TRIED_ON, MOST_CODES = 40_000, 100
"""Rows, and industries at most, on which a proposal for a large panel is tried."""


def propose(
    paths: Sequence[Path], name: str, output: Path, *, language: str = "en", chosen: Mapping[str, str] | None = None
) -> Proposal:
    """Propose a study of data files.

    Parameters
    ----------
    paths : sequence of Path
    name : str
    output : Path
        Of the study file, from whose folder the data are named.
    language : {"en", "zh"}
        Of the comments.
    chosen : mapping of str to str, optional
        Canonical column: the header that is it.

    Raises
    ------
    InputError
        For files that cannot be read or hold no firm-years, and for accounts from which nothing can be estimated.
    """
    chosen = chosen or {}
    unknown = [column for column in chosen if column not in canonical_columns().index]
    if unknown:
        raise InputError(
            Problem("--column", f"there is no canonical column '{unknown[0]}'", mend="involution dictionary")
        )
    files = read_files(paths, output.resolve().parent, chosen)
    data = mapped(files)
    can = allowed(data)
    return Proposal(name, language, output, data, can, _with_models(chapter(data, can), can, files.main.path.name))


def _with_models(made: Chapter, can: Allowed, file: str) -> Chapter:
    """Where there is no treatment to study, a regression of the accounts, so that the file runs."""
    if "design" in made.sections:
        return made
    if not can.has("revenue", "total_assets"):
        what = "nothing can be estimated from the columns that are recognised in it"
        mend = "at least revenue and total assets are needed; --column 'revenue=HEADER' says which column is what"
        raise InputError(Problem(file, what, (f"recognised: {', '.join(can.columns)}",), mend))
    model = {"name": "size", "formula": "ln_revenue ~ ln_assets | firm + year", "cluster": "firm"}
    kept = {
        name: section for name, section in made.sections.items() if name not in ("hypotheses", "placebo", "attrition")
    }
    return Chapter({**kept, "models": [model]}, made.absent)


def duplicates(data: Mapped) -> pd.DataFrame:
    """Firm-years that stand more than once, each once."""
    keys = data.firm_years[["firm", "year"]]
    return keys[keys.duplicated(keep=False)].drop_duplicates()


def tried(proposal: Proposal) -> Proposal:
    """The proposal without what these data cannot support, each with the reason as a comment.

    The study is read, measured and its models' names and designs are held against the data, as `involution check` does.
    Where the data themselves are at fault, such as firm-years that stand twice, the proposal stays as it is.
    """
    for _ in range(ROUNDS):
        problems = _problems(proposal)
        refused = {path: reason for problem in problems for path, reason in _refused(problem, proposal).items()}
        if not refused:
            return proposal
        proposal = replace(proposal, refused={**proposal.refused, **refused})
        proposal = replace(proposal, chapter=_without_hypotheses(proposal))
    return proposal


def _problems(proposal: Proposal) -> tuple[Problem, ...]:
    """What a check of the proposed file says."""
    from involution.models.run import check_blocks
    from involution.prepared import prepared
    from involution.study import load_study

    folder = proposal.output.resolve().parent
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".involution-") as aside:
        path = Path(aside) / "study.yaml"
        path.write_text(proposal.text, encoding="utf-8")
        try:
            study = _smaller(load_study(path), proposal.data)
            study._path = folder / "study.yaml"
            ready = prepared(study)
            shift_share = (ready.data.shares, ready.data.shocks)
            check_blocks(study, ready.analysis, ready.found.dictionary, ready.data.events, shift_share)
        except InputError as error:
            return error.problems
    return ()


def _smaller(study: Study, data: Mapped) -> Study:
    """The study on whole industries of a large panel, so that a trial takes seconds; otherwise as it is."""
    header = data.panel.table.header("industry")
    if len(data.firm_years) <= TRIED_ON or header is None or not header.isidentifier():
        return study
    sizes = data.panel.table.frame[header].value_counts().sort_index()
    kept = list(sizes.index[sizes.cumsum() <= TRIED_ON])[:MOST_CODES]
    numeric = pd.api.types.is_numeric_dtype(sizes.index)
    listed = ", ".join(f"{code:g}" if numeric else f"'{code}'" for code in kept if numeric or str(code).isalnum())
    if not listed:
        return study
    panel = study.data.panel
    condition = " and ".join(part for part in (panel.filter, f"{header} in [{listed}]") if part)
    smaller = study.data.model_copy(update={"panel": panel.model_copy(update={"filter": condition})})
    return study.model_copy(update={"data": smaller})


def _refused(problem: Problem, proposal: Proposal) -> dict[str, str]:
    """The items that a problem is of: named in its place or in its words."""
    said = f"{problem.where} {problem.what}"
    for section in LISTS:
        for item in _items(proposal, section):
            if re.search(rf"\b{section}\b\W+{re.escape(item)}\b", said):
                return {f"{section}.{item}": problem.what}
    return {}


def _items(proposal: Proposal, section: str) -> list[str]:
    items: list[dict[str, Any]] = proposal.chapter.sections.get(section, [])
    return [str(item["name"]) for item in items if f"{section}.{item['name']}" not in proposal.refused]


def _without_hypotheses(proposal: Proposal) -> Chapter:
    """The chapter without hypotheses on models that are gone."""
    gone = {path.split(".", 1)[1] for path in proposal.refused}
    sections = dict(proposal.chapter.sections)
    stated = sections.get("hypotheses", [])
    kept = [item for item in stated if not any(_of(test["model"], gone) for test in item["tests"])]
    if kept:
        sections["hypotheses"] = kept
    else:
        sections.pop("hypotheses", None)
    return Chapter(sections, proposal.chapter.absent)


def _of(model: str, gone: set[str]) -> bool:
    return any(model == name or model.startswith(f"{name}_") for name in gone)
