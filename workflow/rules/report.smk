localrules:
    explorer,


rule report_page:
    input:
        PLAN.reported_tables(),
        cubes=PLAN.pictured_cubes(),
        embeddings=PLAN.parts(f"results/embeddings/{MODEL}", ".parquet"),
        labels=PLAN.reported_labels(),
        catalogue="results/catalogue.parquet",
        statistics=f"results/statistics/{PLAN.settings.model.features}.json",
        nearest=f"results/search/{MODEL}/nearest.parquet",
        history=f"results/models/{MODEL}/history.csv",
    output:
        report(
            "results/report.html",
            caption="../speckle2vec/report/templates/caption.rst",
            category="The run",
        ),
    log:
        "results/logs/report_page.log",
    benchmark:
        "results/timings/report_page.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        settings=settings_file,
        depends=PLAN.report(),
        shards=PLAN.written_keys(),
        features=PLAN.settings.model.features,
        embeddings=lambda wildcards, input: f"results/embeddings/{MODEL}",
        labels=lambda wildcards, input: (
            "--labels results/labels" if input.labels else ""
        ),
    message:
        "Making the page on this run"
    shell:
        "python -m speckle2vec report --config {params.settings} --shards {params.shards}"
        " --catalogue {input.catalogue} --cubes results/cubes/{params.features}"
        " --embeddings {params.embeddings} --statistics {input.statistics}"
        " --nearest {input.nearest} --history {input.history} {params.labels}"
        " --compression results/compression.csv --probe-table results/probes.csv"
        " --landcover-table results/landcover/table.csv --timings results/timings"
        " --output {output} --log {log}"


rule explorer:
    input:
        f"results/explorer/{MODEL}/projector_config.pbtxt",


rule explorer_files:
    input:
        PLAN.parts("results/cubes/{features}", ".zarr.zip"),
        PLAN.parts("results/embeddings/{features}/{method}/{encoder}", ".parquet"),
        labels=PLAN.standing_labels(),
        catalogue="results/catalogue.parquet",
        statistics="results/statistics/{features}.json",
    output:
        tensors="results/explorer/{features}/{method}/{encoder}/tensors.bytes",
        rows="results/explorer/{features}/{method}/{encoder}/metadata.tsv",
        sprite="results/explorer/{features}/{method}/{encoder}/sprite.jpg",
        config="results/explorer/{features}/{method}/{encoder}/projector_config.pbtxt",
    log:
        "results/logs/explorer_files/{features}/{method}/{encoder}.log",
    benchmark:
        "results/timings/explorer_files/{features}/{method}/{encoder}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        settings=settings_file,
        depends=PLAN.explorer(),
        shards=PLAN.written_keys(),
        folder="results/explorer/{features}/{method}/{encoder}",
        labels=lambda wildcards, input: (
            "--labels results/labels" if input.labels else ""
        ),
    message:
        "Writing what the explorer shows of {wildcards.features}/{wildcards.method}/{wildcards.encoder}"
    shell:
        "python -m speckle2vec explorer --config {params.settings} --shards {params.shards}"
        " --catalogue {input.catalogue} --cubes results/cubes/{wildcards.features}"
        " --embeddings results/embeddings/{wildcards.features}/{wildcards.method}/{wildcards.encoder}"
        " --statistics {input.statistics} {params.labels} --explorer {params.folder} --log {log}"
