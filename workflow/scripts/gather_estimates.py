"""Gather the tidy results of all blocks."""

from involution.files import reported, write_csv

with reported(snakemake.log[0]):
    import pandas as pd

    for name in ("estimates", "statistics", "notes"):
        parts = [pd.read_parquet(path) for path in snakemake.input[name]]
        write_csv(snakemake.output[name], pd.concat(parts, ignore_index=True))
