"""A hanging provider takes only its share of a process (PAY-03)."""

import socket
from threading import Thread

import pytest
import stripe

from membership.gateway.errors import GatewayUnreachable
from membership.gateway.stripe_gateway import StripeGateway, line
from tests.conftest import make_settings
from tests.gateway.providers import donation, key


@pytest.fixture
def silence(monkeypatch):
    monkeypatch.setattr(line, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def ask(gateway):
    with pytest.raises(GatewayUnreachable):
        gateway.open_donation_checkout(donation(), key=key())


def test_who_finds_no_place_on_the_line_is_answered_while_others_still_wait(silence):
    address = f"http://127.0.0.1:{silence.getsockname()[1]}"
    gateway = StripeGateway.from_settings(make_settings(stripe_api_base=address))
    waiting = [Thread(target=ask, args=[gateway]) for _ in range(line.MOST_AT_ONCE)]
    for thread in waiting:
        thread.start()
    reached = [silence.accept()[0] for _ in waiting]
    ask(gateway)
    still_waiting = [thread.is_alive() for thread in waiting]
    silence.close()
    for end in reached:
        end.close()
    for thread in waiting:
        thread.join()

    assert still_waiting == [True] * line.MOST_AT_ONCE


def test_a_place_is_given_back_after_a_failure():
    full = line.Line()
    for _ in range(line.MOST_AT_ONCE + 1):
        with pytest.raises(stripe.APIConnectionError):
            full.request("get", "http://127.0.0.1:1/", {}, None)
