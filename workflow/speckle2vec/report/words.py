"""Numbers as a person says them."""


def count(number: int, noun: str, several: str = "") -> str:
    """A number of things, such as `1 sample` or `1,024 samples`."""
    return f"{number:,} {noun if number == 1 else several or f'{noun}s'}"


def percent(share: float) -> str:
    """A share such as `12 %`, `0.4 %` or `under 0.1 %`."""
    if 0 < share < 0.001:
        return "under 0.1\u00a0%"
    return f"{100 * share:.{1 if 0 < share < 0.01 else 0}f}\u00a0%"


def listed(names: list[str]) -> str:
    """Names as a list in a sentence."""
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)
