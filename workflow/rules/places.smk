localrules:
    places,


rule places:
    input:
        PLAN.place_products(),


rule place_labels:
    input:
        places=lambda wildcards: read_in_place(PLAN.place_files(wildcards.place)),
        catalogue="results/catalogue.parquet",
    output:
        "results/places/{place}/labels.parquet",
    log:
        "results/logs/place_labels/{place}.log",
    benchmark:
        "results/timings/place_labels/{place}.tsv"
    wildcard_constraints:
        place="[^/]+",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.place_labels(wildcards.place),
    message:
        "Finding the samples that hold the labelled places of {wildcards.place}"
    shell:
        "python -m speckle2vec place-labels --config {params.settings} --place {wildcards.place}"
        " --catalogue {input.catalogue} --output {output} --log {log}"


rule place_scores:
    input:
        PLAN.parts("results/embeddings/{features}/{method}/{encoder}", ".parquet"),
        labels="results/places/{place}/labels.parquet",
        catalogue="results/catalogue.parquet",
    output:
        "results/places/{place}/{features}/{method}/{encoder}/scores.parquet",
    log:
        "results/logs/place_scores/{place}/{features}/{method}/{encoder}.log",
    benchmark:
        "results/timings/place_scores/{place}/{features}/{method}/{encoder}.tsv"
    wildcard_constraints:
        place="[^/]+",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(120),
    params:
        settings=settings_file,
        depends=PLAN.place_scores(),
        shards=PLAN.written_keys(),
    message:
        "Classifying samples for {wildcards.place} by {wildcards.features}/{wildcards.method}/{wildcards.encoder}"
    shell:
        "python -m speckle2vec place-scores --config {params.settings} --shards {params.shards}"
        " --place-labels {input.labels} --catalogue {input.catalogue}"
        " --embeddings results/embeddings/{wildcards.features}/{wildcards.method}/{wildcards.encoder}"
        " --output {output} --log {log}"


rule place_tuning:
    input:
        PLAN.parts("results/cubes/{features}", ".zarr.zip"),
        PLAN.parts("results/catalogue", ".parquet"),
        labels="results/places/{place}/labels.parquet",
        catalogue="results/catalogue.parquet",
        encoder="results/models/{features}/{method}/{encoder}/encoder.safetensors",
    output:
        scores="results/places/{place}/{features}/{method}/{encoder}/tuned/scores.parquet",
        history="results/places/{place}/{features}/{method}/{encoder}/tuned/history.csv",
    log:
        "results/logs/place_tuning/{place}/{features}/{method}/{encoder}.log",
    benchmark:
        "results/timings/place_tuning/{place}/{features}/{method}/{encoder}.tsv"
    wildcard_constraints:
        place="[^/]+",
    conda:
        "../../envs/torch.yaml"
    threads: PLAN.settings.landcover.finetune.threads
    resources:
        mem_mb=growing_with_samples(PLAN.settings.landcover.finetune.memory_gb),
        runtime=growing(1440),
        gpu=wanted_gpus(PLAN.settings.landcover.finetune.device, GPUS),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.place_tuning(wildcards.encoder),
        shards=PLAN.written_keys(),
        code=lambda wildcards: PLAN.place_tuning_code(wildcards.encoder),
        checkpoint="results/checkpoints/places/{place}/{features}/{method}/{encoder}.safetensors",
    message:
        "Fine-tuning {wildcards.features}/{wildcards.method}/{wildcards.encoder} on {wildcards.place}"
    shell:
        "python -m speckle2vec place-tuning --config {params.settings}"
        " --encoder {wildcards.encoder} --encoder-file {input.encoder} --shards {params.shards}"
        " --cubes results/cubes/{wildcards.features} --parts results/catalogue"
        " --catalogue {input.catalogue} --place-labels {input.labels}"
        " --checkpoint {params.checkpoint} --code {params.code} --output {output.scores}"
        " --history {output.history} --log {log}"


rule place_similar:
    input:
        PLAN.parts("results/embeddings/{features}/{method}/{encoder}", ".parquet"),
        labels="results/places/{place}/labels.parquet",
        scores="results/places/{place}/{features}/{method}/{encoder}/scores.parquet",
        catalogue="results/catalogue.parquet",
    output:
        "results/places/{place}/{features}/{method}/{encoder}/similar.csv",
    log:
        "results/logs/place_similar/{place}/{features}/{method}/{encoder}.log",
    benchmark:
        "results/timings/place_similar/{place}/{features}/{method}/{encoder}.tsv"
    wildcard_constraints:
        place="[^/]+",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.place_similar(wildcards.place),
        shards=PLAN.written_keys(),
    message:
        "Listing what is most like {wildcards.place} by {wildcards.features}/{wildcards.method}/{wildcards.encoder}"
    shell:
        "python -m speckle2vec place-similar --config {params.settings} --place {wildcards.place}"
        " --shards {params.shards} --place-labels {input.labels} --scores {input.scores}"
        " --catalogue {input.catalogue}"
        " --embeddings results/embeddings/{wildcards.features}/{wildcards.method}/{wildcards.encoder}"
        " --output {output} --log {log}"


rule place_curves:
    input:
        lambda wildcards: PLAN.place_scored(wildcards.place),
    output:
        points="results/places/{place}/precision_recall.csv",
        averages="results/places/{place}/average_precision.csv",
        figure="results/places/{place}/precision_recall.png",
    log:
        "results/logs/place_curves/{place}.log",
    benchmark:
        "results/timings/place_curves/{place}.tsv"
    wildcard_constraints:
        place="[^/]+",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.place_curves(wildcards.place),
        classifiers=lambda wildcards: PLAN.written_classifiers(wildcards.place),
    message:
        "Drawing precision against recall of {wildcards.place}"
    shell:
        "python -m speckle2vec place-curves --config {params.settings} --place {wildcards.place}"
        " --classifiers {params.classifiers} --places results/places/{wildcards.place}"
        " --output {output.points} --averages {output.averages} --figure {output.figure} --log {log}"
