rule search_index:
    input:
        PLAN.parts("results/embeddings/{features}/{method}/{encoder}", ".parquet"),
        catalogue="results/catalogue.parquet",
    output:
        "results/search/{features}/{method}/{encoder}/index.faiss",
    log:
        "results/logs/search_index/{features}/{method}/{encoder}.log",
    benchmark:
        "results/timings/search_index/{features}/{method}/{encoder}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: PLAN.settings.search.threads
    resources:
        mem_mb=growing(4000),
        runtime=growing(120),
    params:
        settings=settings_file,
        depends=PLAN.search_index(),
        shards=PLAN.written_keys(),
    message:
        "Indexing the embeddings of {wildcards.features}/{wildcards.method}/{wildcards.encoder}"
    shell:
        "python -m speckle2vec search-index --config {params.settings} --shards {params.shards}"
        " --catalogue {input.catalogue}"
        " --embeddings results/embeddings/{wildcards.features}/{wildcards.method}/{wildcards.encoder}"
        " --output {output} --log {log}"


rule search_nearest:
    input:
        PLAN.parts("results/embeddings/{features}/{method}/{encoder}", ".parquet"),
        index="results/search/{features}/{method}/{encoder}/index.faiss",
        catalogue="results/catalogue.parquet",
    output:
        "results/search/{features}/{method}/{encoder}/nearest.parquet",
    log:
        "results/logs/search_nearest/{features}/{method}/{encoder}.log",
    benchmark:
        "results/timings/search_nearest/{features}/{method}/{encoder}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: PLAN.settings.search.threads
    resources:
        mem_mb=growing(4000),
        runtime=growing(240),
    params:
        settings=settings_file,
        depends=PLAN.search_nearest(),
        shards=PLAN.written_keys(),
    message:
        "Listing what each sample is most like, by {wildcards.features}/{wildcards.method}/{wildcards.encoder}"
    shell:
        "python -m speckle2vec search-nearest --config {params.settings} --shards {params.shards}"
        " --catalogue {input.catalogue}"
        " --embeddings results/embeddings/{wildcards.features}/{wildcards.method}/{wildcards.encoder}"
        " --index {input.index} --output {output} --log {log}"


rule duplicates:
    input:
        PLAN.parts("results/embeddings/{features}/{method}/{encoder}", ".parquet"),
        nearest="results/search/{features}/{method}/{encoder}/nearest.parquet",
        catalogue="results/catalogue.parquet",
    output:
        "results/search/{features}/{method}/{encoder}/duplicates.csv",
    log:
        "results/logs/duplicates/{features}/{method}/{encoder}.log",
    benchmark:
        "results/timings/duplicates/{features}/{method}/{encoder}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=PLAN.duplicates(),
        shards=PLAN.written_keys(),
    message:
        "Listing samples that are all but equal, by {wildcards.features}/{wildcards.method}/{wildcards.encoder}"
    shell:
        "python -m speckle2vec duplicates --config {params.settings} --shards {params.shards}"
        " --catalogue {input.catalogue}"
        " --embeddings results/embeddings/{wildcards.features}/{wildcards.method}/{wildcards.encoder}"
        " --nearest {input.nearest} --output {output} --log {log}"


rule outliers:
    input:
        PLAN.parts("results/embeddings/{features}/{method}/{encoder}", ".parquet"),
        nearest="results/search/{features}/{method}/{encoder}/nearest.parquet",
        catalogue="results/catalogue.parquet",
    output:
        "results/search/{features}/{method}/{encoder}/outliers.csv",
    log:
        "results/logs/outliers/{features}/{method}/{encoder}.log",
    benchmark:
        "results/timings/outliers/{features}/{method}/{encoder}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=PLAN.outliers(),
        shards=PLAN.written_keys(),
    message:
        "Listing samples that nothing is like, by {wildcards.features}/{wildcards.method}/{wildcards.encoder}"
    shell:
        "python -m speckle2vec outliers --config {params.settings} --shards {params.shards}"
        " --catalogue {input.catalogue}"
        " --embeddings results/embeddings/{wildcards.features}/{wildcards.method}/{wildcards.encoder}"
        " --nearest {input.nearest} --output {output} --log {log}"


rule change:
    input:
        PLAN.parts("results/embeddings/{features}/{method}/{encoder}", ".parquet"),
        catalogue="results/catalogue.parquet",
    output:
        "results/search/{features}/{method}/{encoder}/change.csv",
    log:
        "results/logs/change/{features}/{method}/{encoder}.log",
    benchmark:
        "results/timings/change/{features}/{method}/{encoder}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        settings=settings_file,
        depends=PLAN.change(),
        shards=PLAN.written_keys(),
    message:
        "Listing the places that changed most, by {wildcards.features}/{wildcards.method}/{wildcards.encoder}"
    shell:
        "python -m speckle2vec change --config {params.settings} --shards {params.shards}"
        " --catalogue {input.catalogue}"
        " --embeddings results/embeddings/{wildcards.features}/{wildcards.method}/{wildcards.encoder}"
        " --output {output} --log {log}"
