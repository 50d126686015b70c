"""The sandbox's levers under /_sandbox: what the clock, webhooks, buyers and banks do."""

from membership.sandbox.control import faults, home, money
from membership.sandbox.control.asking import bp

__all__ = ["bp", "faults", "home", "money"]
