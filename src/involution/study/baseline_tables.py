"""The tables of the baseline and of its variations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from involution.study.base import Bilingual, spoken
from involution.study.block_names import baseline_names, shape_names, step_names
from involution.study.design import PaperDesign
from involution.study.robustness import category, robustness_names
from involution.study.tables import DEFAULT_STATISTICS, Panel, Table
from involution.study.timing import dated

if TYPE_CHECKING:
    from involution.study.study import Exhibits

_CATEGORY_TITLES = {
    "outcome": ("Outcome", "结果变量"),
    "treatment": ("Measure and year of the treatment", "处理变量的度量与时点"),
    "sample": ("Sample and extremes", "样本与极端值"),
    "specification": ("Controls and fixed effects", "控制变量与固定效应"),
    "inference": ("Inference", "统计推断"),
    "influence": ("Influence of single groups", "单一组别的影响"),
    "placebo": ("Placebo outcomes", "安慰剂结果变量"),
}
SHAPE_TITLES = {"quadratic": Bilingual(en="Quadratic", zh="二次项"), "regime": Bilingual(en="By regime", zh="分状态")}
HEADLINE = Bilingual(en="Baseline", zh="基准")


def baseline_tables(study: Exhibits) -> list[Table]:
    """The baseline of every outcome; each built up, column by column; the shape of the effects.

    Parameters
    ----------
    study : Exhibits
    """
    design = study.design
    if design is None:
        return []
    treatment = dated(design.treatment, design.timing.treatment)
    names = baseline_names(design)
    tables = [
        Table(
            name="baseline", title=Bilingual(en="Baseline", zh="基准回归"), models=list(names.values()),
            keep=[treatment], controls_row=True,
        )
    ]  # fmt: skip
    tables += [_built_up(design, outcome, treatment) for outcome in names if step_names(design, outcome)]
    shapes = [name for outcome in names for name in shape_names(design, outcome).values()]
    return [*tables, *([_shapes(design, shapes, names)] if shapes else [])]


def _built_up(design: PaperDesign, outcome: str, treatment: str) -> Table:
    """The models that build up to the baseline of an outcome, and the baseline."""
    headline, steps = baseline_names(design)[outcome], step_names(design, outcome)
    titles = {
        steps[step.name]: step.title or Bilingual(en=spoken(step.name), zh=spoken(step.name))
        for step in design.steps
        if step.name in steps
    }
    return Table(
        name=headline, title=Bilingual(en=f"Baseline: {spoken(outcome)}", zh=f"基准回归：{spoken(outcome)}"),
        models=[*steps.values(), headline], keep=[treatment], controls_row=True,
        column_titles={**titles, headline: HEADLINE},
    )  # fmt: skip


def _shapes(design: PaperDesign, models: list[str], names: dict[str, str]) -> Table:
    titles = {name: SHAPE_TITLES[shape] for outcome in names for shape, name in shape_names(design, outcome).items()}
    controls = [dated(name, design.timing.controls) for name in design.controls]
    return Table(
        name="baseline_shape", title=Bilingual(en="Shape of the effect", zh="效应的形状"), models=models,
        drop=controls, controls_row=bool(controls), column_titles=titles,
        statistics=[*DEFAULT_STATISTICS, "lind_mehlum", "slope_low", "slope_high", "extremum", "extremum_ci_low",
                    "extremum_ci_high", "equal_slopes"],
    )  # fmt: skip


def robustness_tables(study: Exhibits) -> list[Table]:
    """All variations of the baseline in one table, a row each, by what they change.

    Parameters
    ----------
    study : Exhibits
    """
    design = study.design
    if design is None or not study.robustness:
        return []
    titles: dict[str, Bilingual] = {}
    members: dict[str, list[str]] = {name: [] for name in _CATEGORY_TITLES}
    for asked in study.robustness:
        names = robustness_names(asked, design)
        members[category(asked)] += names.values()
        titles |= dict.fromkeys(names.values(), asked.called)
    headline = baseline_names(design)[design.outcome]
    panels = [
        Panel(title=None, models=[headline]),
        *(
            Panel(title=Bilingual(en=_CATEGORY_TITLES[name][0], zh=_CATEGORY_TITLES[name][1]), models=models)
            for name, models in members.items()
            if models
        ),
    ]
    title = Bilingual(en="Robustness of the baseline", zh="稳健性检验")
    titled = {headline: HEADLINE, **titles}
    return [Table(name="robustness", kind="robustness", title=title, panels=panels, column_titles=titled)]
