"""What is filled in about money that comes past Stripe."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from membership.clock import utc_now
from membership.donations.models import Method
from membership.donations.rules import kept_message, kept_name
from membership.i18n import current_locale
from membership.money import parse_amount
from membership.offline.errors import DonorUnnamed, OfflineGiftUnreadable
from membership.offline.service import OfflineDraft
from membership.patrons.service import canonical_email


def read_gift(fields: Mapping[str, str], timezone: str) -> OfflineDraft:
    """Read a gift that came past Stripe. Raises OfflineGiftUnreadable, EmailUnreadable or a refusal of the amount."""
    method = fields.get("method", "")
    if method not in set(Method) - {Method.STRIPE}:
        raise OfflineGiftUnreadable(field="method")
    currency = fields.get("currency", "")
    amount, fee = fields.get("amount", ""), fields.get("fee", "").strip()
    return OfflineDraft(
        amount=parse_amount(amount, currency),
        fee=parse_amount(fee, currency) if fee else None,
        method=Method(method),
        received_at=_moment(fields.get("received_on", ""), timezone),
        email=read_donor(fields),
        name=kept_name(fields.get("name", "")),
        locale=current_locale(),
        honouree=kept_name(fields.get("honouree", "")),
        message=kept_message(fields.get("message", "")),
        is_anonymous=fields.get("is_anonymous") == "1",
    )


def read_donor(fields: Mapping[str, str]) -> str | None:
    """Read whose a gift is: an address, or nobody's when that is said. Raises EmailUnreadable or DonorUnnamed."""
    email = fields.get("email", "").strip()
    if email:
        return canonical_email(email)
    if fields.get("is_nameless") != "1":
        raise DonorUnnamed
    return None


def _moment(text: str, timezone: str) -> datetime:
    try:
        day = datetime.combine(date.fromisoformat(text), time(), ZoneInfo(timezone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise OfflineGiftUnreadable(field="received_on") from None
    if day > utc_now():
        raise OfflineGiftUnreadable(field="received_on")
    return day
