"""All figures of a study, in every language asked for: PDF, PNG and the data behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from involution.errors import InputError
from involution.exhibits.balance import balance_plot
from involution.exhibits.bounds_figure import bounds_figure
from involution.exhibits.breakthrough_figure import breakthrough_figure
from involution.exhibits.coefficients import coefficients, coefficients_in_words
from involution.exhibits.columns import Results
from involution.exhibits.conditional import conditional
from involution.exhibits.contours import contours
from involution.exhibits.distribution import distribution
from involution.exhibits.drawing import saved, style
from involution.exhibits.event_study_figure import event_study_figure
from involution.exhibits.exposure_sensitivity import sensitivity_forest
from involution.exhibits.families import families
from involution.exhibits.heat_map import heat_map
from involution.exhibits.heterogeneity_figure import heterogeneity_figure
from involution.exhibits.labels import Labels, labels_for
from involution.exhibits.marginal import kernel, marginal
from involution.exhibits.over_time import over_time
from involution.exhibits.overlap import overlap
from involution.exhibits.paths import paths
from involution.exhibits.pictures import Material, Picture
from involution.exhibits.placebo_figure import placebo_figure
from involution.exhibits.power_figure import power_figure
from involution.exhibits.quantile_exhibits import quantile_figure
from involution.exhibits.randomisation import randomisation
from involution.exhibits.regions import regions
from involution.exhibits.robustness_figures import leave_out_figure, robustness_figure
from involution.exhibits.rotemberg import rotemberg_figure
from involution.exhibits.sensitivity import sensitivity
from involution.exhibits.sizes import sizes
from involution.exhibits.specification_figure import specification_figure
from involution.exhibits.staggered_figures import bacon_figure, dose_figure, honest_figure
from involution.exhibits.surface import surface
from involution.exhibits.threshold_figure import threshold_figure
from involution.exhibits.variants import variants
from involution.study.base import Bilingual
from involution.study.figures import Figure, default_figures


def build_figures(
    figures: Sequence[Figure],
    study_labels: Mapping[str, Bilingual],
    results: Results,
    analysis: pd.DataFrame,
    dictionary: pd.DataFrame,
    *,
    languages: Sequence[str],
) -> dict[str, bytes]:
    """All figures as files.

    Parameters
    ----------
    figures : sequence of Figure
        Those that the study names; the default ones that its data allow where it names none.
    study_labels : mapping of str to Bilingual
    results : Results
    analysis : DataFrame
        With ``in_sample``: figures of columns are drawn from the estimation sample.
    dictionary : DataFrame
        Of the measures.
    languages : sequence of {"en", "zh"}

    Returns
    -------
    dict of str to bytes
        By file name: .pdf, .png and .csv; languages after the first stand in a folder of their own.

    Raises
    ------
    InputError
        When a figure that the study names is not possible, or Chinese is asked for and no font has it.
    """
    from involution.panel.columns import canonical_columns

    files: dict[str, bytes] = {}
    for position, language in enumerate(languages):
        labels = labels_for(language, study_labels, dictionary, canonical_columns())
        folder = "" if position == 0 else f"{language}/"
        with style(language):
            for figure, picture in pictures_of(figures, results, analysis, dictionary, labels):
                title = title_of(figure, picture, labels)
                files |= {f"{folder}{figure.name}.{kind}": raw for kind, raw in saved(picture.draw, title).items()}
                files[f"{folder}{figure.name}.csv"] = picture.data.to_csv(
                    index=False, float_format="%.17g", lineterminator="\n"
                ).encode()
    return files


def pictures_of(
    figures: Sequence[Figure],
    results: Results,
    analysis: pd.DataFrame,
    dictionary: pd.DataFrame,
    labels: Labels,
) -> list[tuple[Figure, Picture]]:
    """Each figure with its picture, in one language; parameters as for `build_figures`.

    Raises
    ------
    InputError
        When a figure that the study names is not possible.
    """
    material = Material(results, analysis[analysis["in_sample"].astype(bool)], dictionary)
    if figures:
        return [(figure, _KINDS[figure.kind](figure, material, labels)) for figure in figures]
    pictures = []
    models = results.estimates[["block", "model"]].astype(str).drop_duplicates()
    for figure in default_figures(models.itertuples(index=False, name=None)):
        # Nobody asked for these: one that the data do not allow is no mistake of the user's.
        try:
            pictures.append((figure, _KINDS[figure.kind](figure, material, labels)))
        except InputError:
            continue
    return pictures


def title_of(figure: Figure, picture: Picture, labels: Labels) -> str:
    """The title that the study gives, else the picture's own; empty where it has none."""
    return figure.title.get(labels.language) if figure.title else picture.title


def _coefficients(figure: Figure, material: Material, labels: Labels) -> Picture:
    data, draw = coefficients(figure, material.results.estimates, labels)
    return Picture(data, draw, coefficients_in_words(figure, material.results.estimates, labels))


_KINDS = {
    "coefficients": _coefficients,
    "robustness": robustness_figure,
    "leave_out": leave_out_figure,
    "time": over_time,
    "distribution": distribution,
    "heatmap": heat_map,
    "families": families,
    "sizes": sizes,
    "variants": variants,
    "regions": regions,
    "paths": paths,
    "conditional": conditional,
    "sensitivity": sensitivity,
    "breakthrough": breakthrough_figure,
    "randomisation": randomisation,
    "exposure_sensitivity": sensitivity_forest,
    "event_study": event_study_figure,
    "threshold": threshold_figure,
    "surface": surface,
    "marginal": marginal,
    "kernel": kernel,
    "bacon": bacon_figure,
    "honest": honest_figure,
    "dose": dose_figure,
    "heterogeneity": heterogeneity_figure,
    "quantile_regression": quantile_figure,
    "power": power_figure,
    "plausibly_exogenous": bounds_figure,
    "rotemberg": rotemberg_figure,
    "contours": contours,
    "balance": balance_plot,
    "overlap": overlap,
    "placebo": placebo_figure,
    "specification_curve": specification_figure,
}
