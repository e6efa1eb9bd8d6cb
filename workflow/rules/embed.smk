rule embed:
    input:
        encoder="results/models/{features}/{method}/{encoder}/encoder.safetensors",
        cubes="results/cubes/{features}/{corpus}/{shard}.zarr.zip",
    output:
        "results/embeddings/{features}/{method}/{encoder}/{corpus}/{shard}.parquet",
    params:
        depends=lambda wildcards: PLAN.embed(wildcards.encoder),
    log:
        "results/logs/embed/{features}/{method}/{encoder}/{corpus}/{shard}.log",
    benchmark:
        "results/timings/embed/{features}/{method}/{encoder}/{corpus}/{shard}.tsv"
    threads: PLAN.settings.embed.threads
    resources:
        mem_mb=4000,
        runtime=60,
    message:
        "Embedding {wildcards.corpus}/{wildcards.shard} with {wildcards.encoder}"
    shell:
        "speckle2vec embed --config {SETTINGS} --encoder-file {input.encoder}"
        " --cubes {input.cubes} --output {output} --log {log}"


rule export:
    input:
        PLAN.parts(f"results/embeddings/{MODEL}", ".parquet"),
        catalogue="results/catalogue.parquet",
    output:
        csv="results/embeddings.csv",
        parquet="results/embeddings.parquet",
    params:
        depends=PLAN.export(),
        shards=PLAN.written_keys(),
        embeddings=f"results/embeddings/{MODEL}",
    log:
        "results/logs/export.log",
    benchmark:
        "results/timings/export.tsv"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    message:
        "Writing the embeddings in catalogue order"
    shell:
        "speckle2vec export --config {SETTINGS} --shards {params.shards}"
        " --embeddings {params.embeddings} --catalogue {input.catalogue}"
        " --csv {output.csv} --parquet {output.parquet} --log {log}"
