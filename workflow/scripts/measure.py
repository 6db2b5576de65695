"""Compute every measure that the panel allows, its dictionary, and how reliable the index is."""

from involution.files import reported, write_csv, write_json, write_parquet

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.measures import measured, reliability

    panel, events = pd.read_parquet(snakemake.input.panel), pd.read_parquet(snakemake.input.events)
    study = snakemake.params.study
    found = measured(
        panel,
        study["index"],
        size_standard=study["size_standard"],
        accounting=study["accounting"],
        events=events,
    )
    write_parquet(snakemake.output.measures, found.frame)
    write_csv(snakemake.output.dictionary, found.dictionary)
    write_csv(snakemake.output.reliability, reliability(found.frame))
    write_json(snakemake.output.index, found.index)
