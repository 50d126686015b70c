"""What access can do and answer: decide, know sites and readers, hand over, sign passes, grant."""

from membership.access.service.answering import Answer, Given, GivenAnswers
from membership.access.service.asking import KnownKeys, needs_note
from membership.access.service.bans import ban_patron, lift_ban, list_bans_of
from membership.access.service.comps import grant_comp, list_comps_of, revoke_comp
from membership.access.service.decisions import (
    Member,
    decide_for,
    decide_for_many,
    decide_for_subject,
    decide_from,
    flags_of,
    list_members,
    prepare_causes,
)
from membership.access.service.external_ids import KnownReader, find_readers, link_reader, unlink_reader
from membership.access.service.handovers import (
    SignOn,
    check_return,
    open_handover,
    open_sign_on,
    prove,
    stands,
    take_code,
    take_sign_on,
)
from membership.access.service.keys import KeyRing, PassKey, key_ring
from membership.access.service.passes import PASS_LIFE, Addressee, Issuer, Pass, mint
from membership.access.service.prepared import NotAnswered
from membership.access.service.quotas import Quotas
from membership.access.service.rests import REST, read_rest, rest_appeals, write_rest
from membership.access.service.site_keys import (
    KEY_OVERLAP,
    AskingSite,
    add_key,
    find_asking_site,
    get_key,
    list_keys,
    revoke_key,
    rotate_key,
)
from membership.access.service.sites import (
    SiteDraft,
    add_site,
    change_site,
    describe_site,
    find_site_of_origin,
    get_site,
    list_addresses,
    list_sites,
    patron_behind,
    subject_of,
)
from membership.access.service.versions import version_of

__all__ = [
    "KEY_OVERLAP",
    "PASS_LIFE",
    "REST",
    "Addressee",
    "Answer",
    "AskingSite",
    "Given",
    "GivenAnswers",
    "Issuer",
    "KeyRing",
    "KnownKeys",
    "KnownReader",
    "Member",
    "NotAnswered",
    "Pass",
    "PassKey",
    "Quotas",
    "SignOn",
    "SiteDraft",
    "add_key",
    "add_site",
    "ban_patron",
    "change_site",
    "check_return",
    "decide_for",
    "decide_for_many",
    "decide_for_subject",
    "decide_from",
    "describe_site",
    "find_asking_site",
    "find_readers",
    "find_site_of_origin",
    "flags_of",
    "get_key",
    "get_site",
    "grant_comp",
    "key_ring",
    "lift_ban",
    "link_reader",
    "list_addresses",
    "list_bans_of",
    "list_comps_of",
    "list_keys",
    "list_members",
    "list_sites",
    "mint",
    "needs_note",
    "open_handover",
    "open_sign_on",
    "patron_behind",
    "prepare_causes",
    "prove",
    "read_rest",
    "rest_appeals",
    "revoke_comp",
    "revoke_key",
    "rotate_key",
    "stands",
    "subject_of",
    "take_code",
    "take_sign_on",
    "unlink_reader",
    "version_of",
    "write_rest",
]
