"""What is trained, and what follows from it without a device."""

import json
from pathlib import Path

# 24 layers of 1024, as GPT-2 medium; the vocabulary is padded to a multiple of 64. Fits a board of 40 GB.
MODEL = {
    **{"name": "gpt-354m-generated-tokens", "layers": 24, "hidden": 1024, "heads": 16},
    **{"vocabulary": 50304, "sequence": 1024, "batch": 16, "learningRate": 3e-4},
}
# For the two real steps of a dry run on a CPU.
TINY = {
    **{"name": "gpt-tiny", "layers": 2, "hidden": 32, "heads": 2},
    **{"vocabulary": 128, "sequence": 16, "batch": 2, "learningRate": 3e-4},
}


def parameter_count(model):
    """V h + L (12 h^2 + 2 h) + h: embedding, tied to the output; per layer 3 + 1 + 4 + 4 h^2 and two norms; last norm."""
    hidden = model["hidden"]
    return model["vocabulary"] * hidden + model["layers"] * (12 * hidden**2 + 2 * hidden) + hidden


def flops_per_token(model):
    """6 N + 12 L h s, the formula that run.json names `palm` (arXiv 2204.02311, appendix B). N has the embedding in it."""
    attention = 12 * model["layers"] * model["hidden"] * model["sequence"]
    return 6 * parameter_count(model) + attention


def catalogue_entry(board):
    """The file of data/baselines whose SKU or alias is the board's name; None for a board that is in none."""

    def plain(name):
        return "".join(c for c in name.lower() if c not in " _-")

    for path in sorted(Path(__file__).resolve().parent.parent.glob("*.json")):
        entry = json.loads(path.read_text(encoding="utf-8"))
        if plain(board) in [plain(name) for name in [entry["sku"], *entry["aliases"]]]:
            return entry
    return None


def facts_for(board, precision):
    peaks = (catalogue_entry(board) or {}).get("densePeakFlops", {})
    peak = peaks.get(precision, {}).get("value")
    return {**MODEL, "flopsPerToken": flops_per_token(MODEL), "peakFlops": peak}
