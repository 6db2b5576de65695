"""Estimate the free models of a study."""

from involution.files import reported, write_parquet

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.models.blocks import run_models
    from involution.study.models import Model

    section = snakemake.params.study
    result = run_models(
        [Model.model_validate(model) for model in section["models"]],
        pd.read_parquet(snakemake.input.analysis),
        study=snakemake.wildcards.study,
        dictionary=pd.read_csv(snakemake.input.dictionary),
        definitions={**section["derive"], **section["variables"]},
        seed=snakemake.params.seed,
        draws=snakemake.params.draws,
    )
    write_parquet(snakemake.output.estimates, result.estimates)
    write_parquet(snakemake.output.statistics, result.statistics)
    write_parquet(snakemake.output.notes, result.notes)
