"""A payment provider that lives in memory, for tests."""

from membership.gateway.memory.gateway import MemoryGateway

__all__ = ["MemoryGateway"]
