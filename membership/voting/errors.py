"""Refusals about topics, rounds and ballots."""

from membership.errors import Conflict, Forbidden, Invalid, NotFound
from membership.i18n import N_


class UnknownRound(NotFound):
    message = N_("There is no such vote.")


class NothingMarked(Invalid):
    message = N_("Please mark at least one topic.")
    field = "marks"


class TopicNotOnBallot(Invalid):
    message = N_("One of these topics is not part of this vote. Please mark your choice again.")
    field = "marks"


class MayNotVote(Forbidden):
    message = N_("You are not among those who may vote here. The page of this vote tells who is.")


class JoinedLater(MayNotVote):
    message = N_("Who may vote was settled when this vote opened, and you joined after that. The next vote is yours.")


class ShutOut(MayNotVote):
    message = N_(
        "The newsroom has shut this account out, so no ballot is taken from it. One that you cast before stays "
        "unless the newsroom takes it away. If you think that this is wrong, please write to the newsroom."
    )


class StruckOff(MayNotVote):
    message = N_(
        "The newsroom took your vote in this round away; a ballot that you had cast is deleted. "
        "If you think that this is wrong, please write to the newsroom."
    )


class RoundClosed(Conflict):
    message = N_("This vote has closed. Your choice was not taken; one that you made before stands.")


class NothingCast(Conflict):
    message = N_("There is no ballot of yours in this vote.")


class LinkOver(NotFound):
    message = N_("This link opens no ballot any more. If the vote is still open, please sign in to vote.")


class LinkStruckOff(LinkOver):
    message = StruckOff.message


class RoundSealed(Conflict):
    message = N_("This vote is sealed until it closes. Until then nobody sees how it stands.")


class RoundUncounted(RoundSealed):
    message = N_("This vote has closed. Its ballots are being counted; the results will be here in a few minutes.")


class ResultHeldBack(RoundSealed):
    message = N_("This vote is closed and counted. The result will be here on %(moment)s.")


class ResultStands(Conflict):
    message = N_("The stored result is what the ballots give. There is nothing to repair.")


class RoundNotDraft(Conflict):
    message = N_("This vote has been opened already.")


class RoundNotOpen(Conflict):
    message = N_("This vote is not open.")


class RoundOver(Conflict):
    message = N_("The closing time of this vote has passed already.")


class RollEmpty(Conflict):
    message = N_("Nobody could vote: no member holds a vote now.")


class TopicTaken(Conflict):
    message = N_("The topic “%(topic)s” is on another ballot or has been chosen already.")


class TooFewTopics(Invalid):
    message = N_("Please put at least two topics on the ballot, each once.")
    field = "topics"


class SeatsUnreadable(Invalid):
    message = N_("The number of topics to choose must be at least one and less than the number of topics.")
    field = "seats"


class OpensTooEarly(Invalid):
    message = N_("The opening time has passed already. Please choose a later one; or open the vote by hand.")
    field = "opens_at"


class ClosesTooEarly(Invalid):
    message = N_("The vote must close after it opens.")
    field = "closes_at"


class ClosesTooLate(Invalid):
    message = N_("The vote must close within a year from now.")
    field = "closes_at"


class ReceiptUnreadable(Invalid):
    message = N_("This is not a receipt code. It has sixteen letters and digits, for example KXQ7-93PM-4RTA-8WDE.")
    field = "receipt"


class BallotsUnlisted(Conflict):
    message = N_(
        "Fewer than twenty people voted, or fewer than five with one of the weights. "
        "To keep their votes secret, the ballots are not listed."
    )


class RecordUnreadable(Invalid):
    message = N_("This is not the whole record of a vote, as its page of results gives it: look at %(place)s.")


class StillRead(Conflict):
    message = N_("Somebody is still reading what was deleted. It is tried again in a moment.")


class BudgetUnreadable(Invalid):
    message = N_("A vote by dots needs a number of dots for each voter, from 1 to 100; other votes have none.")
    field = "budget"


class TopScoreUnreadable(Invalid):
    message = N_("A vote by scores needs a highest score from 1 to 10; other votes have none.")
    field = "top_score"


class QuorumUnreadable(Invalid):
    message = N_("The quorum is a share of the roll in whole percent, from 0 to 100.")
    field = "quorum_percent"


class HoldUnreadable(Invalid):
    message = N_("The result can be held back for 168 hours, a week, at most.")
    field = "hold_hours"


class MonthsUnreadable(Invalid):
    message = N_("Please write for how many months members must have paid, from 0 to 120.")
    field = "min_months"


class WeightUnreadable(Invalid):
    message = N_("A vote weighs from one to three.")
    field = "weights"


class FlagMissing(Invalid):
    message = N_("Please say which access flag gives the right to vote.")
    field = "flags"


class ReasonMissing(Invalid):
    message = N_("Please write the reason; it is kept with the act.")
    field = "reason"


class FlagUnknown(Invalid):
    message = N_("The newsroom has defined no flag “%(flag)s”.")
    field = "flags"


class TierUnknown(Invalid):
    message = N_("There is no tier “%(tier)s”.")
    field = "tiers"


class RoundNotClosed(Conflict):
    message = N_("This vote has not been counted yet, or is published already.")


class EndNotLater(Invalid):
    message = N_("The new closing time must be later than the one that was announced.")
    field = "closes_at"


class AlreadyOnRoll(Conflict):
    message = N_("This person is a guest of this vote already.")
    field = "email"


class NoGuest(Conflict):
    message = N_("This person is no guest of this vote.")


class NotOnRoll(Conflict):
    message = N_("This person is not on the roll of this vote, or was struck off already.")


class OneMarkOnly(Invalid):
    message = N_("Please mark one topic only.")
    field = "marks"


class RankGivenTwice(Invalid):
    message = N_("Please give each number once: 1 to your first choice, 2 to your second, and so on.")
    field = "marks"


class NumberGivenTwice(RankGivenTwice):
    message = N_(
        "The number %(number)s stands at more than one topic. Please give each number once: "
        "1 to your first choice, 2 to your second, and so on."
    )


class RankUnreadable(Invalid):
    message = N_(
        "Please write whole numbers: 1 for your first choice, 2 for your second, and so on. "
        "Leave the field empty at a topic that you do not want to rank."
    )
    field = "marks"


class ScoreUnreadable(Invalid):
    message = N_("Please give each topic one of the numbers that are offered.")
    field = "marks"


class TooManyDots(Invalid):
    message = N_("You gave %(given)s dots and have %(budget)s. Please take some away.")
    field = "marks"


class NameMissing(Invalid):
    message = N_("Ballots of this vote are signed. Please write the name that will stand beside yours.")
    field = "name"


class MethodMissing(Invalid):
    message = N_("Please choose how members vote.")
    field = "method"
