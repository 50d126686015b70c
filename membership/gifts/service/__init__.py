"""What can be done with memberships for somebody else."""

from membership.gifts.service.buying import GiftDraft, GiftOffer, buy, get_offer, list_offers
from membership.gifts.service.letters import list_due, send_again, write_letters
from membership.gifts.service.pausing import (
    PausePlan,
    Resumption,
    conclude,
    end_pause,
    find_wanted,
    lengthen,
    list_wanted,
    paid_until,
    resting,
)
from membership.gifts.service.pausing import list_due as list_due_resumptions
from membership.gifts.service.redeeming import check_code, list_returned, plan_return, redeem, take_returned_back, void
from membership.gifts.service.standing import find_gift_of, get_gift, is_sent_back, list_gifts, list_gifts_by, state_of

__all__ = [
    "GiftDraft",
    "GiftOffer",
    "PausePlan",
    "Resumption",
    "buy",
    "check_code",
    "conclude",
    "end_pause",
    "find_gift_of",
    "find_wanted",
    "get_gift",
    "get_offer",
    "is_sent_back",
    "lengthen",
    "list_due",
    "list_due_resumptions",
    "list_gifts",
    "list_gifts_by",
    "list_offers",
    "list_returned",
    "list_wanted",
    "paid_until",
    "plan_return",
    "redeem",
    "resting",
    "send_again",
    "state_of",
    "take_returned_back",
    "void",
    "write_letters",
]
