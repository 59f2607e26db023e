"""Scores as they are printed."""


def score_text(value: float) -> str:
    """Four digits, or whole where there are more before the point."""
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
