"""P-values of a table as one family: by hand, against other programs, from influence by cluster."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from involution.errors import InputError
from involution.models.adjusted import adjusted_p_values_of_tables, sharpened
from involution.models.blocks import run_models, spawned_seed
from involution.models.romano_wolf import adjusted, romano_wolf
from involution.study.adjusted import AdjustedAsked, adjusted_asked
from involution.study.models import Model
from involution.study.study import Exhibits
from involution.study.tables import Table

EVERY = ["romano_wolf", "benjamini_hochberg_yekutieli", "benjamini_krieger_yekutieli"]


def asked(**options):
    usual = {"table": "t", "models": ["a", "b"], "methods": EVERY, "family": [], "keep": [], "drop": [], "controls": []}
    return AdjustedAsked(**{**usual, **options})


@pytest.fixture(scope="module")
def found():
    random = np.random.default_rng(5)
    n = 600
    firm = np.repeat(np.arange(60), 10)
    data = pd.DataFrame({"firm": firm, "group": firm % 2, "year": np.tile(np.arange(10), 60), "in_sample": True})
    data[["x", "w", "c"]] = random.normal(size=(n, 3))
    data["y"], data["z"] = 0.12 * data["x"] + random.normal(size=n), 0.08 * data["x"] + random.normal(size=n)
    data["flat"] = 1.0
    models = [
        Model(name="a", formula="y ~ x + w + c | year", cluster="firm"),
        Model(name="b", formula="z ~ x + w + c | year", cluster="firm"),
        Model(name="parts", formula="y ~ x | year", cluster="firm", by="group"),
        Model(name="rough", formula="y ~ x | year", vcov="hetero"),
        Model(name="failed", formula="flat ~ x | year", cluster="firm"),
    ]
    return run_models(models, data, study="s")


def table(found, one, seed=3):
    return adjusted_p_values_of_tables([one], found.estimates, found.influence, study="s", seed=seed, draws=499)


def test_false_discovery_rates_by_hand():
    # Benjamini and Yekutieli: p m / rank times 1 + 1/2 + 1/3, smallest from the largest downwards.
    c = 1 + 1 / 2 + 1 / 3
    assert adjusted([0.01, 0.04, 0.5], "benjamini_yekutieli") == pytest.approx([0.03 * c, 0.06 * c, 0.5 * c])
    # The first stage rejects two of three from q' = .02 x 3/2 on; the second one then goes up to 3 q', and the third,
    # p = .5, enters at q' = 1/6. q = q'/(1 - q').
    assert sharpened([0.01, 0.02, 0.5]) == pytest.approx([0.03 / 0.97, 0.03 / 0.97, 0.2])
    # .02 x 3 = .04 x 3/2: both enter together.
    assert sharpened([0.02, 0.04, 0.9])[:2] == pytest.approx([0.06 / 0.94] * 2)
    assert sharpened([1.0, 1.0]).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("seed", range(5))
def test_sharpened_rates_reject_as_the_two_stage_procedure_at_every_level(seed):
    random = np.random.default_rng(seed)
    p = np.concatenate([random.uniform(size=6) ** 4, random.uniform(size=6)])
    rates = sharpened(p)
    for level in np.arange(0.013, 0.6, 0.0371):
        rejected = multipletests(p, alpha=level, method="fdr_tsbky")[0]
        assert (rates <= level).tolist() == rejected.tolist()


def test_the_family_is_the_terms_shown_that_are_no_controls(found):
    made = table(found, asked(controls=["c"], drop=["w"]))
    assert made[["model", "term"]].to_numpy().tolist() == [["a", "x"], ["b", "x"]]
    assert made["family_size"].tolist() == [2, 2]
    assert table(found, asked(controls=["c"]))["term"].tolist() == ["x", "w", "x", "w"]
    assert table(found, asked(keep=["c"]))["term"].tolist() == ["c", "c"]
    assert table(found, asked(keep=["c"], controls=["c"])).empty
    assert table(found, asked(family=["c"], controls=["c"]))["term"].tolist() == ["c", "c"]


def test_numbers_are_those_of_the_methods(found):
    made = table(found, asked(family=["x", "w"]))
    estimates = found.estimates.set_index(["model", "term"])
    own = [estimates.loc[(model, term), "p_value"] for model, term in made[["model", "term"]].to_numpy()]
    assert made["p_value"].tolist() == own
    assert made["q_by"].to_numpy() == pytest.approx(multipletests(own, method="fdr_by")[1])
    assert made["q_bky"].to_numpy() == pytest.approx(sharpened(own))
    keys = sorted(zip(made["model"], made["term"], strict=True))
    moves = found.influence.set_index(["model", "term"])
    series = [
        pd.Series(moves.loc[key, "value"].to_numpy(), index=moves.loc[key, "cluster"].astype(str).to_numpy())
        for key in keys
    ]
    stepped = romano_wolf(
        [estimates.loc[key, "p_value"] for key in keys], series, draws=499, seed=spawned_seed(3, "table t")
    )
    expected = dict(zip(keys, stepped, strict=True))
    found_p = dict(zip(zip(made["model"], made["term"], strict=True), made["p_romano_wolf"], strict=True))
    assert found_p == pytest.approx(expected)
    assert set(made["stepdown"]) == {"romano_wolf"}
    assert (made["p_romano_wolf"] >= made["p_value"]).all()


def test_only_what_is_asked_for_is_computed(found):
    made = table(found, asked(methods=["benjamini_hochberg_yekutieli"]))
    assert made["q_by"].notna().all()
    assert made[["p_romano_wolf", "q_bky"]].isna().all().all()


def test_models_by_groups_and_models_without_clusters(found):
    made = table(found, asked(models=["parts", "rough"]))
    assert made["model"].tolist() == ["parts[0]", "parts[1]", "rough"]
    assert set(made["stepdown"]) == {"holm"}
    assert made["p_romano_wolf"].to_numpy() == pytest.approx(multipletests(made["p_value"], method="holm")[1])


def test_a_term_that_is_not_there_is_told_unless_a_model_failed(found):
    with pytest.raises(InputError, match="no model of the table has a term 'q'; they have c, w, x"):
        table(found, asked(family=["q"]))
    assert table(found, asked(models=["a", "failed"], family=["q"])).empty


def test_tables_ask_for_it_by_their_keys():
    study = Exhibits(
        design={"outcomes": ["y"], "controls": ["age"], "timing": {"controls": -2}},
        tables=[
            {"name": "one", "models": ["a"], "adjusted": ["romano_wolf"], "family": "x"},
            {"name": "two", "models": ["a"]},
        ],
    )
    (made,) = adjusted_asked(study)
    assert (made.table, made.methods, made.family) == ("one", ["romano_wolf"], ["x"])
    # A formula may write the same control in its own way.
    assert made.controls == ["age_l2", "lag(age,2)", "lag(age, 2)"]
    with pytest.raises(ValueError, match="that name their models"):
        Table(name="t", adjusted=["romano_wolf"])
    with pytest.raises(ValueError, match="name `adjusted` too"):
        Table(name="t", models=["a"], family=["x"])


def test_no_table_asks():
    assert adjusted_p_values_of_tables([], pd.DataFrame(), pd.DataFrame(), study="s", seed=1, draws=99).empty
