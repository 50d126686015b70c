"""Commands about staff."""

from typing import Any

import click
from pyotp import TOTP

from membership.commands import Commands, as_json, tell
from membership.db import session, transaction
from membership.patrons.login import sealer
from membership.patrons.models import Role, StaffRole
from membership.patrons.service import staff as service

staff = Commands("staff", help="Who works here, and what they may.")
ROLES = click.Choice([role.value for role in Role])
ACTOR = "cli"


def _usable(_: click.Context, __: click.Parameter, secret: str | None) -> str | None:
    try:
        if secret is not None:
            TOTP(secret).generate_otp(0)
    except ValueError:
        raise click.BadParameter("32 letters and digits of base 32, please.") from None
    return secret


@staff.command()
@click.argument("email")
@click.option("--role", type=ROLES, default=Role.VIEWER.value, show_default=True)
@click.option("--totp-secret", callback=_usable, help="Her second factor, known at once; for demonstrations only.")
@as_json
def add(email: str, role: str, totp_secret: str | None, as_json: bool) -> None:
    """Make somebody staff, or let staff connect a new second factor. Prints the enrolment code."""
    with transaction() as current:
        invitation = service.add_staff(current, email, Role(role), actor=ACTOR)
        if totp_secret:
            service.trust_secret(current, invitation.patron, totp_secret, sealer())
    code = None if totp_secret else invitation.enrolment_code
    words = f"{email} is {role} now." + (f" Enrolment code, for 7 days: {code}" if code else "")
    tell({"email": email, "role": role, "enrolment_code": code}, words, as_json)


@staff.command("role")
@click.argument("email")
@click.argument("role", type=ROLES)
@as_json
def change_role(email: str, role: str, as_json: bool) -> None:
    """Give staff another role."""
    with transaction() as current:
        service.change_role(current, email, Role(role), actor=ACTOR)
    tell({"email": email, "role": role}, f"{email} is {role} now.", as_json)


@staff.command()
@click.argument("email")
@as_json
def disable(email: str, as_json: bool) -> None:
    """Take somebody's power away and end her sign-ins at once."""
    with transaction() as current:
        service.disable_staff(current, email, actor=ACTOR)
    tell({"email": email, "disabled": True}, f"{email} is not staff any more.", as_json)


@staff.command("list")
@as_json
def show_all(as_json: bool) -> None:
    """List everyone who is or was staff."""
    rows = [_row(one) for one in service.list_staff(session())]
    tell({"staff": rows}, [" ".join(map(str, row.values())) for row in rows], as_json)


def _row(one: StaffRole) -> dict[str, Any]:
    state = "disabled" if one.disabled_at else "active" if one.totp_confirmed_at else "invited"
    return {"email": one.patron.email, "role": one.role.value, "state": state}
