"""Why a letter did not go out; told to the worker and to staff, never to a reader."""


class MailFailed(Exception):
    """The mail server could not be reached or put us off; it is worth trying again."""


class RecipientRefused(Exception):
    """The address takes no mail from us, and trying again will not change that."""
