"""The tables as files: the same bytes for a seed, Chinese headers, units, and the study that reads them."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import involution as inv
from involution.cli import main
from involution.errors import InputError
from involution.measures import analysis_sample, measure
from involution.panel import build_panel
from involution.simulate import planted_effects, simulate
from involution.simulate.write import TABLES, chinese, sized, source_bytes, table_bytes, write_simulated

ROOT = Path(__file__).parents[3]
STUDY = ROOT / "studies" / "sme_simulated.yaml"


def test_reading_a_csv_back_gives_the_numbers_that_were_written(small, tmp_path):
    paths = write_simulated(small, tmp_path / "out")
    assert [path.name for path in paths] == [f"{name}.csv" for name in TABLES]
    codes = dict.fromkeys(["firm", "region", "industry"], str)
    back = pd.read_csv(paths[0], dtype=codes, float_precision="round_trip")
    pd.testing.assert_frame_equal(back, small.accounts, check_exact=True)
    assert b"\r" not in paths[0].read_bytes()


def test_parquet_holds_the_same_table(small, tmp_path):
    paths = write_simulated(small, tmp_path, "parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(paths[0]), small.accounts, check_exact=True)


def test_chinese_files_are_in_gb18030_and_thousand_yuan(small):
    raw = table_bytes(small.accounts, "csv", "zh")
    header = raw.split(b"\n")[0].decode("gb18030")
    assert header.startswith("企业,年份,行业,地区")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    for name in TABLES:
        table = getattr(small, name)
        shown = chinese(table)
        assert not shown.columns.duplicated().any()
        assert not any(column.isascii() for column in shown.columns), name
    shown = chinese(small.accounts)
    assert shown["营业收入"].to_numpy() == pytest.approx(small.accounts["revenue"].to_numpy() / 1_000)
    assert (shown["员工人数"].to_numpy() == small.accounts["employees"].to_numpy()).all()


def run(folder: Path, *, threads: int, hash_seed: int) -> dict[str, bytes]:
    """Files that the command writes in a process of its own."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {**os.environ, **dict.fromkeys(names, str(threads)), "PYTHONHASHSEED": str(hash_seed)}
    command = [sys.executable, "-m", "involution.cli", "simulate", str(folder), "--firms", "480", "--seed", "7"]
    subprocess.run([*command, "--format", "parquet"], check=True, env=environment, capture_output=True)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_threads_and_hash_seeds_do_not_change_a_byte(tmp_path):
    one = run(tmp_path / "one", threads=1, hash_seed=1)
    two = run(tmp_path / "two", threads=2, hash_seed=2)
    assert sorted(one) == sorted(f"{name}.parquet" for name in TABLES)
    assert one == two


def test_the_command_says_what_it_wrote_and_refuses_what_it_cannot(tmp_path, capsys):
    assert main(["simulate", str(tmp_path / "out"), "--firms", "480", "--seed", "0"]) == 0
    said = capsys.readouterr().out
    assert "firm-years of" in said
    assert "seed 0" in said
    assert f"written: {tmp_path / 'out' / 'accounts.csv'}" in said
    truth = pd.read_csv(tmp_path / "out" / "truth.csv").set_index("name")["truth"]
    assert truth.to_dict() == pytest.approx(planted_effects(sized(480)))
    for wrong, status, found in (
        (["--firms", "100"], 1, "too few"),
        (["--seed", "-1"], 2, "greater than or equal to 0"),
    ):
        assert main(["simulate", str(tmp_path / "none"), *wrong]) == status
        assert found in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_a_source_is_the_table_of_its_seed_and_size():
    raw = source_bytes("simulate:regions?seed=3&firms=600")
    assert raw == table_bytes(simulate(sized(600), 3).regions, "parquet")
    assert source_bytes("simulate:regions?seed=4&firms=600") != raw


@pytest.mark.parametrize("source", ["simulate:account", "simulate:accounts?seed=x", "simulate:accounts?size=5"])
def test_a_source_that_does_not_exist_is_an_error(source):
    with pytest.raises(InputError, match="not a simulated table"):
        source_bytes(source)


@pytest.fixture(scope="module")
def shipped():
    """The shipped study, with fewer firms, up to its analysis sample."""
    study = inv.load_study(STUDY)
    tables = ("accounts", "regions", "industries", "pilots", "instruments", "shares", "shocks")
    fewer = {f"simulate:{table}": f"simulate:{table}?firms=900" for table in tables}
    data = study.data.model_dump(mode="json", by_alias=True)
    for part in (data["panel"], *data["join"], *data["cohorts"].values(), *data["shift_share"].values()):
        part["source"] = [fewer[source] for source in part["source"]]
    panel, report = build_panel(type(study.data).model_validate(data), study.derive, study.population, study.resolve)
    return study, report, analysis_sample(measure(panel), study.variables, study.sample)[0]


def test_the_shipped_study_reads_every_table_without_loss(shipped):
    _, report, analysis = shipped
    # Three joins of all firms; that of the strength of events, and their cohorts: most firms have none.
    unmatched = [join["unmatched_panel_rows"] for join in report["joins"]]
    assert unmatched[:2] == [0, 0]
    assert unmatched[3] == 0
    assert unmatched[2] == unmatched[4] == analysis["pilot"].isna().sum() == (analysis["pilot_strength"] == 0).sum()
    assert all(len(source["sha256"]) == 64 for source in report["sources"])
    assert analysis["finance_l1"].mean() == pytest.approx(0, abs=0.15)


def test_the_shipped_study_finds_what_is_planted(shipped):
    study, _, analysis = shipped
    truth = planted_effects(sized(900))
    planted = {
        ("oracle_total", "latent_pressure_l1"): truth["total"],
        ("oracle_moderated", "latent_pressure_l1:finance_l1"): truth["index_moderated_mediation[constraint]"],
        ("oracle_direct", "latent_pressure_l1"): truth["direct"],
        ("oracle_direct", "latent_margin"): truth["b[margin]"],
        ("oracle_patents", "latent_pressure_l1"): truth["poisson_total"],
        ("rd_pressure", "latent_pressure_l1"): truth["rd_total"] * 0.97,
    }
    models = {model.name: model for model in study.models}
    for (name, term), value in planted.items():
        model = models[name]
        fit = inv.estimate(model.formula, analysis, model.estimator, model.cluster, vcov=model.vcov)
        row = fit.tidy().set_index("term").loc[term]
        assert abs(row["estimate"] - value) < 3 * row["std_error"], (name, term)
        assert row["std_error"] < 0.08
