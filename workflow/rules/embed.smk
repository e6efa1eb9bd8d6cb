rule embed:
    input:
        encoder="results/models/{features}/{method}/{encoder}/encoder.safetensors",
        cubes="results/cubes/{features}/{corpus}/{shard}.zarr.zip",
    output:
        "results/embeddings/{features}/{method}/{encoder}/{corpus}/{shard}.parquet",
    log:
        "results/logs/embed/{features}/{method}/{encoder}/{corpus}/{shard}.log",
    benchmark:
        "results/timings/embed/{features}/{method}/{encoder}/{corpus}/{shard}.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: PLAN.settings.embed.threads
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.embed(wildcards.encoder),
    message:
        "Embedding {wildcards.corpus}/{wildcards.shard} with {wildcards.encoder}"
    shell:
        "python -m speckle2vec embed --config {params.settings} --encoder-file {input.encoder}"
        " --features {wildcards.features} --method {wildcards.method} --encoder {wildcards.encoder}"
        " --shard {wildcards.corpus}/{wildcards.shard} --cubes {input.cubes} --output {output} --log {log}"


rule export:
    input:
        PLAN.parts(f"results/embeddings/{MODEL}", ".parquet"),
        catalogue="results/catalogue.parquet",
        encoder=f"results/models/{MODEL}/encoder.safetensors",
    output:
        csv="results/embeddings.csv",
        parquet="results/embeddings.parquet",
    log:
        "results/logs/export.log",
    benchmark:
        "results/timings/export.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        settings=settings_file,
        depends=PLAN.export(),
        shards=PLAN.written_keys(),
        embeddings=lambda wildcards, input: f"results/embeddings/{MODEL}",
    message:
        "Writing the embeddings in catalogue order"
    shell:
        "python -m speckle2vec export --config {params.settings} --shards {params.shards}"
        " --embeddings {params.embeddings} --encoder-file {input.encoder}"
        " --catalogue {input.catalogue} --csv {output.csv} --parquet {output.parquet} --log {log}"


rule geoparquet:
    input:
        table="results/embeddings.parquet",
        catalogue="results/catalogue.parquet",
        encoder=f"results/models/{MODEL}/encoder.safetensors",
    output:
        "results/embeddings.geoparquet",
    log:
        "results/logs/geoparquet.log",
    benchmark:
        "results/timings/geoparquet.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        settings=settings_file,
        depends=PLAN.geoparquet(),
    message:
        "Writing the embeddings for maps"
    shell:
        "python -m speckle2vec geoparquet --config {params.settings} --embeddings {input.table}"
        " --catalogue {input.catalogue} --encoder-file {input.encoder} --output {output} --log {log}"


rule data_card:
    input:
        table="results/embeddings.parquet",
        catalogue="results/catalogue.parquet",
        encoder=f"results/models/{MODEL}/encoder.safetensors",
    output:
        "results/data_card.md",
    log:
        "results/logs/data_card.log",
    benchmark:
        "results/timings/data_card.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        settings=settings_file,
        depends=PLAN.data_card(),
    message:
        "Telling what the embeddings hold"
    shell:
        "python -m speckle2vec data-card --config {params.settings} --embeddings {input.table}"
        " --catalogue {input.catalogue} --encoder-file {input.encoder} --output {output} --log {log}"
