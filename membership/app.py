"""Puts the application together: settings, database, gateway, web, blueprints, jobs, commands, invariants."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from click import Command
from flask import Blueprint, Flask

from membership import clock, config, db, logs, web
from membership.access import api as access_api
from membership.access import cli as access_cli
from membership.access import door as access_door
from membership.access import views as access_views
from membership.access.invariants import INVARIANTS as ACCESS_INVARIANTS
from membership.account import views as account_views
from membership.audit.invariants import INVARIANTS as AUDIT_INVARIANTS
from membership.config import Settings
from membership.donations import cli as donation_cli
from membership.donations import views as donation_views
from membership.donations.invariants import INVARIANTS as DONATION_INVARIANTS
from membership.embed import views as embed_views
from membership.gateway.protocol import PaymentGateway
from membership.gateway.stripe_gateway import StripeGateway
from membership.gifts import cli as gift_cli
from membership.gifts import handlers as gift_handlers
from membership.gifts import views as gift_views
from membership.gifts.invariants import INVARIANTS as GIFT_INVARIANTS
from membership.groups import cli as group_cli
from membership.groups import handlers as group_handlers
from membership.groups import views as group_views
from membership.groups.invariants import INVARIANTS as GROUP_INVARIANTS
from membership.idempotency import handlers as idempotency_handlers
from membership.idempotency.invariants import INVARIANTS as IDEMPOTENCY_INVARIANTS
from membership.jobs import handlers as job_handlers
from membership.jobs.worker import Handler, Together, Worker
from membership.ledger.invariants import INVARIANTS as LEDGER_INVARIANTS
from membership.mail import handlers as mail_handlers
from membership.mail.invariants import INVARIANTS as MAIL_INVARIANTS
from membership.merging.invariants import INVARIANTS as MERGING_INVARIANTS
from membership.notifications import cli as notification_cli
from membership.notifications import handlers as notification_handlers
from membership.notifications.invariants import INVARIANTS as NOTIFICATION_INVARIANTS
from membership.notifications.service import CHECK, SEND, SWEEP, TELL, follow
from membership.offline import cli as offline_cli
from membership.offline import views as offline_views
from membership.offline.invariants import INVARIANTS as OFFLINE_INVARIANTS
from membership.oidc import views as oidc_views
from membership.openapi import views as openapi_views
from membership.operations import cli as operations_cli
from membership.operations import views as operations_views
from membership.operations.handlers import checker
from membership.operations.rehearsal import cli as rehearsal_cli
from membership.operations.service import Invariant
from membership.patrons import cli as patron_cli
from membership.patrons import handlers as patron_handlers
from membership.patrons import login
from membership.patrons import views as patron_views
from membership.patrons.invariants import INVARIANTS as PATRON_INVARIANTS
from membership.payments import cli as payment_cli
from membership.payments import handlers as payment_handlers
from membership.payments.fulfilment import END_REFUSED
from membership.payments.invariants import INVARIANTS as PAYMENT_INVARIANTS
from membership.payments.policy import carry, policy_in
from membership.privacy import handlers as privacy_handlers
from membership.privacy.invariants import INVARIANTS as PRIVACY_INVARIANTS
from membership.reconcile import cli as reconcile_cli
from membership.reconcile.handlers import reconciler
from membership.renewals import handlers as renewal_handlers
from membership.renewals import views as renewal_views
from membership.reports import books as reports_books
from membership.reports.invariants import INVARIANTS as REPORT_INVARIANTS
from membership.staff import cli as staff_cli
from membership.staff import handlers as staff_handlers
from membership.staff import views as staff_views
from membership.stories import api as story_api
from membership.stories import handlers as story_handlers
from membership.stories import views as story_views
from membership.subscriptions import cli as subscription_cli
from membership.subscriptions import handlers as subscription_handlers
from membership.subscriptions import views as subscription_views
from membership.subscriptions.invariants import INVARIANTS as SUBSCRIPTION_INVARIANTS
from membership.support import handlers as support_handlers
from membership.support import refusals
from membership.support import views as support_views
from membership.terms import cli as term_cli
from membership.terms.invariants import INVARIANTS as TERM_INVARIANTS
from membership.tiers import cli as tier_cli
from membership.topics import cli as topic_cli
from membership.topics import views as topic_views
from membership.topics.invariants import INVARIANTS as TOPIC_INVARIANTS
from membership.voting import cli as voting_cli
from membership.voting import door as voting_door
from membership.voting import handlers as voting_handlers
from membership.voting import views as voting_views
from membership.voting import withdrawing as voting_withdrawing
from membership.voting.invariants import INVARIANTS as VOTING_INVARIANTS
from membership.webhooks import cli as webhook_cli
from membership.webhooks import handlers as webhook_handlers
from membership.webhooks import service as webhook_service
from membership.webhooks import views as webhook_views
from membership.webhooks.invariants import INVARIANTS as WEBHOOK_INVARIANTS

TEMPLATES = Path(__file__).parent.parent / "templates"

BLUEPRINTS: tuple[Blueprint, ...] = (
    operations_views.bp,
    access_api.bp,
    access_views.bp,
    embed_views.bp,
    subscription_views.bp,
    renewal_views.bp,
    donation_views.bp,
    gift_views.bp,
    group_views.bp,
    offline_views.bp,
    support_views.bp,
    topic_views.bp,
    story_views.bp,
    story_api.bp,
    openapi_views.bp,
    oidc_views.bp,
    voting_views.bp,
    voting_door.bp,
    voting_withdrawing.bp,
    staff_views.bp,
    webhook_views.bp,
    *patron_views.BLUEPRINTS,
    account_views.bp,
)
COMMANDS: tuple[Command, ...] = (
    operations_cli.database,
    operations_cli.show_config,
    operations_cli.check,
    operations_cli.examine,
    operations_cli.work,
    notification_cli.sites,
    access_cli.keys,
    reports_books.report,
    subscription_cli.subscriptions,
    term_cli.terms,
    tier_cli.tiers,
    tier_cli.stripe,
    tier_cli.coupons,
    voting_cli.rounds,
    topic_cli.topics,
    donation_cli.fees,
    gift_cli.gifts,
    group_cli.groups,
    offline_cli.ways,
    offline_cli.offline,
    offline_cli.bank,
    payment_cli.payments,
    webhook_cli.events,
    reconcile_cli.command(webhook_service.explain),
    patron_cli.staff,
    staff_cli.patrons,
    staff_cli.flags,
)
INVARIANTS: Mapping[str, Invariant] = {
    **LEDGER_INVARIANTS,
    **PAYMENT_INVARIANTS,
    **WEBHOOK_INVARIANTS,
    **SUBSCRIPTION_INVARIANTS,
    **DONATION_INVARIANTS,
    **TOPIC_INVARIANTS,
    **VOTING_INVARIANTS,
    **REPORT_INVARIANTS,
    **PATRON_INVARIANTS,
    **MAIL_INVARIANTS,
    **NOTIFICATION_INVARIANTS,
    **AUDIT_INVARIANTS,
    **ACCESS_INVARIANTS,
    **TERM_INVARIANTS,
    **GIFT_INVARIANTS,
    **GROUP_INVARIANTS,
    **OFFLINE_INVARIANTS,
    **IDEMPOTENCY_INVARIANTS,
    **PRIVACY_INVARIANTS,
    **MERGING_INVARIANTS,
}
HANDLERS: Mapping[str, Handler] = {
    "check": checker(INVARIANTS),
    "jobs.forget": job_handlers.forget,
    "bans.end_support": staff_handlers.end_support,
    "bans.close_page": staff_handlers.close_page,
    "checkout.fulfil": support_handlers.fulfil,
    "idempotency.sweep": idempotency_handlers.sweep,
    "intents.sweep": support_handlers.sweep,
    "erasures.turn": privacy_handlers.turn,
    END_REFUSED: refusals.end_refused,
    "events.process": webhook_handlers.process,
    "events.forget": webhook_handlers.forget,
    "gifts.turn": gift_handlers.turn,
    "groups.turn": group_handlers.turn,
    "groups.forget": group_handlers.forget,
    "payments.respond": payment_handlers.respond,
    "renewals.write": renewal_handlers.write,
    "renewals.act": renewal_handlers.act,
    renewal_handlers.RETRY: renewal_handlers.retry,
    renewal_handlers.ONCE: renewal_handlers.finish_once,
    "refunds.sweep": payment_handlers.sweep_refunds,
    "reconcile": reconciler(webhook_service.explain),
    "rounds.confirm": voting_handlers.confirm,
    TELL: notification_handlers.tell,
    SWEEP: notification_handlers.sweep,
    SEND: notification_handlers.send,
    "notifications.forget": notification_handlers.forget,
    CHECK: notification_handlers.check,
    "rounds.scrub": voting_handlers.scrub,
    "rounds.invite": voting_handlers.invite,
    "rounds.remind": voting_handlers.remind,
    "rounds.tell": voting_handlers.tell,
    "rounds.turn": voting_handlers.turn,
    "mail.send": mail_handlers.send_letter,
    "versions.mark": subscription_handlers.mark_versions,
    "topics.tell": story_handlers.tell,
    "sign_in.write": patron_handlers.write_link,
}
TOGETHER: Mapping[str, Together] = {"events.process": webhook_handlers.process_together}
REGULAR: Mapping[str, timedelta] = {
    "check": timedelta(minutes=10),
    "jobs.forget": timedelta(days=1),
    SWEEP: timedelta(minutes=1),
    "notifications.forget": timedelta(days=1),
    "idempotency.sweep": timedelta(minutes=5),
    "intents.sweep": timedelta(minutes=1),
    "gifts.turn": timedelta(minutes=1),
    "groups.turn": timedelta(minutes=1),
    "groups.forget": timedelta(days=1),
    "erasures.turn": timedelta(minutes=10),
    "events.forget": timedelta(days=1),
    "refunds.sweep": timedelta(minutes=1),
    "reconcile": timedelta(hours=1),
    "renewals.write": timedelta(hours=1),
    "renewals.act": timedelta(hours=1),
    "versions.mark": timedelta(minutes=10),
    "rounds.confirm": timedelta(seconds=10),
    "rounds.turn": timedelta(minutes=1),
    "rounds.remind": timedelta(minutes=10),
}


def create_app(settings: Settings | None = None, gateway: PaymentGateway | None = None) -> Flask:
    """Make the application; without arguments from the environment, talking to Stripe."""
    settings = settings or config.load()
    clock.follow(settings.clock_offset_file)
    logs.prepare(settings)
    app = Flask("membership", template_folder=str(TEMPLATES))
    app.extensions["settings"] = settings
    app.extensions["gateway"] = gateway or StripeGateway.from_settings(settings)
    app.extensions["worker"] = Worker(HANDLERS, REGULAR, TOGETHER)
    app.extensions["invariants"] = INVARIANTS
    app.extensions["name_of_site"] = access_views.name_of_site
    db.init_app(app, settings.database_url.get_secret_value())
    app.extensions["sessions"].configure(info=carry(policy_in(settings)))
    follow(app.extensions["sessions"])
    access_door.init_app(app, settings)
    web.init_app(app, settings)
    login.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in (*COMMANDS, rehearsal_cli.group(create_app)):
        app.cli.add_command(command)
    return app
