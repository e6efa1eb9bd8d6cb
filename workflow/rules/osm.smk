localrules:
    osm,


rule osm:
    input:
        PLAN.parts("results/osm", ".zarr.zip"),


rule osm_features:
    input:
        sources=read_in_place(PLAN.osm_files()),
        catalogue=lambda wildcards: PLAN.corpus_parts(
            wildcards.corpus, "results/catalogue", ".parquet"
        ),
    output:
        "results/osm/{corpus}/features.parquet",
    log:
        "results/logs/osm_features/{corpus}.log",
    benchmark:
        "results/timings/osm_features/{corpus}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 2
    resources:
        mem_mb=growing(8000),
        runtime=growing(240),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.osm_features(wildcards.corpus),
    message:
        "Taking what OpenStreetMap knows around the samples of {wildcards.corpus}"
    shell:
        "python -m speckle2vec osm-features --config {params.settings} --corpus {wildcards.corpus}"
        " --catalogue results/catalogue --output {output} --log {log}"


rule osm_outlines:
    input:
        catalogue=lambda wildcards: PLAN.corpus_parts(
            wildcards.corpus, "results/catalogue", ".parquet"
        ),
    output:
        "results/osm/{corpus}/outlines.geojson",
    log:
        "results/logs/osm_outlines/{corpus}.log",
    benchmark:
        "results/timings/osm_outlines/{corpus}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=lambda wildcards: PLAN.osm_outlines(wildcards.corpus),
    message:
        "Writing where the samples of {wildcards.corpus} lie"
    shell:
        "python -m speckle2vec osm-outlines --config {params.settings} --corpus {wildcards.corpus}"
        " --catalogue results/catalogue --output {output} --log {log}"


rule osm_layers:
    input:
        features="results/osm/{corpus}/features.parquet",
        catalogue="results/catalogue/{corpus}/{shard}.parquet",
    output:
        "results/osm/{corpus}/{shard}.zarr.zip",
    log:
        "results/logs/osm_layers/{corpus}/{shard}.log",
    benchmark:
        "results/timings/osm_layers/{corpus}/{shard}.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=settings_file,
        depends=PLAN.osm_layers(),
    message:
        "Drawing OpenStreetMap on the samples of {wildcards.corpus}/{wildcards.shard}"
    shell:
        "python -m speckle2vec osm-layers --config {params.settings} --shard {wildcards.corpus}/{wildcards.shard}"
        " --catalogue {input.catalogue} --features-file {input.features}"
        " --output {output} --log {log}"
