"""The commands a finished run has printed, ready to be given again by hand."""

import re
import shlex


def commands_of(project):
    """One command of every rule of a run, by the name of the command, in the order they ran."""
    text = "".join(path.read_text() for path in sorted(project.folder.glob(".snakemake/log/*.log")))
    lines = re.findall(r"Shell command: (python -m speckle2vec .+)", text)
    found = {}
    for line in lines:
        words = shlex.split(line)[3:]
        found.setdefault(words[0], words)
    return found


def outputs_of(words):
    """The options of a command that name what it writes, with their values."""
    named = ("--output", "--encoder-file", "--card", "--history", "--csv", "--parquet",
             "--checkpoint", "--curves")  # fmt: skip
    made = [name for name in named if name != "--encoder-file" or words[0] == "pretrain"]
    return {words[at]: words[at + 1] for at in range(len(words) - 1) if words[at] in made}


def with_outputs_in(words, folder):
    """The same command, writing into another folder."""
    outputs = outputs_of(words)
    return [
        str(folder / word.rpartition("/")[2]) if before in outputs else word
        for before, word in zip(["", *words], words, strict=False)
    ]
