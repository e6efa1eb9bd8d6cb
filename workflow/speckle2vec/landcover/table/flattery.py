"""How much the random split flatters, as a section of the page."""

from collections.abc import Iterator

from speckle2vec.landcover.table.rows import Row, Rows, is_baseline, percent


def flattery(rows: Rows) -> Iterator[str]:
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
