"""The table of runs on labels for people: Markdown, like the paper's Table 9."""

from collections.abc import Iterator

from speckle2vec.landcover.table.compared import compared_with
from speckle2vec.landcover.table.flattery import flattery
from speckle2vec.landcover.table.rows import (
    SPLITS,
    Place,
    Row,
    Rows,
    final_rows,
    is_baseline,
    named,
    percent,
    place_of,
)
from speckle2vec.landcover.table.scored import Scored, Table, over_seeds
from speckle2vec.measures.intervals import better
from speckle2vec.settings.landcover import LandCover

MODES = {
    "whole": "encoder and decoder trained on labels",
    "frozen": "encoder frozen, decoder trained on labels",
    "fit": "classifiers of single pixels",
}


def describe(section: LandCover, table: Table, rows: Rows) -> str:
    """The whole page.

    Args:
        section: The settings of the table.
        table: All runs.
        rows: Rows of the CSV; of several seeds the one over all counts here.
    """
    final = final_rows(rows)
    places = list(dict.fromkeys(place_of(row) for row in final))
    scored = " and ".join(section.scored)
    parts = [
        "# Land cover",
        f"Class-weighted mean IoU on the split {scored}, percent: the IoU of every class, weighted "
        "by its true pixels (the measure of Table 9 of the paper), with its interval. "
        "`*` is better than the same encoder without pretraining (`none`), `+` is better than the "
        "best classifier of single pixels; both mean that the paired interval of the difference "
        "lies above 0, and in brackets that it does not for every seed by itself. The CSV beside "
        "this page holds every seed, measure and class.",
        *(_block(place, [row for row in final if place_of(row) == place]) for place in places),
        "## How to read it",
        *_notes(section, table),
        *flattery(final),
    ]
    return "\n\n".join(parts) + "\n"


def _block(place: Place, rows: Rows) -> str:
    """All runs on one feature set, share and split."""
    features, share, split = place
    lines = [f"## {features}, {share} % of the labels, {SPLITS[split]}"]
    learnt = [row for row in rows if not is_baseline(row)]
    for mode in dict.fromkeys(row["mode"] for row in learnt):
        lines += ["", f"{MODES[str(mode)].capitalize()}:", ""]
        own = [row for row in learnt if row["mode"] == mode]
        lines += [*_grid(own), *_helped(own)]
    beside = [row for row in rows if is_baseline(row)]
    if beside:
        lines += ["", "| beside them | weighted IoU |", "|---|---|"]
        lines += [f"| {named(row)} | {_told(row)} |" for row in beside]
    return "\n".join(lines)


def _grid(rows: Rows) -> Iterator[str]:
    """Methods down, encoders across, as in the paper."""
    encoders, methods = (list(dict.fromkeys(row[name] for row in rows))
                         for name in ("encoder", "method"))  # fmt: skip
    found = {(row["method"], row["encoder"]): _told(row) for row in rows}
    yield f"| pretraining | {' | '.join(map(str, encoders))} |"
    yield "|---|" + "---|" * len(encoders)
    for method in methods:
        cells = [found.get((method, encoder), "") for encoder in encoders]
        yield f"| {method} | {' | '.join(cells)} |"


def _helped(rows: Rows) -> Iterator[str]:
    """Whether pretraining helped, in a sentence."""
    told = []
    for name, than in (("none", "the same encoder without pretraining"), ("pixels", "")):
        found = [one for one in (better(row, name) for row in rows) if one]
        above, some = found.count("yes"), found.count("seeds disagree")
        of = than or f"the best classifier of single pixels ({rows[0].get('best_pixels')})"
        if found:
            what = "pretrained encoders" if name == "none" else "encoders"
            but = f", {some} of them not for every seed" if some else ""
            told.append(f"{above + some} of {len(found)} {what} are better than {of}{but}")
    if told:
        yield ""
        yield "; ".join(told) + "."


def _told(row: Row) -> str:
    marks = "".join(_mark(row, *one) for one in (("none", "*"), ("pixels", "+")))
    between = f" ({percent(row['low'])} to {percent(row['high'])})" if row["low"] else ""
    return f"{percent(row['weighted_iou'])}{between}" + (f" `{marks}`" if marks else "")


def _mark(row: Row, than: str, mark: str) -> str:
    return {"yes": mark, "seeds disagree": f"({mark})"}.get(better(row, than), "")


def _notes(section: LandCover, table: Table) -> Iterator[str]:
    seeds = max(len(group) for group in table.groups())
    over = f"the mean over {seeds} seeds" if seeds > 1 else "one seed each"
    yield (
        f"Figures are {over}. Intervals hold {section.confidence:.0%} of {section.draws} draws of "
        "whole blocks with replacement: they tell the luck of the places that were scored, and not "
        "that of a training's seed, nor which labels a share below 100 % leaves."
    )
    if seeds > 1:
        yield (
            "Every seed draws its own share of the labels. How far scores lie apart by it and by "
            "the training is the column `spread` of the CSV; `seeds_above_none` counts the seeds "
            "with which pretraining helped."
        )
    if "validation" in section.scored and section.finetune.patience:
        yield (
            "Samples of validation are scored as well, on which the best epoch of each network was "
            "chosen, and the strength of the logistic regression, but nothing of the other "
            "classifiers: compare with these on the test alone."
        )
    shares: dict[tuple[str, str], list[str]] = {}
    for one in {compared_with(one.cell): one for one in map(over_seeds, table.groups())}.values():
        where = f"{one.cell.features}, {SPLITS[one.cell.split]}"
        shares.setdefault((where, _asked(one, table)), []).append(f"{one.cell.share:g} %")
    for (where, what), some in shares.items():
        yield f"{where}, {', '.join(some)} of the labels: {what}."


def _asked(one: Scored, table: Table) -> str:
    """What was scored, for a sentence."""
    absent = [own.name for own, count in zip(table.classes, one.true_pixels, strict=True)
              if not count]  # fmt: skip
    blocks = "1 block" if one.blocks == 1 else f"{one.blocks} blocks"
    told = f"{one.samples} samples of {blocks} are scored"
    if one.blocks == 1:
        told += ", and one block alone has no interval"
    if absent:
        told += f"; no pixel of theirs is {' or '.join(absent)}, whose IoU is undefined"
    return told
