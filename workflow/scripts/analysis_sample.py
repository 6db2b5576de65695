"""Make the study's variables, winsorise, and flag the estimation sample."""

from involution.files import reported, write_json, write_parquet

with reported(snakemake.log[0]):
    import pandas as pd

    from involution.measures import analysis_sample
    from involution.study.sample import Sample

    section = snakemake.params.study
    measured = pd.read_parquet(snakemake.input.measures)
    analysis, report = analysis_sample(measured, section["variables"], Sample.model_validate(section["sample"]))
    write_parquet(snakemake.output.analysis, analysis)
    write_json(snakemake.output.report, report)
