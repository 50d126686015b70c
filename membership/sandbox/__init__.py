"""A stateful stand-in for Stripe, its own process: `python -m membership.sandbox --port 8001 …`."""
