# One job per block of models; the tidy results of all blocks are gathered.


rule estimate_models:
    input:
        analysis=rules.analysis_sample.output.analysis,
        dictionary=rules.measure.output.dictionary,
    output:
        estimates=RESULTS + "/{study}/estimates/models.parquet",
        statistics=RESULTS + "/{study}/estimates/models_statistics.parquet",
        notes=RESULTS + "/{study}/estimates/models_notes.parquet",
    log:
        RESULTS + "/{study}/logs/estimate_models.log",
    benchmark:
        RESULTS + "/{study}/logs/estimate_models.tsv"
    params:
        study=section("models", "derive", "variables"),
        seed=CONFIG.seed,
        draws=CONFIG.draws,
        code=DIGESTS["models"],
    threads: 1
    resources:
        mem_mb=4000,
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
        estimates=RESULTS + "/{study}/estimates/estimates.csv",
        statistics=RESULTS + "/{study}/estimates/statistics.csv",
        notes=RESULTS + "/{study}/estimates/notes.csv",
    log:
        RESULTS + "/{study}/logs/gather_estimates.log",
    benchmark:
        RESULTS + "/{study}/logs/gather_estimates.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "{wildcards.study}: gathering the estimates"
    script:
        "../scripts/gather_estimates.py"
