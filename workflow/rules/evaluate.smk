rule probe_target:
    input:
        labels=lambda wildcards: read_in_place(PLAN.label_sources(wildcards.label)),
        catalogue="results/catalogue.parquet",
    output:
        "results/probes/{label}/target.parquet",
    log:
        "results/logs/probe_target/{label}.log",
    benchmark:
        "results/timings/probe_target/{label}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.probe_target(wildcards.label),
        shards=PLAN.written_keys(),
    message:
        "Collecting what probes are asked: {wildcards.label}"
    shell:
        "python -m speckle2vec probe-target --config {params.settings} --label {wildcards.label}"
        " --shards {params.shards} --catalogue {input.catalogue} --labels results/labels"
        " --output {output} --log {log}"


rule probe:
    input:
        PLAN.parts("results/embeddings/{features}/{method}/{encoder}", ".parquet"),
        target="results/probes/{label}/target.parquet",
        catalogue="results/catalogue.parquet",
    output:
        "results/probes/{label}/{features}/{method}/{encoder}.parquet",
    log:
        "results/logs/probe/{label}/{features}/{method}/{encoder}.log",
    benchmark:
        "results/timings/probe/{label}/{features}/{method}/{encoder}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(120),
    params:
        settings=settings_file,
        depends=PLAN.probe(),
        shards=PLAN.written_keys(),
    message:
        "Probing {wildcards.features}/{wildcards.method}/{wildcards.encoder} for {wildcards.label}"
    shell:
        "python -m speckle2vec probe --config {params.settings} --shards {params.shards}"
        " --target {input.target} --catalogue {input.catalogue}"
        " --embeddings results/embeddings/{wildcards.features}/{wildcards.method}/{wildcards.encoder}"
        " --output {output} --log {log}"


rule probes:
    input:
        PLAN.probes(),
    output:
        report("results/probes.csv", category="Scores"),
    log:
        "results/logs/probes.log",
    benchmark:
        "results/timings/probes.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=PLAN.probe_table(),
        models=PLAN.written_models(),
    message:
        "Comparing the probes of all models"
    shell:
        "python -m speckle2vec probes --config {params.settings} --grid {params.models}"
        " --probes results/probes --output {output} --log {log}"


rule grid:
    input:
        PLAN.histories(),
    output:
        "results/grid.csv",
    log:
        "results/logs/grid.log",
    benchmark:
        "results/timings/grid.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=PLAN.grid(),
        models=PLAN.written_models(),
    message:
        "Comparing the trainings of all models"
    shell:
        "python -m speckle2vec grid --config {params.settings} --grid {params.models}"
        " --models results/models --output {output} --log {log}"


rule check_submission:
    input:
        csv="results/embeddings.csv",
        expected="results/embeddings.parquet",
    output:
        "results/submission.txt",
    log:
        "results/logs/check_submission.log",
    benchmark:
        "results/timings/check_submission.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        depends=PLAN.check_submission(),
    message:
        "Seeing that the embeddings are a valid submission to NeuCo-Bench"
    shell:
        "python -m speckle2vec check-submission {input.csv} --expected {input.expected}"
        " --output {output} --log {log}"


rule probe_groups:
    input:
        lambda wildcards: [
            part
            for model in PLAN.settings.models
            for part in PLAN.parts(f"results/embeddings/{model}", ".parquet")
        ],
        target="results/probes/{label}/target.parquet",
        catalogue="results/catalogue.parquet",
    output:
        "results/groups/{label}.csv",
    log:
        "results/logs/probe_groups/{label}.log",
    benchmark:
        "results/timings/probe_groups/{label}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(120),
    params:
        settings=settings_file,
        depends=PLAN.probe_groups(),
        shards=PLAN.written_keys(),
        models=PLAN.written_models(),
    message:
        "Probing groups of places that are left out in turn: {wildcards.label}"
    shell:
        "python -m speckle2vec probe-groups --config {params.settings} --shards {params.shards}"
        " --grid {params.models} --target {input.target} --catalogue {input.catalogue}"
        " --embeddings results/embeddings --output {output} --log {log}"
