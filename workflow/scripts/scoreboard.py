"""Hold the estimates against the hypotheses that the study states."""

from involution.files import reported, write_csv

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.models.judged import Tidy
    from involution.models.scoreboard import models_needed, scoreboard
    from involution.study.study import Exhibits

    hypotheses = Exhibits.model_validate(snakemake.params.study).hypotheses
    estimates, statistics, notes = (
        pd.read_csv(snakemake.input[name], keep_default_na=False, na_values=[""])
        for name in ("estimates", "statistics", "notes")
    )
    wanted = [("model", "in", models_needed(hypotheses) or [""])]
    found = scoreboard(
        hypotheses,
        Tidy(estimates, statistics, notes),
        pd.read_parquet(snakemake.input.influence, filters=wanted),
        study=snakemake.wildcards.study,
        seed=snakemake.params.seed,
        draws=snakemake.params.draws,
    )
    write_csv(snakemake.output.hypotheses, found)
