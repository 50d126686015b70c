"""One code, many hands: it gives its time once, or its money goes back, never both."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from membership.clock import utc_now
from membership.db import transaction
from membership.errors import MembershipError
from membership.gifts import service
from membership.patrons.models import Patron
from membership.payments.models import Refund
from membership.terms.models import Term
from tests.factories import make_patron
from tests.subscriptions.making import rows

CROWD = 6


def at_once(app, acts):
    start = Barrier(len(acts))

    def run(act):
        start.wait()
        try:
            with app.app_context(), transaction() as current:
                act(current)
        except MembershipError as refusal:
            return type(refusal).__name__
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(run, acts))


def redeeming(patron, code):
    return lambda current: service.redeem(current, code, current.get_one(Patron, patron.id), utc_now())


def test_many_who_have_the_same_code_get_it_once(app, giving):
    giving.give()
    code, crowd = giving.code(), [make_patron(giving.session) for _ in range(CROWD)]
    giving.session.commit()

    assert at_once(app, [redeeming(patron, code) for patron in crowd]) == {"done": 1, "GiftUsed": CROWD - 1}
    assert len(rows(giving.session, Term)) == 1


def test_accepted_and_taken_back_at_the_same_moment_it_is_one_of_the_two(app, giving):
    gift = giving.give()
    patron, code = make_patron(giving.session), giving.code()
    giving.session.commit()

    def give_back(current):
        service.plan_return(current, gift.public_id, actor="giver", reason="a test")

    told = at_once(app, [redeeming(patron, code), give_back])
    assert told["done"] == 1
    assert len(rows(giving.session, Term)) + len(rows(giving.session, Refund)) == 1
