"""What the provider in memory answers, noun by noun."""
