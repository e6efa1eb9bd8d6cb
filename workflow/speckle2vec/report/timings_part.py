"""The section of the costs: time and memory of every rule, as Snakemake has measured them."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import plotly.graph_objects as go

from speckle2vec.progress import duration
from speckle2vec.report.blocks import Part, Table
from speckle2vec.report.figures import BLUE, ORANGE, new_figure, plot_of
from speckle2vec.report.words import count, percent


@dataclass
class Cost:
    """What all jobs of a rule took."""

    jobs: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mb: float = 0.0


def read_costs(folder: Path) -> dict[str, Cost]:
    """Sum the timings of all jobs by rule, the rule that took longest first.

    The name of a rule is the first folder, or the file where it has one job. What Snakemake
    could not measure, because a job was too short, counts as 0.

    Args:
        folder: `results/timings`.
    """
    costs: defaultdict[str, Cost] = defaultdict(Cost)
    for path in sorted(folder.rglob("*.tsv")):
        first = path.relative_to(folder).parts[0].removesuffix(".tsv")
        for row in _rows(path):
            cost = costs[first]
            cost.jobs += 1
            cost.wall_s += _number(row, "s")
            cost.cpu_s += _number(row, "cpu_time")
            cost.peak_mb = max(cost.peak_mb, _number(row, "max_rss"))
    return dict(sorted(costs.items(), key=lambda pair: (-pair[1].wall_s, pair[0])))


def _rows(path: Path) -> list[dict[str, str]]:
    lines = [line.split("\t") for line in path.read_text().splitlines() if line]
    return [dict(zip(lines[0], line, strict=False)) for line in lines[1:]]


def _number(row: dict[str, str], name: str) -> float:
    try:
        value = float(row.get(name, ""))
    except ValueError:
        return 0.0
    return value if value == value else 0.0


def timings_part(folder: Path) -> Part:
    """Time and memory of every rule that has been timed."""
    costs = read_costs(folder)
    if not costs:
        return Part("timings", "What it took", f"No job has been timed yet in {folder}.")
    rows = [
        (rule, f"{cost.jobs:,}", duration(cost.wall_s), duration(cost.cpu_s),
         f"{cost.peak_mb:,.0f} MB")
        for rule, cost in costs.items()
    ]  # fmt: skip
    columns = ("rule", "jobs", "time", "processor time", "peak memory")
    jobs, wall = sum(cost.jobs for cost in costs.values()), sum(c.wall_s for c in costs.values())
    first, longest = next(iter(costs.items()))
    told = (
        f"{count(jobs, 'job')} took {duration(wall)} one after another; {first} took most of it, "
        f"{percent(longest.wall_s / wall if wall else 0)}."
    )
    thirstiest, most = max(costs.items(), key=lambda pair: pair[1].peak_mb)
    memory = f"{thirstiest} took most memory, {most.peak_mb:,.0f} MB at its peak."
    plot = plot_of("timings", _figure(costs), memory, 130 + 28 * len(costs), wide=True)
    text = "The latest run of each job counts, of every run that has left its timing here."
    return Part("timings", "What it took", told, [plot, Table(columns, rows, text)])


def _figure(costs: dict[str, Cost]) -> go.Figure:
    names = list(costs)[::-1]
    figure = new_figure("seconds, all jobs together", "", barmode="group")
    for name, colour in (("cpu_s", ORANGE), ("wall_s", BLUE)):
        label = "processor time" if name == "cpu_s" else "time"
        values = [max(getattr(costs[one], name), 0.01) for one in names]
        figure.add_trace(go.Bar(y=names, x=values, orientation="h", name=label,
                                marker_color=colour))  # fmt: skip
    figure.update_xaxes(type="log", dtick=1)
    return figure
