"""The sandbox in this process: asked without a socket, on a clock that stands still until somebody moves it."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import stripe
from requests.structures import CaseInsensitiveDict

from membership import clock
from membership.gateway.stripe_gateway import StripeGateway
from membership.sandbox import requests
from membership.sandbox.agenda import Agenda
from membership.sandbox.clock import Clock
from membership.sandbox.store import Store
from membership.sandbox.webhooks import Mode
from membership.sandbox.world import World
from tests.conftest import make_settings

ADDRESS = "http://stripe.test"


class Killed(BaseException):
    """This process is gone; as little as a dead one does it handle, close or say anything."""


class Still(Clock):
    """A clock that stands still."""

    def __init__(self, moment: int) -> None:
        self.moment = moment
        super().__init__()

    def now(self) -> int:
        return self.moment

    def move_to(self, moment: int) -> None:
        self.moment = max(self.moment, moment)


class Peril:
    """Where something strikes, mostly the end of this process: before or after a request to Stripe, or a commit."""

    def __init__(self) -> None:
        self.arm(0)

    def arm(self, point: int, strike: Callable[[str], None] | None = None) -> None:
        self.left, self.strike = point, strike or _kill

    def cross(self, where: str) -> None:
        if self.left:
            self.left -= 1
            if not self.left:
                self.strike(where)


def _kill(where: str) -> None:
    raise Killed(where)


class Line(stripe.HTTPClient):
    """Carries requests to the sandbox by calling it."""

    name = "in this process"

    def __init__(self, provider: "Provider") -> None:
        super().__init__()
        self.provider = provider

    def request(self, method, url, headers, post_data=None, *, _usage=None):
        parts, provider = urlsplit(url), self.provider
        pairs = parse_qsl(post_data or "" if method == "post" else parts.query, keep_blank_values=True)
        named = {name.lower(): value for name, value in headers.items()}
        provider.peril.cross(f"before {method.upper()} at Stripe")
        answer = requests.respond(provider.world, requests.Request(method.upper(), parts.path, ADDRESS, named, pairs))
        provider.peril.cross(f"after {method.upper()} at Stripe")
        if answer.is_dropped:
            raise stripe.APIConnectionError("the line is dead", should_retry=True)
        return answer.body, answer.status, CaseInsensitiveDict(answer.headers)

    def _sleep_time_seconds(self, num_retries: int) -> float:
        return 0.0

    def close(self) -> None:
        pass


class Provider:
    """A sandbox and the gateway to it; `begin` puts another one in its place, as it was saved."""

    def __init__(self, moment: int) -> None:
        self.world = World(Store("proof"), Still(moment), mode=Mode.HOLD)
        self.peril = Peril()
        self.gateway = StripeGateway(make_settings(), Line(self))
        # The line that reconciles waits for its turn; this one is always the first.
        self.gateway.__dict__["_patient"] = self.gateway

    def save(self) -> bytes:
        store = self.world.store
        return pickle.dumps((store.given, store.tables, store.untold, self.world.agenda.entries, self.world.answers))

    def begin(self, saved: bytes, moment: int) -> None:
        store = Store("proof")
        store.given, store.tables, store.untold, entries, answers = pickle.loads(saved)
        self.world = World(store, Still(moment), agenda=Agenda(entries), mode=Mode.HOLD, answers=answers)
        self.peril.arm(0)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.world.clock.now(), UTC)

    def follow(self, patch: Callable[..., None]) -> None:
        """Let the application ask this clock."""
        patch(clock, "datetime", _Asked(self))


class _Asked:
    """Stands in for `datetime` where the application asks the time."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def now(self, _) -> datetime:
        return self.provider.now()
