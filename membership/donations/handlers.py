"""Take committed gifts to the payment provider and keep its answers; nothing is open in between."""

from membership.db import release, session, transaction
from membership.donations import service
from membership.donations.models import Donation, Purpose
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayRefused
from membership.gateway.values import DonationCheckout
from membership.i18n import N_, gettext, speaking
from membership.money import decimal
from membership.web import public_url, settings

_NAMES = {
    Purpose.DONATION: N_("A gift to %(publication)s"),
    Purpose.MEMBERSHIP: N_("A membership of %(publication)s for somebody else"),
}


def open_checkout(donation_id: int) -> str:
    """Open the checkout of a donation, or find the one that was opened; return where to pay."""
    wish = _wish(service.get_donation(session(), donation_id))
    release()
    try:
        checkout = gateway().open_donation_checkout(wish, key=f"donation:{wish.reference}")
    except GatewayRefused:
        with transaction() as current:
            service.fail_donation(current, donation_id)
        raise
    with transaction() as current:
        service.record_checkout(current, donation_id, checkout)
    return checkout.url or f"{_thanks()}{checkout.id}"


def _wish(donation: Donation) -> DonationCheckout:
    with speaking(donation.locale):
        name = gettext(_NAMES[donation.purpose], publication=settings().publication_name)
    return DonationCheckout(
        reference=donation.reference,
        amount=donation.amount,
        email=donation.email or "",
        name=name,
        locale=donation.locale,
        success_url=_thanks() + "{CHECKOUT_SESSION_ID}",
        cancel_url=_back(donation),
        expires_at=donation.expires_at,
    )


def _back(donation: Donation) -> str:
    kept = {"source": donation.source or None, "currency": donation.amount.currency, "unpaid": 1}
    if donation.purpose is Purpose.MEMBERSHIP:
        return public_url("gifts.ask", **kept)
    return public_url("support.ask", interval="once", amount=decimal(donation.gift), **kept)


def _thanks() -> str:
    return f"{public_url('support.thank')}?session_id="
