"""The documents of all exhibits as files, in every language asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from involution.exhibits.columns import Results
from involution.exhibits.documents.latex import latex_document
from involution.exhibits.documents.outline import Outline, outlined
from involution.exhibits.documents.word import word_document
from involution.exhibits.documents.workbook import workbook
from involution.exhibits.figures import pictures_of
from involution.exhibits.labels import labels_for
from involution.exhibits.tables import table_contents
from involution.study.base import Bilingual
from involution.study.study import Exhibits
from involution.study.tables import ALL

FORMATS = ("docx", "tex", "xlsx")
"""Formats that one document of everything exists in."""


def build_documents(
    study: Exhibits,
    title: Bilingual,
    results: Results,
    analysis: pd.DataFrame,
    dictionary: pd.DataFrame,
    drawn: Mapping[str, bytes],
    *,
    formats: Sequence[str],
    languages: Sequence[str],
) -> dict[str, bytes]:
    """``all.docx``, ``all.tex`` and ``all.xlsx``, in the order of the chapter.

    Parameters
    ----------
    study : Exhibits
    title : Bilingual
        Of the documents.
    results : Results
    analysis, dictionary : DataFrame
    drawn : mapping of str to bytes
        PNG of the figures by path: ``time.png``, ``zh/time.png`` for the second language.
    formats : sequence of str
        Those that are none of `FORMATS` are passed over.
    languages : sequence of {"en", "zh"}

    Returns
    -------
    dict of str to bytes
        By file name; languages after the first stand in a folder of their own.

    Raises
    ------
    InputError
        When a table or a figure names what does not exist.
    """
    from involution.panel.columns import canonical_columns

    files: dict[str, bytes] = {}
    for position, language in enumerate(languages):
        labels = labels_for(language, study.labels, dictionary, canonical_columns())
        folder = "" if position == 0 else f"{language}/"
        contents = table_contents(study.all_tables, study.formulas, results, analysis, labels)
        shown = pictures_of(study.figures, results, analysis, dictionary, labels)
        own = {figure.name: drawn[f"{folder}{figure.name}.png"] for figure, _ in shown}
        outline = outlined(title.get(language), study.style, study.all_tables, contents, shown, own, results, labels)
        figures = "../figures" if position == 0 else f"../../figures/{language}"
        for kind in FORMATS:
            if kind in formats:
                files[f"{folder}{ALL}.{kind}"] = _document(outline, kind, figures)
    return files


def _document(outline: Outline, kind: str, figures: str) -> bytes:
    if kind == "docx":
        return word_document(outline)
    return latex_document(outline, figures) if kind == "tex" else workbook(outline)
