"""Puts the application together: settings, database, gateway, web, blueprints, jobs, commands."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Flask
from flask.cli import AppGroup

from membership import clock, config, db, web
from membership.config import Settings
from membership.gateway.protocol import PaymentGateway
from membership.gateway.stripe_gateway import StripeGateway
from membership.jobs.worker import Handler, Worker

TEMPLATES = Path(__file__).parent.parent / "templates"

BLUEPRINTS: tuple[Blueprint, ...] = ()
COMMANDS: tuple[AppGroup, ...] = ()
HANDLERS: Mapping[str, Handler] = {}
REGULAR: Mapping[str, timedelta] = {}


def create_app(settings: Settings | None = None, gateway: PaymentGateway | None = None) -> Flask:
    """Make the application; without arguments from the environment, talking to Stripe."""
    settings = settings or config.load()
    clock.follow(settings.clock_offset_file)
    app = Flask("membership", template_folder=str(TEMPLATES))
    app.extensions["settings"] = settings
    app.extensions["gateway"] = gateway or StripeGateway.from_settings(settings)
    app.extensions["worker"] = Worker(HANDLERS, REGULAR)
    db.init_app(app, settings.database_url)
    web.init_app(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    return app
