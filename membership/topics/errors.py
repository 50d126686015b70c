"""Refusals about topics, suggestions and comments."""

from membership.errors import Conflict, Forbidden, Invalid, NotFound
from membership.i18n import N_


class UnknownTopic(NotFound):
    message = N_("There is no such topic.")


class UnknownComment(NotFound):
    message = N_("There is no such comment.")


class StepNotAllowed(Conflict):
    message = N_("This cannot be done with a topic in this state. It may have changed meanwhile; please look again.")


class StepNeedsReason(Invalid):
    message = N_("Please write the reason; those who stand behind the topic will read it.")
    field = "reason"


class WordsFrozen(Conflict):
    message = N_("Members are voting on these words, so nobody can change them until the vote has closed.")


class MergedIntoItself(Invalid):
    message = N_("Please choose another topic to merge this one into.")
    field = "into"


class SlugTaken(Conflict):
    message = N_("This short name is taken. Please choose another one.")
    field = "slug"


class SlugUnreadable(Invalid):
    message = N_("Please write the short name in small Latin letters, digits and hyphens.")
    field = "slug"


class SlugReserved(Invalid):
    message = N_("A page of ours has this short name. Please choose another one.")
    field = "slug"


class TitleMissing(Invalid):
    message = N_("Please write a title in English.")
    field = "title"


class TitleTooShort(Invalid):
    message = N_("Please say in a few words what we should look into.")
    field = "title"


class TitleTooLong(Invalid):
    message = N_("Please keep the title within 120 characters; there is room below for more.")
    field = "title"


class TitleHasLink(Invalid):
    message = N_("Please put addresses into their own field, not into the title.")
    field = "title"


class WhyMissing(Invalid):
    message = N_("Please say in a sentence or two why it matters.")
    field = "why"


class WhyTooLong(Invalid):
    message = N_("Please keep this within 1,000 characters.")
    field = "why"


class LinkUnreadable(Invalid):
    message = N_("Please write each address on its own line, the whole of it, beginning with https://.")
    field = "links"


class TooManyLinks(Invalid):
    message = N_("Please keep to three addresses: the ones that tell the most.")
    field = "links"


class ArticleUnreadable(Invalid):
    message = N_("Please give the full address of the article, for example https://example.org/article.")
    field = "article_url"


class ArticleElsewhere(Invalid):
    message = N_("This address is not on our publication. If it is right all the same, say so below.")
    field = "article_url"


class AssigneeMissing(Invalid):
    message = N_("Please write who takes it on.")
    field = "assignee"


class DueTooEarly(Invalid):
    message = N_("Please choose a day that is still to come.")
    field = "due_on"


class DueTooLate(Invalid):
    message = N_("Please choose a day within two years from now.")
    field = "due_on"


class MayNotSuggest(Forbidden):
    message = N_("Suggestions, support and comments are for members whose support includes a vote.")


class EnoughSuggested(Conflict):
    message = N_("You have suggested as much as your tier allows this month. You can support what others suggested.")


class CommentsClosed(Conflict):
    message = N_("There is no discussion of this topic.")


class CommentMissing(Invalid):
    message = N_("Please write something first.")
    field = "text"


class CommentTooLong(Invalid):
    message = N_("Please keep a comment within 500 characters.")
    field = "text"


class CommentHasLink(Invalid):
    message = N_("Comments carry no addresses. Please say it in words.")
    field = "text"


class NotTheHouse(Invalid):
    message = N_("This name has ours in it, and readers would take you for the newsroom. Please sign otherwise.")
    field = "signed_as"


class TooManyComments(Conflict):
    message = N_("That is a lot of comments for one day. Please come back tomorrow.")


class AllowanceUnreadable(Invalid):
    message = N_("Please write how many suggestions a month, from 0 to 100.")
    field = "per_month"
