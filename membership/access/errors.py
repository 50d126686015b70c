"""Refusals about sites, passes and granted access."""

from typing import ClassVar

from membership.errors import Conflict, Forbidden, Invalid, NotFound
from membership.i18n import N_


class UnknownSite(NotFound):
    message = N_("We do not know this site.")


class UnknownSiteKey(NotFound):
    message = N_("The site has no such key.")


class UnknownSubject(NotFound):
    message = N_("We do not know this reader.")


class UnknownComp(NotFound):
    message = N_("There is no such complimentary access.")


class UnknownPassKey(NotFound):
    message = N_("There is no such key.")


class SiteExists(Conflict):
    message = N_("There is a site of this name or audience already.")


class PassKeyInUse(Conflict):
    message = N_("This key signs passes now. Make a new one, and remove this one when the new one has taken over.")


class BeingErased(Conflict):
    message = N_("This account is being erased or was erased. Nothing can be granted to it.")


class AlreadyBanned(Conflict):
    message = N_("This patron is shut out already.")


class NotBanned(Conflict):
    message = N_("This patron is not shut out.")


class ReaderHasAnotherName(Conflict):
    message = N_("This number of yours belongs to another reader, or this reader has another number. Unlink it first.")


class ExternalIdUnreadable(Invalid):
    message = N_("Your number for a reader is 1 to 128 visible characters of ASCII, sent as external_id.")


class ScopeMissing(Forbidden):
    message = N_("This site may not ask in this way. Give it the scope “%(scope)s” first.")


class BodyUnreadable(Invalid):
    message = N_("We could not read “%(where)s” in what you sent.")


class SiteUnreadable(Invalid):
    """A field of a site that is not as it has to be; the sentence tells how it has to be."""

    said: ClassVar[dict[str, str]] = {
        "slug": N_(
            "The short name is of small letters, digits and hyphens, at most 63, and begins and ends without one."
        ),
        "name": N_("Please write what readers call the site, in at most 80 characters."),
        "audience": N_("The name in its passes is of at most 500 visible characters."),
        "origins": N_(
            "“%(text)s” is not as browsers name the place that a page is of. Write https://www.example.org, "
            "in small letters, without a path or a slash at its end, and no port that goes without saying."
        ),
        "return_urls": N_(
            "Readers cannot come back to “%(text)s”. Write a whole address such as https://www.example.org/welcome, "
            "without a question mark or a #; plain http only for localhost."
        ),
        "scopes": N_("There is no scope “%(text)s”."),
    }

    def __init__(self, *, field: str, text: str) -> None:
        super().__init__(self.said[field], field=field, text=text)


class CompUnreadable(Invalid):
    message = N_("Complimentary access needs a reason and an end that lies ahead.")


class HandoverUnreadable(Invalid):
    message = N_("The site sent you here in a way that we do not understand. Please tell its newsroom.")


class ReturnUrlUnknown(Invalid):
    message = N_("The site wants you back at an address that it has not registered. Please tell its newsroom.")


class CodeRefused(Invalid):
    message = N_("This code is not valid, or not any more.")


class SubjectMissing(Invalid):
    message = N_("Which reader is meant? Send her subject.")


class OriginUnknown(Forbidden):
    message = N_("This site may not ask from a browser.")
