"""What can be done with memberships for somebody else."""

from membership.gifts.service.buying import GiftDraft, GiftOffer, buy, get_offer, list_offers
from membership.gifts.service.letters import list_due, send_again, write_letters
from membership.gifts.service.redeeming import plan_return, redeem, void
from membership.gifts.service.standing import find_gift_of, get_gift, list_gifts, list_gifts_by, state_of

__all__ = [
    "GiftDraft",
    "GiftOffer",
    "buy",
    "find_gift_of",
    "get_gift",
    "get_offer",
    "list_due",
    "list_gifts",
    "list_gifts_by",
    "list_offers",
    "plan_return",
    "redeem",
    "send_again",
    "state_of",
    "void",
    "write_letters",
]
