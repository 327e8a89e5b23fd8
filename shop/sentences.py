"""Sentences that are written in one place and translated in another."""


def N_(text: str) -> str:
    """Marks a sentence for translation where it is written; it is translated where it is told."""
    return text
