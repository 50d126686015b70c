"""Refusals about sites, passes and granted access."""

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
    message = N_("This site cannot be registered as written.")


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
