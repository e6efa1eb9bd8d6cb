rule encode:
    input:
        PLAN.parts("results/embeddings/{features}/{method}/{encoder}", ".parquet"),
        catalogue="results/catalogue.parquet",
    output:
        "results/codes/{features}/{method}/{encoder}/{code}.parquet",
    log:
        "results/logs/encode/{features}/{method}/{encoder}/{code}.log",
    benchmark:
        "results/timings/encode/{features}/{method}/{encoder}/{code}.tsv"
    wildcard_constraints:
        code="[a-z0-9-]+",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.encode(wildcards.code),
        shards=PLAN.written_keys(),
    message:
        "Encoding {wildcards.features}/{wildcards.method}/{wildcards.encoder} as {wildcards.code}"
    shell:
        "python -m speckle2vec encode --config {params.settings} --shards {params.shards}"
        " --code-name {wildcards.code} --catalogue {input.catalogue}"
        " --embeddings results/embeddings/{wildcards.features}/{wildcards.method}/{wildcards.encoder}"
        " --output {output} --log {log}"


rule probe_code:
    input:
        codes="results/codes/{features}/{method}/{encoder}/{code}.parquet",
        encoder="results/models/{features}/{method}/{encoder}/encoder.safetensors",
        target="results/probes/{label}/target.parquet",
        catalogue="results/catalogue.parquet",
    output:
        "results/code_probes/{label}/{features}/{method}/{encoder}/{code}.parquet",
    log:
        "results/logs/probe_code/{label}/{features}/{method}/{encoder}/{code}.log",
    benchmark:
        "results/timings/probe_code/{label}/{features}/{method}/{encoder}/{code}.tsv"
    wildcard_constraints:
        code="[a-z0-9-]+",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(120),
    params:
        settings=settings_file,
        depends=PLAN.probe_code(),
    message:
        "Probing {wildcards.code} of {wildcards.features}/{wildcards.method}/{wildcards.encoder}"
        " for {wildcards.label}"
    shell:
        "python -m speckle2vec probe-code --config {params.settings} --codes {input.codes}"
        " --encoder-file {input.encoder} --target {input.target} --catalogue {input.catalogue}"
        " --output {output} --log {log}"


rule compression:
    input:
        PLAN.codes(),
        PLAN.code_probes(),
        raw=read_in_place(PLAN.raw_files()),
        catalogue="results/catalogue.parquet",
    output:
        table=report("results/compression.csv", category="Scores"),
        figure=report("results/compression.png", category="Scores"),
    log:
        "results/logs/compression.log",
    benchmark:
        "results/timings/compression.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        settings=settings_file,
        depends=PLAN.compression(),
        shards=PLAN.written_keys(),
        models=PLAN.written_coded_models(),
    message:
        "Comparing the codes: bytes on disk and what they lose"
    shell:
        "python -m speckle2vec compression --config {params.settings} --grid {params.models}"
        " --shards {params.shards} --catalogue {input.catalogue} --codes results/codes"
        " --probes results/code_probes --output {output.table} --figure {output.figure} --log {log}"
