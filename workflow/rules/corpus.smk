rule land_cover:
    output:
        "results/corpora/{corpus}/landcover.gpkg",
    log:
        "results/logs/land_cover/{corpus}.log",
    benchmark:
        "results/timings/land_cover/{corpus}.tsv"
    wildcard_constraints:
        corpus=PLAN.named("simulated"),
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
        settings=settings_unseen,
    params:
        depends=lambda wildcards: PLAN.simulation(wildcards.corpus),
    message:
        "Drawing the land cover of the simulated corpus {wildcards.corpus}"
    shell:
        "python -m speckle2vec land-cover --config {resources.settings} --corpus {wildcards.corpus}"
        " --output {output} --log {log}"


rule simulate:
    input:
        land_cover="results/corpora/{corpus}/landcover.gpkg",
    output:
        "results/corpora/{corpus}/{folder}/{modality}/ssl4eos12_{folder}_seasonal_data_{number}.zarr.zip",
    log:
        "results/logs/simulate/{corpus}/{modality}-{folder}-{number}.log",
    benchmark:
        "results/timings/simulate/{corpus}/{modality}-{folder}-{number}.tsv"
    wildcard_constraints:
        corpus=PLAN.named("simulated"),
        folder="train|val",
        modality="S1GRD|S2L2A",
        number="[0-9]{6}",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
        settings=settings_unseen,
    params:
        depends=lambda wildcards: PLAN.simulation(wildcards.corpus),
    message:
        "Drawing {wildcards.modality} of {wildcards.corpus}/{wildcards.folder}-{wildcards.number}"
    shell:
        "python -m speckle2vec simulate --config {resources.settings}"
        " --shard {wildcards.corpus}/{wildcards.folder}-{wildcards.number}"
        " --modality {wildcards.modality} --land-cover {input.land_cover}"
        " --output {output} --log {log}"
