rule land_cover:
    output:
        "results/corpora/{corpus}/landcover.gpkg",
    params:
        depends=lambda wildcards: PLAN.simulation(wildcards.corpus),
    log:
        "results/logs/land_cover/{corpus}.log",
    benchmark:
        "results/timings/land_cover/{corpus}.tsv"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    message:
        "Drawing the land cover of the simulated corpus {wildcards.corpus}"
    shell:
        "speckle2vec land-cover --config {SETTINGS} --corpus {wildcards.corpus}"
        " --output {output} --log {log}"


rule simulate:
    input:
        land_cover="results/corpora/{corpus}/landcover.gpkg",
    output:
        "results/corpora/{corpus}/{folder}/{modality}/ssl4eos12_{folder}_seasonal_data_{number}.zarr.zip",
    params:
        depends=lambda wildcards: PLAN.simulation(wildcards.corpus),
    wildcard_constraints:
        folder="train|val",
        modality="S1GRD|S2L2A",
        number="[0-9]{6}",
    log:
        "results/logs/simulate/{corpus}/{modality}-{folder}-{number}.log",
    benchmark:
        "results/timings/simulate/{corpus}/{modality}-{folder}-{number}.tsv"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    message:
        "Drawing {wildcards.modality} of {wildcards.corpus}/{wildcards.folder}-{wildcards.number}"
    shell:
        "speckle2vec simulate --config {SETTINGS}"
        " --shard {wildcards.corpus}/{wildcards.folder}-{wildcards.number}"
        " --modality {wildcards.modality} --land-cover {input.land_cover}"
        " --output {output} --log {log}"
