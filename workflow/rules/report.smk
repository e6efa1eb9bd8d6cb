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
