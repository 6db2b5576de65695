"""Read a study's files into the population panel and the tables beside it."""

from pathlib import Path

from involution.files import reported, write_json, write_parquet

with reported(snakemake.log[0]):
    from involution.panel import built
    from involution.study.data import Data
    from involution.study.population import Population

    section = snakemake.params.study
    folder = Path(snakemake.params.folder)
    found = built(
        Data.model_validate(section["data"]),
        section["derive"],
        Population.model_validate(section["population"]),
        lambda source: str(folder / source),
    )
    write_parquet(snakemake.output.panel, found.panel)
    write_parquet(snakemake.output.events, found.events)
    write_parquet(snakemake.output.truth, found.truth)
    write_parquet(snakemake.output.shares, found.shares)
    write_parquet(snakemake.output.shocks, found.shocks)
    write_json(snakemake.output.report, found.report)
