"""Puts the application together: settings, database, gateway, web, blueprints, jobs, commands, invariants."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from click import Command
from flask import Blueprint, Flask

from membership import clock, config, db, logs, web
from membership.config import Settings
from membership.gateway.protocol import PaymentGateway
from membership.gateway.stripe_gateway import StripeGateway
from membership.jobs.worker import Handler, Worker
from membership.mail import handlers as mail_handlers
from membership.operations import cli as operations_cli
from membership.operations import views as operations_views
from membership.operations.handlers import checker
from membership.operations.service import Invariant
from membership.patrons import login

TEMPLATES = Path(__file__).parent.parent / "templates"

BLUEPRINTS: tuple[Blueprint, ...] = (operations_views.bp,)
COMMANDS: tuple[Command, ...] = (
    operations_cli.database,
    operations_cli.show_config,
    operations_cli.check,
    operations_cli.examine,
    operations_cli.work,
)
INVARIANTS: Mapping[str, Invariant] = {}
HANDLERS: Mapping[str, Handler] = {
    "check": checker(INVARIANTS),
    "mail.send": mail_handlers.send_letter,
}
REGULAR: Mapping[str, timedelta] = {
    "check": timedelta(minutes=10),
}


def create_app(settings: Settings | None = None, gateway: PaymentGateway | None = None) -> Flask:
    """Make the application; without arguments from the environment, talking to Stripe."""
    settings = settings or config.load()
    clock.follow(settings.clock_offset_file)
    logs.prepare(settings)
    app = Flask("membership", template_folder=str(TEMPLATES))
    app.extensions["settings"] = settings
    app.extensions["gateway"] = gateway or StripeGateway.from_settings(settings)
    app.extensions["worker"] = Worker(HANDLERS, REGULAR)
    app.extensions["invariants"] = INVARIANTS
    db.init_app(app, settings.database_url)
    web.init_app(app, settings)
    login.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    return app
