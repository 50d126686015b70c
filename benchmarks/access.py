"""The access API beside a bare route with an answer of the same size, and the queries that an answer costs."""

from sqlalchemy import event

from benchmarks.figures import Figure, against_limit, compare
from benchmarks.load import Load
from benchmarks.newsroom import Newsroom
from benchmarks.server import HOST
from membership.app import create_app
from membership.config import Settings

WANTED = 0.6
MOST_QUERIES = 2


def measure_rate(load: Load, newsroom: Newsroom, rounds: int, *, on: str) -> Figure:
    """Ask about every reader in turn, at both routes."""
    key = {"Authorization": f"Bearer {newsroom.key}"}
    ours, bare = (
        [load.request(f"GET {path}/{subject}", key) for subject in newsroom.subjects]
        for path in ("/api/v1/access", "/bare/access")
    )
    load.rate(ours)
    name = f"access API, 10,000 patrons, {on}, beside a bare route"
    return compare(name, lambda: load.rate(ours), lambda: load.rate(bare), unit="/s", wanted=WANTED, rounds=rounds)


def count_queries(settings: Settings, newsroom: Newsroom) -> Figure:
    """Count the statements of the dearest answer, the first one of a new process included."""
    app = create_app(settings)
    statements: list[str] = []
    event.listen(app.extensions["engine"], "before_cursor_execute", lambda *told: statements.append(told[2]))
    client = app.test_client()
    costs = []
    for subject in newsroom.subjects[:100]:
        statements.clear()
        headers = {"Authorization": f"Bearer {newsroom.key}", "Host": HOST}
        assert client.get(f"/api/v1/access/{subject}", headers=headers).status_code == 200
        costs.append(sum(not statement.startswith("BEGIN") for statement in statements))
    app.extensions["engine"].dispose()
    return against_limit("queries of the dearest answer, beside the limit", max(costs), MOST_QUERIES, "")
