"""Figures of a mediation: what is drawn, what is said of it, and that no label meets another."""

import io
import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib import pyplot as plt

from involution.errors import InputError
from involution.exhibits.coefficients import coefficients
from involution.exhibits.curves import ranges_without_zero
from involution.exhibits.drawing import CHINESE_FONTS, style
from involution.exhibits.figures import build_figures, pictures_of
from involution.exhibits.labels import Labels
from involution.exhibits.path_layout import Lane, Path, path_layout
from involution.exhibits.render.wrap import fitted, width
from involution.study.base import Bilingual
from involution.study.figures import Figure, default_figures

from .conftest import DICTIONARY
from .mediated import EFFECTS, MEDIATORS, MODERATOR, OUTCOME, TREATMENT, made_up

ROWS = pd.DataFrame({"in_sample": [True]})
LONG = "Wide and weighty words of forty letters."
LONG_CHINESE = "以规模年龄与现金持有衡量的企业融资与资源约束紧张程度的综合性指数滞后一期标准化取值"


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def picture(results, kind, model="m", labels=None):
    figure = Figure(name="f", kind=kind, model=model)
    [(_, made)] = pictures_of([figure], results, ROWS, DICTIONARY, labels or Labels("en"))
    return made


def long_labels(text):
    names = (TREATMENT, OUTCOME, MODERATOR, *MEDIATORS, "idle_1", "idle_2", "idle_3")
    return {name: Bilingual(en=text, zh=text) for name in names}


@pytest.mark.parametrize("kind", ["paths", "conditional", "sensitivity"])
def test_each_figure_has_pdf_png_and_data_the_same_every_time(mediated, kind):
    figure = Figure(name="f", kind=kind, model="oracle")
    made = [build_figures([figure], {}, mediated, ROWS, DICTIONARY, languages=["en"]) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0]["f.png"].startswith(b"\x89PNG")
    assert made[0]["f.pdf"].startswith(b"%PDF")
    assert len(pd.read_csv(io.BytesIO(made[0]["f.csv"]))) > 0


def boxes_of(drawing):
    """Texts with their extents, and extents of the boxes, in pixels."""
    renderer = drawing.canvas.get_renderer()
    axes = drawing.axes[0]
    texts = [text for text in axes.texts if text.get_text()]
    patches = [patch for patch in axes.patches if hasattr(patch, "get_boxstyle")]
    return [(text, text.get_window_extent(renderer)) for text in texts], [p.get_window_extent() for p in patches]


def check_nothing_meets(drawing):
    texts, boxes = boxes_of(drawing)
    for (one, first), (other, second) in itertools.combinations(texts, 2):
        assert not first.overlaps(second), (one.get_text(), other.get_text())
    for text, extent in texts:
        inside = [box for box in boxes if box.overlaps(extent)]
        # A text lies in one box wholly, or in none at all.
        assert len(inside) <= 1, text.get_text()
        if inside:
            [box] = inside
            assert box.x0 <= extent.x0 <= extent.x1 <= box.x1, text.get_text()
            assert box.y0 <= extent.y0 <= extent.y1 <= box.y1, text.get_text()
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)


@pytest.mark.parametrize("model", ["one", "plain", "oracle", "six", "chain"])
@pytest.mark.parametrize("text", [None, LONG, "a_name_without_spaces_that_goes_on_and_on"])
def test_no_label_of_a_path_diagram_meets_another(mediated, model, text):
    labels = Labels("en", long_labels(text) if text else {})
    with style("en"):
        check_nothing_meets(picture(mediated, "paths", model, labels).draw())


@pytest.mark.parametrize("model", ["one", "oracle", "six"])
def test_no_label_of_a_path_diagram_meets_another_in_chinese(mediated, model):
    if not {entry.name for entry in font_manager.fontManager.ttflist} & set(CHINESE_FONTS):
        pytest.skip("no font with Chinese characters")
    with style("zh"):
        check_nothing_meets(picture(mediated, "paths", model, Labels("zh", long_labels(LONG_CHINESE))).draw())


def test_the_paths_drawn_are_the_estimates(mediated):
    data = picture(mediated, "paths", "oracle").data.set_index("term")
    expected = mediated.estimates.query("model == 'oracle'").set_index("term").loc[data.index]
    for name in ("estimate", "std_error", "p_value", "ci_low", "ci_high"):
        np.testing.assert_array_equal(data[name], expected[name])
    assert tuple(data.loc["a[latent_margin]", ["from", "to"]]) == (TREATMENT, "latent_margin")
    assert tuple(data.loc["a[latent_constraint]:finance_l1", ["from", "to"]]) == (MODERATOR, "a[latent_constraint]")
    assert tuple(data.loc["direct", ["from", "to"]]) == (TREATMENT, OUTCOME)


def said(drawing):
    return "\n".join(text.get_text() for text in drawing.axes[0].texts)


def test_estimates_stand_on_the_arrows_with_stars_and_errors():
    drawn = said(picture(made_up(EFFECTS), "paths").draw())
    for text in ("−0.500***\n(0.100)", "0.200*\n(0.100)", "Direct −0.060 (0.040)", "Total effect −0.300*** (0.050)"):
        assert text in drawn


def test_paths_that_are_not_significant_are_dashed():
    drawing = picture(made_up(EFFECTS), "paths").draw()
    arrows = [patch for patch in drawing.axes[0].patches if not hasattr(patch, "get_boxstyle")]
    # a[m1] and b[m1] are solid; a[m2], b[m2] and the direct path are not.
    assert [arrow.get_linestyle() in ("-", "solid") for arrow in arrows] == [True, True, False, False, False]


def test_a_chain_of_mediators_is_drawn_and_its_other_links_are_written_below():
    serial = (
        *EFFECTS,
        ("a[m3]", 0.1, 0.01, 0.0, 0.08, 0.12),
        ("b[m3]", 0.1, 0.01, 0.0, 0.08, 0.12),
        ("indirect[m3]", 0.01, 0.01, 0.3, -0.01, 0.03),
        ("d[m2,m1]", 0.25, 0.01, 0.0, 0.2, 0.3),
        ("d[m3,m1]", 0.35, 0.01, 0.0, 0.3, 0.4),
        ("indirect[m1>m2]", 0.01, 0.01, 0.3, -0.01, 0.03),
    )
    drawing = picture(made_up(serial), "paths").draw()
    check_nothing_meets(drawing)
    drawn = said(drawing)
    assert "0.250***\n(0.010)" in drawn
    assert "Effect of m1 on m3: 0.350*** (0.010)" in drawn


def test_a_decomposition_without_a_direct_effect_is_drawn_without_one():
    parts = tuple(row for row in EFFECTS if row[0] not in ("total", "direct"))
    drawn = said(picture(made_up(parts), "paths").draw())
    assert "Direct" not in drawn
    assert "Total effect" not in drawn
    assert "Total indirect effect −0.240*** (0.060)" in drawn


def test_boxes_of_a_layout_keep_off_each_other_and_arrows_end_at_them():
    path = Path("a", ("−0.123***", "(0.012)"), "A moderator with a rather long name", "a:w", ("0.1", "(0.1)"))
    plain = Path("b", ("0.1", "(0.1)"))
    found = path_layout("X", "Y", [Lane("One", path, plain), Lane("Two", plain, path, plain)], path)
    edges = {round(x, 9) for box in found.boxes for x in (box.left, box.left + box.width)}
    for arrow in found.arrows:
        if arrow.level:
            assert {round(arrow.start[0], 9), round(arrow.end[0], 9)} <= edges
    assert all(box.top >= 0 and box.top + box.height <= found.height + 1e-9 for box in found.boxes)


def test_lines_of_a_box_are_never_wider_than_it():
    for text in ("involution_mechanism_l1", "x" * 50, LONG_CHINESE, LONG):
        assert all(width(line) <= 12 for line in fitted(text, 12))
        assert "".join(fitted(text, 12)).replace(" ", "") == text.replace(" ", "")
    assert fitted("involution_mechanism_l1", 14) == ["involution_", "mechanism_l1"]


@pytest.mark.parametrize("kind", ["paths", "conditional", "sensitivity"])
def test_the_causal_status_stands_first_under_every_figure(mediated, kind):
    for language in ("en", "zh"):
        labels = Labels(language)
        status = mediated.notes.query("model == 'oracle' and code == 'mediation_status'")[f"text_{language}"].iloc[0]
        assert picture(mediated, kind, "oracle", labels).notes[0] == labels.said(status)


def test_who_cannot_see_the_diagram_is_told_its_numbers():
    words = picture(made_up(EFFECTS), "paths").words
    for number in ("−0.300", "−0.200", "−0.040", "−0.060"):
        assert number in words


def curve(name, x, estimate, low, high):
    return [("made_up", "mediation", "m", name, *point) for point in zip(x, estimate, low, high, strict=True)]


MODERATED = (*EFFECTS, ("a[m1]:w", 0.1, 0.01, 0.0, 0.08, 0.12))
OVER_W = [
    *curve("conditional[m1,w]", [0, 1, 2, 3], [-0.2, -0.1, 0, 0.1], [-0.3, -0.15, -0.1, 0.05], [-0.1, -0.05, 0.1, 0.2]),
    *curve("support[w]", [0.5, 1.5, 2.5], [5, 9, 2], [np.nan] * 3, [np.nan] * 3),
]


def test_an_indirect_effect_is_drawn_over_its_moderator_with_the_sample_below():
    made = picture(made_up(MODERATED, curves=OVER_W), "conditional")
    assert list(made.data["estimate"]) == [-0.2, -0.1, 0, 0.1, 5, 9, 2]
    assert (
        made.words
        == "m1 over w: -0.200 at 0.00, 0.100 at 3.00, the band leaves out zero for 0.00 to 1.00, 3.00 to 3.00"
    )
    upper, lower = made.draw().subfigs[0].axes
    assert [line.get_ydata()[0] for line in upper.lines if len(set(line.get_ydata())) == 1] == [0]
    assert [bar.get_height() for bar in lower.patches] == [5, 9, 2]


def test_ranges_without_zero_are_runs_of_the_grid():
    grid = pd.DataFrame({"x": [0.0, 1, 2, 3], "ci_low": [-1, 1, 1, -1], "ci_high": [1, 2, 2, -0.5]})
    assert ranges_without_zero(grid) == [(1.0, 3.0)]
    assert ranges_without_zero(grid.assign(ci_low=-1, ci_high=1)) == []


def test_rho_star_is_marked_and_labelled():
    rho = np.linspace(-0.9, 0.9, 7)
    curves = curve("rho[m1]", rho, -0.2 + rho, -0.3 + rho, -0.1 + rho)
    star = ("rho_star[m1]", 0.2, 0.05, np.nan, 0.1, 0.3)
    made = picture(made_up((*EFFECTS, star), curves=curves), "sensitivity")
    assert made.words == "m1: -0.200 at ρ = 0, zero at ρ* = 0.20"
    [axes] = made.draw().subfigs[0].axes
    assert [text.get_text() for text in axes.texts] == ["ρ* = 0.20"]
    assert picture(made_up(EFFECTS, curves=curves), "sensitivity").words == (
        "m1: -0.200 at ρ = 0, zero nowhere on the curve"
    )


@pytest.mark.parametrize(
    ("kind", "model", "message"),
    [
        ("paths", "oracel", "figure 'f': there is no mediation 'oracel'; the nearest is 'oracle'"),
        ("conditional", "plain", "figure 'f': the mediation 'plain' has no moderator of a channel"),
    ],
)
def test_figures_of_what_does_not_exist_are_refused(mediated, kind, model, message):
    with pytest.raises(InputError, match=message):
        picture(mediated, kind, model)


def test_figures_without_their_curve_are_refused(results):
    with pytest.raises(InputError, match="figure 'f': the mediation 'm' has no curve over the error correlation"):
        picture(made_up(EFFECTS), "sensitivity")
    with pytest.raises(InputError, match="has no curve of an indirect effect over its moderator"):
        picture(made_up(MODERATED), "conditional")
    with pytest.raises(InputError, match="figure 'f': the study has no mediation"):
        picture(results, "paths")


@pytest.mark.parametrize("kind", ["paths", "conditional", "sensitivity"])
def test_a_mediation_that_failed_says_so_in_its_figures(mediated, kind):
    made = picture(mediated, kind, "failing")
    assert made.words == "failing: not estimated"
    assert any("no variation" in note for note in made.notes)
    made.draw()


def test_a_study_that_names_no_figure_gets_those_of_each_mediation(mediated):
    names = [figure.name for figure, _ in pictures_of([], mediated, ROWS, DICTIONARY, Labels("en"))]
    assert {"oracle_paths", "oracle_conditional", "oracle_sensitivity", "one_paths"} <= set(names)
    assert "one_conditional" not in names
    assert [figure.kind for figure in default_figures([("mediation", "m")])][-3:] == [
        "paths",
        "conditional",
        "sensitivity",
    ]


def test_a_plot_of_all_coefficients_leaves_out_what_has_no_common_axis(mediated):
    data, _ = coefficients(Figure(name="f", kind="coefficients"), mediated.estimates, Labels("en"))
    assert set(data["model"]) == {f"oracle_{name}" for name in MEDIATORS}
    chosen = Figure(name="f", kind="coefficients", models=["oracle"], keep=["total", "direct", "indirect[total]"])
    _, draw = coefficients(chosen, mediated.estimates, Labels("en"))
    [axes] = draw().axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [
        "Total effect",
        "Direct effect",
        "Total indirect effect",
    ]
