"""All files of the folder `portable`."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

import pandas as pd

from involution.exhibits.labels import Labels
from involution.exhibits.shown_models import models_shown
from involution.exhibits.tables import title_of
from involution.models.recorded import AGAIN, Recorded
from involution.portable.base_r import base_r
from involution.portable.fixest import fixest
from involution.portable.readme import has_script, readme
from involution.portable.requests import Request, Requests, read_requests
from involution.portable.stata import do_file
from involution.study.tables import Table

FUNCTIONS = "functions.R"
DATA = "data.csv"


def build_portable(
    study: str,
    tables: Sequence[Table],
    estimates: pd.DataFrame,
    blocks: Iterable[tuple[Sequence[Mapping[str, Any]], pd.DataFrame]],
    labels: Sequence[Labels],
) -> dict[str, bytes]:
    """Scripts for every table of regressions, the data they read and a page about them.

    Parameters
    ----------
    study : str
        Its name.
    tables : sequence of study.tables.Table
    estimates : DataFrame
        Of all blocks.
    blocks : iterable of (list of dict, DataFrame)
        Regressions and columns as `models.recorded.united_columns` gives them, of every block.
    labels : sequence of Labels
        One for each language; comments of scripts are in English, labels in the first language.

    Returns
    -------
    dict of str to bytes
        By file name.
    """
    requests = read_requests(blocks)
    shown = {table.name: _requests(table, estimates, requests) for table in tables}
    shown = {name: models for name, models in shown.items() if models}
    files: dict[str, str] = {DATA: _data(requests), "names.csv": _names(requests, labels[0])}
    files[FUNCTIONS] = (resources.files("involution.portable") / FUNCTIONS).read_text("utf-8")
    meant = requests.names.meant
    called = {name: labels[0].term(_called(meant[name])) for name in requests.data.columns}
    titles = {table.name: title_of(table, labels[0]) for table in tables}
    for name, models in shown.items():
        if has_script(models):
            files[f"{name}.do"] = do_file(titles[name], models, requests, called)
            files[f"{name}.R"] = fixest(titles[name], models, requests, called)
            files[f"{name}_base.R"] = base_r(titles[name], models, requests, called)
    for place, own in enumerate(labels):
        files["README.md" if place == 0 else f"README.{own.language}.md"] = readme(study, shown, own)
    return {name: content.encode() for name, content in files.items()}


def _requests(table: Table, estimates: pd.DataFrame, requests: Requests) -> list[Request]:
    """The models of a table; one that no regression is recorded of has its reason."""
    rows = estimates.drop_duplicates("model").set_index("model")
    out = []
    for name in models_shown(table, estimates):
        if name in requests.models:
            out.append(requests.models[name])
        elif name in rows.index:
            estimator, outcome = (str(rows.loc[name, key]) for key in ("estimator", "outcome"))
            out.append(Request(Recorded(name, "", estimator, outcome, reason="several"), {}))
    return out


def _data(requests: Requests) -> str:
    """The data with as many digits as bring every number back; whole numbers without a point."""
    data = requests.data.copy()
    for name in data.columns:
        known = data[name].dropna()
        if len(known) == 0 or ((known % 1 == 0) & (known.abs() < 2**53)).all():
            data[name] = data[name].astype("Int64")
    stream = io.StringIO()
    data.to_csv(stream, index=False, lineterminator="\n")
    return stream.getvalue()


def _names(requests: Requests, labels: Labels) -> str:
    """What each column of the data, and each product that scripts make, is called in the study."""
    meant = requests.names.meant
    rows = [(name, _called(meant[name]), labels.term(_called(meant[name])), "column") for name in requests.data.columns]
    rows += [
        (name, " * ".join(factors), " × ".join(labels.term(_called(meant[factor])) for factor in factors), "product")
        for name, factors in requests.products.items()
    ]
    frame = pd.DataFrame(rows, columns=["name", "study_name", "label", "kind"])
    return str(frame.to_csv(index=False, lineterminator="\n"))


def _called(column: str) -> str:
    """A column's name in the study, without the number that tells two of a name apart."""
    return column.partition(AGAIN)[0]
