"""Who may do what: every route of the newsroom's pages and the least role that it asks for. A new one must be named."""

from dataclasses import dataclass

from membership.patrons.models import Role

VIEWER, EDITOR, FINANCE, ADMIN = Role


@dataclass(frozen=True)
class Entry:
    """A route, an address that it serves (`{…}` is filled in by the test), and the least role."""

    method: str
    endpoint: str
    path: str
    role: Role


MATRIX = (
    Entry("GET", "show_overview", "/staff", VIEWER),
    Entry("GET", "show_money", "/staff/money", VIEWER),
    Entry("GET", "list_rows", "/staff/money/rows", VIEWER),
    Entry("GET", "export_money", "/staff/money/2026-11.csv", FINANCE),
    Entry("GET", "show_payment", "/staff/money/payments/{receipt}", VIEWER),
    Entry("GET", "consider_refund", "/staff/money/payments/{receipt}/refund", FINANCE),
    Entry("POST", "refund", "/staff/money/payments/{receipt}/refund", FINANCE),
    Entry("GET", "ask_offline", "/staff/money/offline", FINANCE),
    Entry("POST", "enter_offline", "/staff/money/offline", FINANCE),
    Entry("GET", "show_bank", "/staff/money/bank", FINANCE),
    Entry("POST", "import_bank_file", "/staff/money/bank", FINANCE),
    Entry("POST", "accept_matched", "/staff/money/bank/matched", FINANCE),
    Entry("GET", "show_line", "/staff/money/bank/{line}", FINANCE),
    Entry("POST", "decide_line", "/staff/money/bank/{line}", FINANCE),
    Entry("GET", "search_patrons", "/staff/patrons?q=x", VIEWER),
    Entry("GET", "show_patron", "/staff/patrons/{patron}", VIEWER),
    Entry("GET", "consider_comp", "/staff/patrons/{patron}/comp", EDITOR),
    Entry("POST", "grant_comp", "/staff/patrons/{patron}/comp", EDITOR),
    Entry("GET", "consider_revoking", "/staff/patrons/{patron}/comps/{comp}/revoke", EDITOR),
    Entry("POST", "revoke_comp", "/staff/patrons/{patron}/comps/{comp}/revoke", EDITOR),
    Entry("GET", "consider_ban", "/staff/patrons/{patron}/ban", ADMIN),
    Entry("POST", "ban", "/staff/patrons/{patron}/ban", ADMIN),
    Entry("POST", "unban", "/staff/patrons/{patron}/unban", ADMIN),
    Entry("GET", "list_flags", "/staff/flags", VIEWER),
    Entry("POST", "define_flag", "/staff/flags", ADMIN),
    Entry("POST", "set_flag", "/staff/flags/vote", ADMIN),
    Entry("POST", "remove_flag", "/staff/flags/archive/remove", ADMIN),
    Entry("GET", "list_votes", "/staff/votes", VIEWER),
    Entry("GET", "draft_round", "/staff/votes/new", EDITOR),
    Entry("POST", "create_round", "/staff/votes/new", EDITOR),
    Entry("GET", "show_round", "/staff/votes/rounds/{round}", VIEWER),
    Entry("GET", "consider_opening", "/staff/votes/rounds/{round}/open", EDITOR),
    Entry("POST", "open_round", "/staff/votes/rounds/{round}/open", EDITOR),
    Entry("GET", "consider_closing", "/staff/votes/rounds/{round}/close", EDITOR),
    Entry("POST", "close_round", "/staff/votes/rounds/{round}/close", EDITOR),
    Entry("GET", "consider_extending", "/staff/votes/rounds/{round}/extend", EDITOR),
    Entry("POST", "extend_round", "/staff/votes/rounds/{round}/extend", EDITOR),
    Entry("POST", "publish_round", "/staff/votes/rounds/{round}/publish", EDITOR),
    Entry("GET", "ask_guest", "/staff/votes/rounds/{round}/guests", EDITOR),
    Entry("POST", "invite_guest", "/staff/votes/rounds/{round}/guests", EDITOR),
    Entry("GET", "list_signals", "/staff/votes/rounds/{round}/signals", EDITOR),
    Entry("GET", "consider_striking", "/staff/votes/rounds/{round}/voters/{patron}/strike", ADMIN),
    Entry("POST", "strike", "/staff/votes/rounds/{round}/voters/{patron}/strike", ADMIN),
    Entry("GET", "list_topics", "/staff/topics", VIEWER),
    Entry("GET", "draft_topic", "/staff/topics/new", EDITOR),
    Entry("POST", "create_topic", "/staff/topics/new", EDITOR),
    Entry("GET", "show_promises", "/staff/topics/kept", VIEWER),
    Entry("GET", "ask_house_rules", "/staff/topics/rules", EDITOR),
    Entry("POST", "set_house_rules", "/staff/topics/rules", EDITOR),
    Entry("GET", "show_topic", "/staff/topics/{topic}", VIEWER),
    Entry("POST", "list_for_members", "/staff/topics/{topic}/list", EDITOR),
    Entry("POST", "shortlist", "/staff/topics/{topic}/shortlist", EDITOR),
    Entry("GET", "consider_declining", "/staff/topics/{topic}/decline", EDITOR),
    Entry("POST", "decline", "/staff/topics/{topic}/decline", EDITOR),
    Entry("GET", "consider_merging", "/staff/topics/{topic}/merge", EDITOR),
    Entry("POST", "merge", "/staff/topics/{topic}/merge", EDITOR),
    Entry("GET", "draft_words", "/staff/topics/{topic}/edit", EDITOR),
    Entry("POST", "edit", "/staff/topics/{topic}/edit", EDITOR),
    Entry("GET", "consider_hiding", "/staff/topics/comments/{comment}/hide", EDITOR),
    Entry("POST", "hide_comment", "/staff/topics/comments/{comment}/hide", EDITOR),
    Entry("GET", "ask_assignee", "/staff/topics/{topic}/assign", EDITOR),
    Entry("POST", "assign", "/staff/topics/{topic}/assign", EDITOR),
    Entry("GET", "ask_article", "/staff/topics/{topic}/article", EDITOR),
    Entry("POST", "set_article", "/staff/topics/{topic}/article", EDITOR),
    Entry("GET", "consider_dropping", "/staff/topics/{topic}/drop", EDITOR),
    Entry("POST", "drop", "/staff/topics/{topic}/drop", EDITOR),
    Entry("GET", "list_letters", "/staff/letters", VIEWER),
    Entry("POST", "retry_jobs", "/staff/letters/retry", ADMIN),
    Entry("GET", "list_sites", "/staff/sites", ADMIN),
    Entry("GET", "draft_site", "/staff/sites/new", ADMIN),
    Entry("POST", "add_site", "/staff/sites/new", ADMIN),
    Entry("GET", "show_site", "/staff/sites/{site}", ADMIN),
    Entry("GET", "draft_change", "/staff/sites/{site}/edit", ADMIN),
    Entry("POST", "change_site", "/staff/sites/{site}/edit", ADMIN),
    Entry("GET", "consider_key", "/staff/sites/{site}/keys/new", ADMIN),
    Entry("POST", "rotate_key", "/staff/sites/{site}/keys/new", ADMIN),
    Entry("GET", "consider_revoking_key", "/staff/sites/{site}/keys/{key}/revoke", ADMIN),
    Entry("POST", "revoke_key", "/staff/sites/{site}/keys/{key}/revoke", ADMIN),
    Entry("GET", "show_webhook", "/staff/sites/{site}/webhook", ADMIN),
    Entry("POST", "set_webhook", "/staff/sites/{site}/webhook", ADMIN),
    Entry("POST", "rotate_webhook_secret", "/staff/sites/{site}/webhook/secret", ADMIN),
    Entry("POST", "enable_webhook", "/staff/sites/{site}/webhook/enable", ADMIN),
    Entry("POST", "replay", "/staff/sites/{site}/webhook/replay", ADMIN),
    Entry("GET", "consider_removing_webhook", "/staff/sites/{site}/webhook/remove", ADMIN),
    Entry("POST", "remove_webhook", "/staff/sites/{site}/webhook/remove", ADMIN),
    Entry("GET", "show_connection", "/staff/sites/{site}/connection", ADMIN),
    Entry("POST", "check_connection", "/staff/sites/{site}/connection", ADMIN),
)
