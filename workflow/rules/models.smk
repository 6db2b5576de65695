# One job per block of models; the tidy results of all blocks are gathered.


rule estimate_models:
    input:
        analysis=rules.analysis_sample.output.analysis,
        dictionary=rules.measure.output.dictionary,
    output:
        estimates="<results>/{study}/estimates/models.parquet",
        statistics="<results>/{study}/estimates/models_statistics.parquet",
        notes="<results>/{study}/estimates/models_notes.parquet",
    log:
        "<results>/{study}/logs/estimate_models.log",
    benchmark:
        "<results>/{study}/logs/estimate_models.tsv"
    threads: 1
    resources:
        mem_mb=4000,
    params:
        study=section("models", "derive", "variables"),
        seed=CONFIG.seed,
        draws=CONFIG.draws,
        code=DIGESTS["models"],
    message:
        "{wildcards.study}: estimating"
    script:
        "../scripts/estimate_models.py"


rule gather_estimates:
    input:
        estimates=[rules.estimate_models.output.estimates],
        statistics=[rules.estimate_models.output.statistics],
        notes=[rules.estimate_models.output.notes],
    output:
        estimates="<results>/{study}/estimates/estimates.csv",
        statistics="<results>/{study}/estimates/statistics.csv",
        notes="<results>/{study}/estimates/notes.csv",
    log:
        "<results>/{study}/logs/gather_estimates.log",
    benchmark:
        "<results>/{study}/logs/gather_estimates.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "{wildcards.study}: gathering the estimates"
    script:
        "../scripts/gather_estimates.py"
