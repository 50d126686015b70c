"""One message, one recipient, clean headers; every trouble of mail servers told as one of two."""

import socket
from email.utils import parsedate_to_datetime

import pytest
from aiosmtpd.smtp import AuthResult

from membership.clock import utc_now
from membership.mail.errors import MailFailed, RecipientRefused
from membership.mail.rendering import Words
from membership.mail.transport import build, send
from tests.conftest import make_settings
from tests.mail.postbox import open_postbox

WORDS = Words("Ваш чек", "Дякуємо.\n", "<p>Дякуємо.</p>")


@pytest.fixture
def message():
    return build(WORDS, "olena@example.org", "abc", make_settings())


def test_a_message_says_who_what_and_when(message):
    assert message["From"] == "The Open Daily <members@publication.test>"
    assert message["To"] == "olena@example.org"
    assert message["Message-ID"] == "<abc@localhost>"
    assert abs((parsedate_to_datetime(message["Date"]) - utc_now()).total_seconds()) < 60
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_a_message_arrives_as_it_was_written(message, postbox):
    send(message, postbox.url)

    assert postbox.recipients == ["olena@example.org"]
    assert postbox.messages[0]["Subject"] == "Ваш чек"
    assert postbox.messages[0].get_body(("plain",)).get_content().strip() == "Дякуємо."


@pytest.mark.parametrize(
    ("recipient", "on_the_wire"), [("olena@пошта.укр", "olena@xn--80a1acn3a.xn--j1amh"), ("олена@example.org", None)]
)
def test_addresses_beyond_ascii_are_written_to(recipient, on_the_wire, postbox):
    send(build(WORDS, recipient, "abc", make_settings()), postbox.url)

    assert postbox.recipients == [on_the_wire or recipient]


def test_a_server_that_knows_ascii_only_refuses_other_addresses_for_good():
    with open_postbox(enable_SMTPUTF8=False) as box, pytest.raises(RecipientRefused):
        send(build(WORDS, "олена@example.org", "abc", make_settings()), box.url)


@pytest.mark.parametrize(
    "recipient", ["", "olena", "a@b.org\r\nBcc: eve@example.org", "a@b.org,c@d.org", "A <a@b.org>"]
)
def test_what_is_not_one_address_is_refused(recipient):
    with pytest.raises(RecipientRefused):
        build(WORDS, recipient, "abc", make_settings())


@pytest.mark.parametrize(("answer", "trouble"), [("550 Nobody", RecipientRefused), ("450 Later", MailFailed)])
def test_a_refusal_for_good_is_told_from_one_for_now(message, postbox, answer, trouble):
    postbox.answer = answer

    with pytest.raises(trouble):
        send(message, postbox.url)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_that_is_away_is_a_failure_that_quotes_nothing(message, scheme):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]

    with pytest.raises(MailFailed) as failure:
        send(message, f"{scheme}://127.0.0.1:{port}")
    assert "olena" not in str(failure.value)


def test_tls_is_asked_for_where_the_address_says_so(message, postbox):
    with pytest.raises(MailFailed):
        send(message, f"{postbox.url}?starttls")


def test_the_name_and_password_of_the_address_are_shown(message):
    seen = []

    def authenticate(server, session, envelope, mechanism, data):
        seen.append((mechanism, data.login, data.password))
        return AuthResult(success=True)

    with open_postbox(authenticator=authenticate, auth_require_tls=False) as box:
        send(message, box.url.replace("smtp://", "smtp://post%40daily:s%3Ccret@"))

    assert (seen[0][1], seen[0][2]) == (b"post@daily", b"s<cret")
