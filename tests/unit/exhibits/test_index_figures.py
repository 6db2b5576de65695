"""Figures of the index: the numbers drawn, from frames small enough to check by hand, and what cannot be drawn."""

import io
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib import pyplot as plt

from involution.errors import InputError
from involution.exhibits.columns import Results
from involution.exhibits.drawing import CHINESE_FONTS
from involution.exhibits.figures import build_figures, pictures_of, title_of
from involution.exhibits.grouped import MOST_ROWS, WIDEST_LABEL, places, ranked, short
from involution.exhibits.labels import Labels, labels_for
from involution.exhibits.render.wrap import width
from involution.exhibits.report import build_report
from involution.panel.columns import canonical_columns
from involution.study import parse_study
from involution.study.base import Bilingual
from involution.study.figures import Figure, default_figures

from .conftest import DICTIONARY

INDEX = (
    "involution", "involution_squeeze", "involution_effort", "involution_no_squeeze", "involution_no_effort",
    "involution_mechanism", "involution_half_a", "involution_own", "involution_pca", "involution_entropy",
    "involution_critic", "involution_regime",
)  # fmt: skip
NOTHING = Results(*[pd.DataFrame()] * 4, {})
KINDS = {"heatmap", "families", "sizes", "variants", "regions"}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def dictionary():
    table = pd.DataFrame(
        {"name": INDEX, "label_en": INDEX, "label_zh": [f"指数{name}" for name in INDEX], "unit": "SD"}
    )
    return table.reindex(columns=list(DICTIONARY.columns)).fillna("")


@pytest.fixture
def panel():
    """Two years of three industries: A has means 1 and 3, B has -2 and none, C has no index at all."""
    return pd.DataFrame(
        {
            "firm": ["a", "b", "a", "c", "d", "c", "e"],
            "year": [2001, 2001, 2002, 2001, 2001, 2002, 2002],
            "industry": ["A", "A", "A", "B", "B", "B", "C"],
            "region": ["110100", "110100", "110100", "310100", "310100", "310100", "310100"],
            "firm_size": ["micro", "micro", "micro", "small", "small", "small", None],
            "involution": [0.0, 2.0, 3.0, -1.0, -3.0, np.nan, np.nan],
            "involution_squeeze": [1.0, 3.0, 5.0, -2.0, -2.0, 9.0, 9.0],
            "involution_effort": [0.0, 0.0, 1.0, 0.0, -4.0, np.nan, 9.0],
            "involution_own": [1.0, 2.0, 6.0, -1.0, np.nan, 3.0, 4.0],
            "in_sample": True,
        }
    )


def picture(kind, panel, dictionary, language="en", study=None, **keys):
    figure = Figure(name="f", kind=kind, **keys)
    labels = labels_for(language, study or {}, dictionary, canonical_columns())
    [(_, made)] = pictures_of([figure], NOTHING, panel, dictionary, labels)
    return made


def texts(drawing):
    return [text.get_text() for axes in drawing.axes for text in axes.texts]


def test_a_heat_map_holds_the_mean_of_each_cell_the_highest_industry_first(panel, dictionary):
    made = picture("heatmap", panel, dictionary)
    expected = pd.DataFrame(
        {
            "rank": [1, 1, 2, 2],
            "group": ["A", "A", "B", "B"],
            "group_mean": [5 / 3, 5 / 3, -2.0, -2.0],
            "drawn": True,
            "year": [2001, 2002, 2001, 2002],
            "mean": [1.0, 3.0, -2.0, np.nan],
            "rows": [2, 1, 2, 0],
        }
    )
    pd.testing.assert_frame_equal(made.data, expected, check_dtype=False)
    assert "highest A 1.667; lowest B -2.000" in made.words
    assert "1 more have no value and are left out." in made.notes
    assert "1 of 4 cells have no value (hatched)." in made.notes
    assert made.notes[0].startswith("Drawn from the 5 firm-years of the estimation sample")


def test_the_picture_of_a_heat_map_is_its_data_and_white_is_zero(panel, dictionary):
    axes, bar = picture("heatmap", panel, dictionary).draw().axes
    (mesh,) = axes.collections
    np.testing.assert_array_equal(np.ma.filled(mesh.get_array(), np.nan), [[1.0, 3.0], [-2.0, np.nan]])
    assert mesh.norm.vmin == -mesh.norm.vmax == -3.0
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["A", "B"]
    assert bar.get_ylabel() == "involution (SD), mean"
    assert axes.get_legend().get_texts()[0].get_text() == "no value"


def test_a_measure_on_one_side_of_zero_is_white_at_its_mean(panel, dictionary):
    made = picture("heatmap", panel.assign(share=[0.2, 0.2, 0.4, 0.6, 0.6, 0.8, 0.5]), dictionary, column="share")
    assert "White is the mean of the cells, 0.500." in made.notes


def many(count):
    """One row of each group, the group of the highest name the highest."""
    return pd.DataFrame(
        {
            "firm": "f",
            "year": 2001,
            "industry": [f"i{k:03d}" for k in range(count)],
            "involution": np.arange(count) - count / 2,
            "in_sample": True,
        }
    )


@pytest.mark.parametrize("count", [MOST_ROWS, MOST_ROWS + 1, 70])
def test_more_rows_than_can_be_read_are_thinned_to_both_ends(count, dictionary):
    made = picture("heatmap", many(count), dictionary)
    assert len(made.data) == count
    kept = made.data[made.data["drawn"]]
    assert len(kept) == MOST_ROWS
    drawing = made.draw()
    names = [tick.get_text() for tick in drawing.axes[0].get_yticklabels()]
    half = MOST_ROWS // 2
    assert names == [f"i{k:03d}" for k in (*range(count - 1, count - 1 - half, -1), *range(half - 1, -1, -1))]
    between = [text for text in texts(drawing) if "in between not drawn" in text]
    assert len(between) == (count > MOST_ROWS)
    assert any(f"of {count} are drawn" in note for note in made.notes) == (count > MOST_ROWS)


def test_groups_of_equal_means_are_ranked_by_name_and_a_gap_has_a_place():
    table = ranked(many(45).assign(involution=1.0), "involution", "industry")
    assert table["group"].tolist() == sorted(table["group"])
    assert places(table)[[0, 19, 20, 39]].tolist() == [0, 19, 21, 40]


def test_families_are_averaged_where_the_index_is_known(panel, dictionary):
    data = picture("families", panel, dictionary).data.set_index(["panel", "group", "series"])
    means = data["mean"]
    assert means["year", "2001", "involution"] == -0.5
    assert means["year", "2001", "involution_squeeze"] == 0.0
    assert means["year", "2001", "involution_effort"] == -1.0
    assert means["year", "2002", "involution_squeeze"] == 5.0
    assert data["rows"]["year", "2002", "involution_squeeze"] == 1
    assert means["industry", "A", "involution_squeeze"] == 3.0
    assert means["industry", "B", "involution_effort"] == -2.0
    assert data.index.get_level_values("group").unique().tolist() == ["2001", "2002", "A", "B"]


def test_a_family_without_a_value_is_left_out_and_the_others_keep_their_look(panel, dictionary):
    whole = picture("families", panel, dictionary)
    less = picture("families", panel.assign(involution_squeeze=np.nan), dictionary)
    assert "involution_squeeze" not in set(less.data["series"])
    assert "Left out, since no row has a value: involution_squeeze." in less.notes
    looks = [
        {line.get_label(): (line.get_color(), line.get_marker()) for line in made.draw().axes[0].lines}
        for made in (whole, less)
    ]
    assert looks[0]["involution_effort"] == looks[1]["involution_effort"]


def test_families_without_industries_are_drawn_over_the_years_alone(panel, dictionary):
    made = picture("families", panel.drop(columns="industry"), dictionary)
    assert set(made.data["panel"]) == {"year"}
    assert len(made.draw().axes) == 1


def test_size_classes_are_summarised_and_empty_ones_say_so(panel, dictionary):
    made = picture("sizes", panel, dictionary)
    data = made.data.set_index("size")
    assert data.index.tolist() == ["micro", "small", "medium", "large"]
    assert data.loc["micro", ["mean", "median", "p25", "p75"]].tolist() == [3.0, 2.0, 1.5, 4.0]
    assert data.loc["micro", ["p5", "p95"]].tolist() == pytest.approx([1.1, 5.6])
    assert data.loc["small", ["mean", "rows", "firms"]].tolist() == [1.0, 2, 1]
    assert data.loc["large", "rows"] == 0
    (axes,) = made.draw().axes
    assert [tick.get_text() for tick in axes.get_xticklabels()][::3] == ["Micro\nn = 3", "Large\nn = 0"]
    assert "Micro: median 2.000, quartiles 1.500 and 4.000, n = 3" in made.words


@pytest.fixture
def weighted(panel):
    """Four rows whose correlations are 1, -1 and 0; a variant that is missing and one that does not vary."""
    return panel.head(4).assign(
        involution=[0.0, 1.0, 2.0, 3.0],
        involution_pca=[0.0, 2.0, 4.0, 6.0],
        involution_critic=[3.0, 2.0, 1.0, 0.0],
        involution_own=[1.0, -1.0, -1.0, 1.0],
        involution_entropy=np.nan,
        involution_mechanism=1.0,
    )


def test_variants_are_correlated_and_what_cannot_be_is_said(weighted, dictionary):
    made = picture("variants", weighted, dictionary)
    found = made.data.set_index(["row", "column"])["correlation"]
    assert list(found.index.get_level_values("row").unique()) == [
        "involution",
        "involution_pca",
        "involution_critic",
        "involution_own",
    ]
    assert found["involution_pca", "involution"] == pytest.approx(1)
    assert found["involution_critic", "involution"] == pytest.approx(-1)
    assert found["involution_own", "involution"] == pytest.approx(0)
    assert len(found) == 10
    assert set(made.data["rows"]) == {4}
    missing = "involution_entropy, involution_no_squeeze, involution_no_effort"
    assert made.notes[1:] == (
        f"Left out, since no row has a value: {missing}.",
        "Left out, since the value does not vary: involution_mechanism.",
    )
    assert sorted(texts(made.draw()))[-1] == "1.00"


def test_named_variants_are_those_drawn(weighted, dictionary):
    made = picture("variants", weighted, dictionary, columns=["involution_own", "involution_squeeze"])
    assert made.data["row"].tolist() == ["involution_own", "involution_squeeze", "involution_squeeze"]
    assert len(made.notes) == 1


def test_regions_are_ranked_with_the_spread_of_their_firm_years(panel, dictionary):
    made = picture("regions", panel, dictionary, study={"110100": Bilingual(en="Beijing", zh="北京")})
    data = made.data.set_index("group")
    assert data["rank"].to_dict() == {"all": 0, "110100": 1, "310100": 2}
    assert data.loc["110100", ["mean", "p25", "p75", "rows"]].tolist() == [5 / 3, 1.0, 2.5, 3]
    assert data.loc["310100", ["mean", "p25", "p75", "rows"]].tolist() == [-2.0, -2.5, -1.5, 2]
    assert data.loc["all", "mean"] == pytest.approx(0.2)
    names = [tick.get_text() for tick in made.draw().axes[0].get_yticklabels()]
    assert names == ["Beijing", "310100"]


def test_rows_outside_the_sample_are_not_drawn(panel, dictionary):
    outside = panel.assign(in_sample=panel["industry"] != "B")
    assert set(picture("heatmap", outside, dictionary).data["group"]) == {"A"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_order_of_rows_decides_nothing(kind, panel, weighted, dictionary):
    rows = (weighted if kind == "variants" else panel).assign(
        involution=lambda frame: frame["involution"] / 3, involution_own=lambda frame: frame["involution_own"] / 7
    )
    first = picture(kind, rows, dictionary)
    again = picture(kind, rows.sample(frac=1, random_state=4), dictionary)
    pd.testing.assert_frame_equal(first.data, again.data, check_exact=True)
    assert (first.words, first.notes) == (again.words, again.notes)


@pytest.mark.parametrize(
    ("keys", "dropped", "message"),
    [
        ({"kind": "heatmap"}, "industry", "there is no column 'industry'"),
        ({"kind": "heatmap", "column": "involutoin"}, None, "no column 'involutoin'; the nearest is 'involution'"),
        ({"kind": "heatmap", "column": "industry"}, None, "the column 'industry' is not numeric"),
        ({"kind": "families"}, "involution", "there is no column 'involution'"),
        ({"kind": "families"}, ["involution_squeeze", "involution_effort"], "no family of the index has a value"),
        ({"kind": "sizes"}, "firm_size", "there is no column 'firm_size'"),
        ({"kind": "variants"}, ["involution", "involution_own"], "two variants of the index are the least"),
        ({"kind": "variants", "columns": ["x"]}, None, "there is no column 'x'"),
        ({"kind": "regions"}, "region", "there is no column 'region'\n  mend: name another column under `by`"),
        ({"kind": "regions", "by": "city"}, None, "there is no column 'city'"),
    ],
)
def test_a_named_figure_that_is_not_possible_says_why(keys, dropped, message, panel, dictionary):
    rows = panel.drop(columns=dropped or [])
    with pytest.raises(InputError) as caught:
        picture(keys.pop("kind"), rows, dictionary, **keys)
    assert str(caught.value).startswith("figure 'f': ")
    assert message in str(caught.value)


def test_a_column_without_a_value_cannot_be_drawn(panel, dictionary):
    with pytest.raises(InputError, match="no row of the estimation sample has a value of 'involution' and 'industry'"):
        picture("heatmap", panel.assign(involution=np.nan), dictionary)


def names_drawn(results, rows, dictionary):
    pictures = pictures_of([], results, rows, dictionary, Labels("en"))
    return [figure.name for figure, _ in pictures]


def test_a_study_that_names_no_figure_gets_what_its_data_allow(results, analysis, panel, dictionary):
    assert names_drawn(results, analysis, DICTIONARY) == ["coefficients"]
    every = [figure.name for figure in default_figures()]
    assert names_drawn(results, panel, dictionary) == every
    no_region = panel.drop(columns=["region", "firm_size"])
    assert names_drawn(results, no_region, dictionary) == [
        name for name in every if name not in ("index_regions", "index_sizes")
    ]
    assert names_drawn(results, panel.assign(in_sample=False), dictionary) == ["coefficients"]


def test_the_report_shows_the_figures_that_were_drawn(results, panel, dictionary):
    study = parse_study(
        {
            "name": "s",
            "data": {"panel": {"source": "x.csv", "columns": {"firm": "f", "year": "y"}}},
            "models": [{"name": "first", "formula": "involution ~ involution_own"}],
            "tables": [{"name": "t", "models": ["first"]}],
        }
    )
    rows = panel.drop(columns="region")
    files = build_figures(study.figures, {}, results, rows, dictionary, languages=["en"])
    pngs = {name.removesuffix(".png"): content for name, content in files.items() if name.endswith(".png")}
    account = {
        "rows_read": 7,
        "sources": [],
        "steps": [],
        "joins": [],
        "shape": {"rows": 7, "firms": 5, "years": [1, 2]},
    }
    page = build_report(study, results, account, rows, dictionary, pngs, language="en", seed=7).decode()
    assert sorted(re.findall('id="figure-(.*?)"', page)) == sorted(pngs)
    assert "highest A 1.667; lowest B -2.000" in page
    assert "<figcaption>Drawn from the 5 firm-years" in page


def test_figures_of_the_index_are_files_and_the_same_bytes_every_time(results, panel, dictionary):
    made = [build_figures([], {}, results, panel, dictionary, languages=["en"]) for _ in range(2)]
    assert made[0] == made[1]
    names = {figure.name for figure in default_figures()}
    assert set(made[0]) == {f"{name}.{ending}" for name in names for ending in ("pdf", "png", "csv")}
    written = pd.read_csv(io.BytesIO(made[0]["index_regions.csv"]), dtype={"group": str})
    pd.testing.assert_frame_equal(
        written, picture("regions", panel, dictionary).data, check_dtype=False, check_exact=True
    )


def test_figures_of_the_index_speak_chinese(panel, dictionary, weighted):
    for kind in sorted(KINDS):
        rows = weighted if kind == "variants" else panel
        made = picture(kind, rows, dictionary, language="zh")
        figure = Figure(name="f", kind=kind)
        for text in (made.words, *made.notes, title_of(figure, made, Labels("zh"))):
            assert any("\u4e00" <= symbol <= "\u9fff" for symbol in text), text
    assert picture("sizes", panel, dictionary, language="zh").words.count("微型") == 1


def test_figures_of_the_index_have_every_chinese_character(results, panel, dictionary):
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    if not known & set(CHINESE_FONTS):
        pytest.skip("no font with Chinese characters")
    files = build_figures([], {}, results, panel, dictionary, languages=["en", "zh"])
    assert files["zh/index_sizes.png"] != files["index_sizes.png"]
    assert files["zh/index_sizes.csv"] == files["index_sizes.csv"]


def test_a_title_of_the_study_replaces_the_figures_own(panel, dictionary):
    made = picture("sizes", panel, dictionary)
    own, named = Figure(name="f", kind="sizes"), Figure(name="f", kind="sizes", title="Mine")
    assert title_of(own, made, Labels("en")) == "involution_own, by firm size"
    assert title_of(named, made, Labels("en")) == "Mine"


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("C131", "C131"),
        ("Manufacture of computers and other electronic equipment", "Manufacture of computer…ic equipment"),
        ("计算机、通信和其他电子设备及其配套产品的制造业和维修业", "计算机、通信和其他电子…造业和维修业"),
    ],
)
def test_a_long_name_loses_its_middle(label, shown):
    assert short(label) == shown
    assert width(shown) <= WIDEST_LABEL


def test_a_key_that_a_figure_has_no_use_for_is_refused():
    study = {
        "name": "s",
        "data": {"panel": {"source": "x.csv", "columns": {"firm": "f", "year": "y"}}},
        "models": [{"name": "m", "formula": "y ~ x"}],
        "figures": [{"name": "f", "kind": "families", "column": "involution_own", "highlight": ["C13"]}],
    }
    with pytest.raises(InputError, match=r"figures\[0\]: a figure of kind families has no use for column, highlight"):
        parse_study(study)
