# One job per block of the paper (baseline, attrition, ...); the tidy results of all blocks are gathered.


rule estimate:
    input:
        analysis=rules.analysis_sample.output.analysis,
        dictionary=rules.measure.output.dictionary,
        events=rules.build_panel.output.events,
        shares=rules.build_panel.output.shares,
        shocks=rules.build_panel.output.shocks,
    output:
        estimates="<results>/{study}/estimates/{block}.parquet",
        statistics="<results>/{study}/estimates/{block}_statistics.parquet",
        notes="<results>/{study}/estimates/{block}_notes.parquet",
        curves="<results>/{study}/estimates/{block}_curves.parquet",
        influence="<results>/{study}/estimates/{block}_influence.parquet",
        regressions="<results>/{study}/estimates/{block}_regressions.parquet",
        columns="<results>/{study}/estimates/{block}_columns.parquet",
    log:
        "<results>/{study}/logs/estimate_{block}.log",
    benchmark:
        "<results>/{study}/logs/estimate_{block}.tsv"
    # What is found does not depend on the number.
    threads: lambda wildcards: 2 if wildcards.block == "specification_curve" else 1
    resources:
        mem_mb=4000,
    params:
        study=block_sections,
        seed=CONFIG.seed,
        draws=CONFIG.number_of_draws,
        full=CONFIG.draws == "full",
        code=DIGESTS["models"],
    message:
        "{wildcards.study}: estimating, {wildcards.block}"
    script:
        "../scripts/estimate.py"


rule gather_estimates:
    input:
        estimates=blocks_of(rules.estimate.output.estimates),
        statistics=blocks_of(rules.estimate.output.statistics),
        notes=blocks_of(rules.estimate.output.notes),
        curves=blocks_of(rules.estimate.output.curves),
        influence=blocks_of(rules.estimate.output.influence),
        planted=rules.build_panel.output.truth,
        analysis=rules.analysis_sample.output.analysis,
        dictionary=rules.measure.output.dictionary,
        events=rules.build_panel.output.events,
        shares=rules.build_panel.output.shares,
        shocks=rules.build_panel.output.shocks,
    output:
        estimates="<results>/{study}/estimates/estimates.csv",
        statistics="<results>/{study}/estimates/statistics.csv",
        notes="<results>/{study}/estimates/notes.csv",
        curves="<results>/{study}/estimates/curves.csv",
        truth="<results>/{study}/estimates/truth.csv",
        influence="<results>/{study}/estimates/influence.parquet",
    log:
        "<results>/{study}/logs/gather_estimates.log",
    benchmark:
        "<results>/{study}/logs/gather_estimates.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        study=section("truth", *ESTIMATED),
        code=DIGESTS["models"],
    message:
        "{wildcards.study}: gathering the estimates"
    script:
        "../scripts/gather_estimates.py"


rule scoreboard:
    input:
        estimates=rules.gather_estimates.output.estimates,
        statistics=rules.gather_estimates.output.statistics,
        notes=rules.gather_estimates.output.notes,
        influence=rules.gather_estimates.output.influence,
    output:
        hypotheses="<results>/{study}/estimates/hypotheses.csv",
        adjusted="<results>/{study}/estimates/adjusted.csv",
    log:
        "<results>/{study}/logs/scoreboard.log",
    benchmark:
        "<results>/{study}/logs/scoreboard.tsv"
    threads: 1
    resources:
        mem_mb=2000,
    params:
        study=section("hypotheses"),
        adjusted=lambda wildcards: [
            asked.model_dump(mode="json")
            for asked in adjusted_asked(STUDIES[wildcards.study])
        ],
        seed=CONFIG.seed,
        draws=CONFIG.number_of_draws,
        code=DIGESTS["scoreboard"],
    message:
        "{wildcards.study}: hypotheses and families of tests"
    script:
        "../scripts/scoreboard.py"
