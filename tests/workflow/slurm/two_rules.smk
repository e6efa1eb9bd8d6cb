"""What a node may do to a job: end it at its limit of time, or let it fail."""


rule slow:
    output:
        "slow.txt",
    log:
        "slow.log",
    resources:
        mem_mb=200,
        runtime=lambda wildcards, attempt: attempt,
    params:
        seconds=lambda wildcards, resources: 120 if resources.runtime == 1 else 0,
    shell:
        "echo {resources.runtime} >> tries; sleep {params.seconds}; cp tries {output} 2> {log}"


rule broken:
    output:
        "broken.txt",
    log:
        "broken.log",
    resources:
        mem_mb=200,
        runtime=5,
    shell:
        "echo the disk of the node is full > {log}; false > {output}"
