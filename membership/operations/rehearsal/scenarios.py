"""What a scenario may say: tiers, patrons, and what happens on which day. docs/sandbox.md tells how to write one."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from membership.errors import Invalid
from membership.i18n import N_
from membership.tiers.models import Interval

LONGEST = 60
GOOD = "4242424242424242"


class ScenarioUnreadable(Invalid):
    """What does not follow the form, by where it stands."""

    message = N_("The scenario cannot be read: %(problem)s.")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TierPart(_Part):
    """A tier that the newsroom opens on the first day; prices as `flask tiers add` takes them."""

    slug: str
    prices: str
    flags: tuple[str, ...] = ("paywall_free", "no_appeals", "vote")
    grace_days: int | None = None
    give_up_days: int | None = None


class Step(_Part):
    """Something that happens on a day, counted from the first, which is 0."""

    day: int = Field(ge=0)


class ByPatron(Step):
    patron: str


class Join(ByPatron):
    does: Literal["join"]
    tier: str
    interval: Interval = Interval.MONTH
    currency: str | None = None
    card: str = GOOD


class Give(ByPatron):
    """A one-off gift, in major units."""

    does: Literal["give"]
    amount: str
    currency: str | None = None
    card: str = GOOD


class ChangeCard(ByPatron):
    does: Literal["change_card"]
    card: str


class Stand(ByPatron):
    does: Literal["stop", "continue"]


class Pause(ByPatron):
    does: Literal["pause"]
    months: int = Field(default=1, ge=1, le=3)


class Move(ByPatron):
    """To another tier or interval."""

    does: Literal["move"]
    tier: str
    interval: Interval = Interval.MONTH


class Refund(ByPatron):
    """The newsroom returns her latest payment, whole unless an amount in major units is named."""

    does: Literal["refund"]
    amount: str | None = None


class Bank(ByPatron):
    """Her bank disputes her latest payment, decides about a dispute, or sends back a debit that was paid."""

    does: Literal["dispute", "win_dispute", "lose_dispute", "send_back"]


class Raise(Step):
    """The newsroom announces a price, like `month=6.00eur`, that those who are in a tier pay `notice` days later."""

    does: Literal["raise"]
    tier: str
    price: str
    notice: int = Field(default=60, ge=30)


class Events(Step):
    """Stripe's events are lost from now on, or come again."""

    does: Literal["lose_events", "deliver_events"]


AnyStep = Annotated[
    Join | Give | ChangeCard | Stand | Pause | Move | Refund | Bank | Raise | Events, Field(discriminator="does")
]


class Scenario(_Part):
    """A whole rehearsal. `terms` are those of the sandbox's account, such as `settles_in`."""

    title: str
    months: int = Field(default=24, ge=1, le=LONGEST)
    currency: str = "eur"
    terms: dict[str, Any] = Field(default_factory=dict)
    tier: tuple[TierPart, ...] = Field(min_length=1)
    step: tuple[AnyStep, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _days_are_within(self) -> "Scenario":
        if max(step.day for step in self.step) > self.months * 28:
            raise ValueError("a step comes after the end")
        return self

    def patrons(self) -> list[str]:
        """Return everybody who is named, in the order of their first step."""
        return list(dict.fromkeys(step.patron for step in self.step if isinstance(step, ByPatron)))


def read(path: Path) -> Scenario:
    """Read a scenario; raises ScenarioUnreadable."""
    try:
        return Scenario.model_validate(tomllib.loads(path.read_text()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioUnreadable(problem=str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ScenarioUnreadable(problem=f"{where}: {first['msg']}") from None
