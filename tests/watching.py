"""A provider that looks over its callers' shoulders."""

from threading import RLock

from flask import has_app_context

from membership import db
from membership.gateway.memory import MemoryGateway
from tests.conftest import WEBHOOK_SECRET


class WatchfulGateway(MemoryGateway):
    """Serves one caller at a time, as a provider's database does, and looks whether a transaction is open."""

    def __init__(self) -> None:
        super().__init__([WEBHOOK_SECRET])
        self.lock = RLock()
        self.asked_within: list[str] = []

    def called(self, name, subject):
        if has_app_context() and db.session().in_transaction():
            self.asked_within.append(name)
        super().called(name, subject)

    def once(self, *request):
        with self.lock:
            return super().once(*request)
