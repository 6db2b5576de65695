"""From the sections of a study to the tidy results of one of its blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from involution.models.attrition_block import run_attrition
from involution.models.baseline import baseline_models, run_baseline, with_baseline_columns
from involution.models.blocks import run_models
from involution.models.rules import facts
from involution.models.tidy import BlockResult
from involution.models.truth import truth_table
from involution.study.attrition import Attrition
from involution.study.design import PaperDesign
from involution.study.models import Model
from involution.study.truth import Truth


def run_block(
    block: str,
    sections: Mapping[str, Any],
    data: pd.DataFrame,
    *,
    study: str,
    dictionary: pd.DataFrame,
    seed: int,
    draws: int,
) -> BlockResult:
    """Estimate one block of a study.

    Parameters
    ----------
    block : str
        models, baseline or attrition.
    sections : mapping
        The sections of the study that the block uses, as plain data: `study.study.BLOCK_SECTIONS`.
    data : DataFrame
        The analysis panel: all rows of the population, with ``in_sample``.
    study : str
        Name of the study.
    dictionary : DataFrame
        Measures with level, unit, family and whether the panel has them.
    seed, draws : int
        Of the run.

    Raises
    ------
    InputError
        For names that do not exist and designs that a rule refuses: all of them, before anything is estimated.
    """
    definitions = {**sections["derive"], **sections["variables"]}
    options: dict[str, Any] = {
        "study": study,
        "dictionary": dictionary,
        "definitions": definitions,
        "seed": seed,
        "draws": draws,
    }
    models = [Model.model_validate(model) for model in sections.get("models", ())]
    design = PaperDesign.model_validate(sections["design"]) if sections.get("design") else None
    if block == "models":
        return run_models(models, data, **options)
    if block == "baseline":
        assert design is not None
        return run_baseline(design, data, **options)
    attritions = [Attrition.model_validate(item) for item in sections["attrition"]]
    return run_attrition(attritions, models, design, data, **options)


def run_truth(
    sections: Mapping[str, Any],
    planted: pd.DataFrame,
    estimates: pd.DataFrame,
    data: pd.DataFrame,
    *,
    dictionary: pd.DataFrame,
) -> pd.DataFrame:
    """A study's estimates beside the effects planted in its data; no row where it names none.

    Parameters
    ----------
    sections : mapping
        truth, models, design, derive and variables, as plain data.
    planted : DataFrame
        Columns name and truth.
    estimates : DataFrame
        Of all blocks.
    data : DataFrame
        The analysis panel.
    dictionary : DataFrame

    Raises
    ------
    InputError
        For effects, models and terms that do not exist.
    """
    rows = [Truth.model_validate(row) for row in sections["truth"]]
    models = [Model.model_validate(model) for model in sections["models"]]
    if rows and sections["design"]:
        design = PaperDesign.model_validate(sections["design"])
        known = facts(dictionary, {**sections["derive"], **sections["variables"]})
        data, _ = with_baseline_columns(design, data, known)
        models += baseline_models(design, dictionary, known)
    return truth_table(rows, planted, estimates, {model.name: model for model in models}, data)
