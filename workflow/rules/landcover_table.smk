rule fit_pixels:
    input:
        PLAN.parts("results/cubes/{features}", ".zarr.zip"),
        PLAN.parts("results/catalogue", ".parquet"),
        PLAN.parts("results/labels", ".zarr.zip"),
        statistics="results/statistics/{features}.json",
    output:
        "results/landcover/{features}/pixels/{encoder}/{run}/confusion.parquet",
    log:
        "results/logs/fit_pixels/{features}/{encoder}/{run}.log",
    benchmark:
        "results/timings/fit_pixels/{features}/{encoder}/{run}.tsv"
    wildcard_constraints:
        run="fit-[^/]+",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(240),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.fit_pixels(wildcards.encoder),
        shards=PLAN.written_keys(),
    message:
        "Classifying single pixels by {wildcards.encoder}: {wildcards.features}, {wildcards.run}"
    shell:
        "python -m speckle2vec fit-pixels --config {params.settings}"
        " --features {wildcards.features} --method pixels --encoder {wildcards.encoder}"
        " --run {wildcards.run} --shards {params.shards}"
        " --cubes results/cubes/{wildcards.features} --labels results/labels"
        " --catalogue results/catalogue --statistics {input.statistics} --output {output}"
        " --log {log}"


rule landcover_table:
    input:
        PLAN.confusions(),
    output:
        table=report("results/landcover/table.csv", category="Scores"),
        markdown="results/landcover/table.md",
    log:
        "results/logs/landcover_table.log",
    benchmark:
        "results/timings/landcover_table.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        settings=settings_file,
        depends=PLAN.landcover_table(),
        cells=PLAN.written_cells(),
    message:
        "Comparing all runs on labels"
    shell:
        "python -m speckle2vec landcover-table --config {params.settings} --cells {params.cells}"
        " --landcover results/landcover --output {output.table} --markdown {output.markdown}"
        " --log {log}"


rule landcover_figures:
    input:
        table="results/landcover/table.csv",
    output:
        classes=report("results/landcover/classes.png", category="Scores"),
        table=report("results/landcover/table.png", category="Scores"),
        shares=report("results/landcover/shares.png", category="Scores"),
    log:
        "results/logs/landcover_figures.log",
    benchmark:
        "results/timings/landcover_figures.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=PLAN.landcover_figures(),
    message:
        "Drawing the table of land cover"
    shell:
        "python -m speckle2vec landcover-figures --config {params.settings} --table {input.table}"
        " --classes-picture {output.classes} --table-picture {output.table}"
        " --shares-picture {output.shares} --log {log}"
