"""Lots: what decides when the votes do not."""

from hashlib import sha256


def lot(seed: str, slug: str) -> str:
    """Draw a topic's lot, the smaller the better: known to nobody before the seed, and to everybody after."""
    return sha256((seed + slug).encode()).hexdigest()
