"""Codes that make a tier cheaper."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.gateway.values import CouponWish
from membership.money import Money
from membership.tiers import rules
from membership.tiers.errors import CouponExists, CouponUnusable, UnknownCoupon
from membership.tiers.models import Coupon, CouponDuration, Price, Tier
from membership.tiers.service.tiers import get_tier


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponDraft:
    """A coupon to be: a share or an amount off, for how many payments, for whom and until when."""

    code: str
    off: int | Money
    duration: CouponDuration
    months: int | None = None
    tier: str | None = None
    most_uses: int | None = None
    ends_at: datetime | None = None


def add_coupon(session: Session, draft: CouponDraft, now: datetime) -> Coupon:
    """Write a coupon down; it counts when the payment provider knows it. Raises CouponExists or UnknownTier."""
    if _find(session, draft.code) is not None:
        raise CouponExists
    amount = draft.off if isinstance(draft.off, Money) else None
    coupon = Coupon(
        code=draft.code,
        tier_id=get_tier(session, draft.tier).id if draft.tier else None,
        percent_off=None if isinstance(draft.off, Money) else draft.off,
        amount_off_minor=amount and amount.minor,
        amount_off_currency=amount and amount.currency,
        duration=draft.duration,
        months=draft.months,
        most_uses=draft.most_uses,
        ends_at=draft.ends_at,
        created_at=now,
    )
    session.add(coupon)
    session.flush()
    return coupon


def get_coupon(session: Session, code: str) -> Coupon:
    """Return a coupon by its code, or raise UnknownCoupon."""
    coupon = _find(session, code)
    if coupon is None:
        raise UnknownCoupon
    return coupon


def get_usable_coupon(session: Session, code: str, price: Price, now: datetime) -> Coupon:
    """Return a coupon that counts for a price; whatever is wrong with it is CouponUnusable."""
    coupon = _find(session, code)
    if coupon is None:
        raise CouponUnusable
    rules.admit_coupon(coupon, price, now)
    return coupon


def list_coupons(session: Session) -> list[Coupon]:
    """List every coupon, retired ones too, the newest first."""
    return list(session.scalars(select(Coupon).order_by(Coupon.id.desc())))


def wish_for(session: Session, code: str) -> CouponWish | None:
    """Return what to ask the payment provider for, unless it knows the coupon or it counts no more."""
    coupon = get_coupon(session, code)
    if coupon.stripe_promotion_code_id is not None or coupon.retired_at is not None:
        return None
    tier = session.get(Tier, coupon.tier_id) if coupon.tier_id else None
    return CouponWish(
        code=coupon.code,
        off=coupon.percent_off or Money(coupon.amount_off_minor or 0, coupon.amount_off_currency or ""),
        duration=coupon.duration.value,
        months=coupon.months,
        product_id=tier.stripe_product_id if tier else None,
        most_uses=coupon.most_uses,
        ends_at=coupon.ends_at,
    )


def record_coupon(session: Session, code: str, stripe_coupon_id: str, stripe_promotion_code_id: str) -> None:
    """Keep the ids by which the payment provider knows a coupon and its code."""
    coupon = get_coupon(session, code)
    coupon.stripe_coupon_id, coupon.stripe_promotion_code_id = stripe_coupon_id, stripe_promotion_code_id


def retire_coupon(session: Session, code: str, now: datetime) -> Coupon:
    """Let a code count no more; who has used it keeps what it gave."""
    coupon = get_coupon(session, code)
    coupon.retired_at = coupon.retired_at or now
    return coupon


def _find(session: Session, code: str) -> Coupon | None:
    return session.scalar(select(Coupon).filter_by(code=code.strip().upper()))
