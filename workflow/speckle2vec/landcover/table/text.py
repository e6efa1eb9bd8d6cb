"""The table of runs on labels for people: Markdown, like the paper's Table 9."""

from collections.abc import Iterator, Mapping, Sequence

from speckle2vec.landcover.table.scored import Scored, Table, compared_with, over_seeds
from speckle2vec.measures.intervals import better
from speckle2vec.settings.landcover import PIXELS, RANDOM_ENCODER, LandCover

Row = Mapping[str, object]
Rows = Sequence[Row]
MODES = {
    "whole": "encoder and decoder trained on labels",
    "frozen": "encoder frozen, decoder trained on labels",
    "fit": "classifiers of single pixels",
}
SPLITS = {"blocks": "spatial blocks", "random": "random split"}
Place = tuple[str, str, str]
"""Features, share and split: what was scored on the same pixels."""


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
        *_flattery(final),
    ]
    return "\n\n".join(parts) + "\n"


def place_of(row: Row) -> Place:
    """What a row shares with those it is compared with."""
    return str(row["features"]), str(row["share"]), str(row["split"])


def final_rows(rows: Rows) -> list[Row]:
    """One row a run: the one over all seeds where there are several."""
    kept = {(*place_of(row), row["method"], row["encoder"], row["mode"]): row for row in rows}
    return list(kept.values())


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


def is_baseline(row: Row) -> bool:
    """Whether a run stands beside the encoders that are compared."""
    return row["method"] == PIXELS or row["encoder"] == RANDOM_ENCODER


def named(row: Row) -> str:
    """A run beside the others, for a person."""
    if row["method"] == PIXELS:
        return f"{row['encoder']}, pixel by pixel"
    return f"{row['encoder']}, {row['mode']}"


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


def percent(value: object) -> str:
    """A figure of the table, percent with one digit."""
    return f"{100 * float(str(value)):.1f}" if value != "" else "undefined"


def _notes(section: LandCover, table: Table) -> Iterator[str]:
    seeds = max(len(group) for group in table.groups())
    over = f"the mean over {seeds} seeds" if seeds > 1 else "one seed each"
    yield (
        f"Figures are {over}. Intervals hold {section.confidence:.0%} of {section.draws} draws of "
        "whole blocks with replacement: they tell the luck of the places that were scored, and not "
        "that of a training's seed, nor which labels a share below 100 % leaves. Every seed draws "
        "its own share; what both do is the column `spread` of the CSV, and `seeds_above_none` "
        "tells for how many seeds pretraining helped."
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
    told = f"{one.samples} samples of {one.blocks} blocks are scored"
    if one.blocks == 1:
        told += ", and one block alone has no interval"
    if absent:
        told += f"; no pixel of theirs is {' or '.join(absent)}, whose IoU is undefined"
    return told


def _flattery(rows: Rows) -> Iterator[str]:
    """How much more the random split gives, where both were run: runs down, shares across."""
    by_run = {(row["split"], *_run_of(row), row["share"]): row for row in rows}
    pairs = {key[1:]: (row, by_run["random", *key[1:]]) for key, row in by_run.items()
             if key[0] == "blocks" and ("random", *key[1:]) in by_run}  # fmt: skip
    if not pairs:
        return
    shares, runs = dict.fromkeys(key[-1] for key in pairs), dict.fromkeys(key[:-1] for key in pairs)
    gains = [_gain(*pair) for pair in pairs.values() if not is_baseline(pair[0])]
    yield "## How much the random split flatters"
    yield (
        "The random split puts neighbours of training samples into the test. "
        + (f"Encoders trained on labels score {sum(gains) / len(gains):+.1f} points there on "
           f"average ({min(gains):+.1f} to {max(gains):+.1f}). " if gains else "")
        + "The two tests are of different samples, so the differences are not paired."
    )  # fmt: skip
    head = [f"| blocks, random | {' | '.join(f'{share} %' for share in shares)} |",
            "|---|" + "---|" * len(shares)]  # fmt: skip
    lines = []
    for run in runs:
        found = [pairs.get((*run, share)) for share in shares]
        lines.append(f"| {', '.join(map(str, run))} | {' | '.join(map(_pair, found))} |")
    yield "\n".join(head + lines)


def _run_of(row: Row) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("features", "method", "encoder", "mode"))


def _gain(blocks: Row, random: Row) -> float:
    return 100 * (float(str(random["weighted_iou"])) - float(str(blocks["weighted_iou"])))


def _pair(found: tuple[Row, Row] | None) -> str:
    if found is None:
        return ""
    told = ", ".join(percent(row["weighted_iou"]) for row in found)
    return f"{told} ({_gain(*found):+.1f})"
