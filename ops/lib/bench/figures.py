"""Numbers and how they are shown."""
import os
import statistics

NEVER = float("inf")


def machine():
    """The machine, by what decides a figure and by nothing else."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"cores": os.cpu_count(), "memory_gib": round(memory)}


def percentile(values, share):
    """The nearest rank; `NEVER` when what it falls on did not happen."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def median(values):
    return NEVER if NEVER in values and sorted(values)[len(values) // 2] == NEVER else statistics.median(values)


def shown(value):
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if value == NEVER:
        return "never"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(heads, rows):
    """Lines of a table, in the form the documents use."""
    cells = [heads, *[[shown(value) for value in row] for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def json_ready(value):
    """JSON knows no infinity: what never happened is null."""
    if isinstance(value, dict):
        return {key: json_ready(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_ready(item) for item in value]
    if isinstance(value, float):
        return None if value == NEVER else round(value, 3)
    return value
