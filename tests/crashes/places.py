"""The newsroom that every act begins in, made once and put back before each: database, Stripe, clock, mail."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from sqlalchemy import create_engine, make_url, select, text

from membership import create_app
from membership.db import Base, transaction
from membership.db import session as reading
from membership.patrons.service import sign_ins
from membership.payments.models import Payment
from membership.tiers.models import Price
from tests.conftest import make_settings
from tests.crashes.acts import SWEEPS, Desk
from tests.crashes.processes import found_by, free_port, make_sandbox, serve_mail, serve_sandbox, serving
from tests.databases import postgres_url
from tests.payments.story import Story
from tests.sandbox.process import Sandbox, running_sandbox


class Place:
    """Everything that outlives a process, in one folder."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.port, mail_port = free_port(), free_port()
        self.mail_port = mail_port
        self.clock, self.mail, self.stripe = folder / "clock", folder / "mail", folder / "stripe.json"
        is_postgres = database == "postgresql"
        self.url = postgres_url(f"crashes_{os.getpid()}") if is_postgres else f"sqlite:///{folder}/live.db"
        self.app = create_app(
            make_settings(
                database_url=self.url,
                stripe_api_base=f"http://127.0.0.1:{self.port}",
                smtp_url=f"smtp://127.0.0.1:{mail_port}",
                pass_keys_dir=folder / "keys",
                clock_offset_file=self.clock,
            )
        )
        worker = self.app.extensions["worker"]
        worker.regular = {kind: every for kind, every in worker.regular.items() if kind in SWEEPS}
        self.sandbox = Sandbox(f"http://127.0.0.1:{self.port}", 0)
        self.known: dict[str, str] = {}

    def desk(self) -> Desk:
        """Sit down in a new process."""
        return Desk(self.app, self.sandbox, self.known)

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Make the newsroom as it is before each act; mail is taken inside the block."""
        self.mail.touch()
        with serving(lambda ready: serve_mail(self.mail_port, self.mail, ready)):
            with running_sandbox(
                "http://127.0.0.1:9/", "whsec_x", port=self.port, data=self.stripe, clock_file=self.clock, mode="drop"
            ):
                self.known = found_by(self._furnish, self.folder / "known.json")
            shutil.copy(self.clock, self.folder / "clock.before")
            self._keep()
            yield
        if self.database == "postgresql":
            self._postgres("DROP DATABASE {live} WITH (FORCE)", "DROP DATABASE {before}")

    @contextmanager
    def as_before(self) -> Iterator[None]:
        """Put everything back, and run Stripe inside the block."""
        self._put_back()
        with serving(lambda ready: serve_sandbox(self.port, self.stripe, self.clock, ready)):
            yield

    @contextmanager
    def warming(self) -> Iterator[None]:
        """Run Stripe in a thread of this process inside the block: what is forked later knows all statements."""
        self._put_back()
        server = make_sandbox(self.port, self.stripe, self.clock)
        thread = Thread(target=server.serve)
        thread.start()
        try:
            yield
        finally:
            self.app.extensions["engine"].dispose()
            self.app.extensions["gateway"].v1._requestor._client.close()
            server.shut_down()
            thread.join()

    def _furnish(self) -> dict[str, str]:
        engine = self.app.extensions["engine"].execution_options(writes=True)
        Base.metadata.create_all(engine)
        with self.app.app_context():
            story = Story(self.app.extensions["gateway"])
            price = self._price(story)
            patron, donor = story.patron(email="patron@example.org"), story.patron(email="donor@example.org")
            desk = self.desk()
            paid = [story.open_subscription(patron, price).id, story.open_donation(patron=donor).id]
            for session_id in paid:
                desk.pay(session_id)
                story.fulfil(session_id)
            desk.pass_time(seconds=60)
            reading().rollback()
            receipts = reading().scalars(select(Payment.receipt_number).where(Payment.donation_id.is_not(None)))
            with transaction() as session:
                token = sign_ins.begin(session, session.merge(patron))
            return {
                "receipt_number": receipts.one(),
                "paid_before": " ".join(paid),
                "patron": self._cookie(token),
                "visitor": self._cookie(None),
            }

    def _price(self, story: Story) -> Price:
        price = story.price()
        with transaction() as session:
            session.merge(price).tier.slug = "friend"
        return price

    def _cookie(self, token: str | None) -> str:
        browser = self.app.test_client()
        browser.get("/")
        if token:
            with browser.session_transaction() as kept:
                kept["_user_id"] = token
        return browser.get_cookie("membership").value

    def _keep(self) -> None:
        if self.database == "sqlite":
            for file in self.folder.glob("live.db*"):
                shutil.copy(file, self.folder / file.name.replace("live", "before"))
        else:
            self._postgres("DROP DATABASE IF EXISTS {before}", "CREATE DATABASE {before} TEMPLATE {live}")

    def _put_back(self) -> None:
        self.mail.write_text("")
        shutil.copy(self.folder / "clock.before", self.clock)
        if self.database == "sqlite":
            for file in self.folder.glob("live.db*"):
                file.unlink()
            for file in self.folder.glob("before.db*"):
                shutil.copy(file, self.folder / file.name.replace("before", "live"))
        else:
            self._postgres("DROP DATABASE {live} WITH (FORCE)", "CREATE DATABASE {live} TEMPLATE {before}")

    def _postgres(self, *statements: str) -> None:
        live = make_url(self.url)
        engine = create_engine(live.set(database="postgres"), isolation_level="AUTOCOMMIT")
        names = {"live": f'"{live.database}"', "before": f'"{live.database}_before"'}
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement.format(**names)))
        engine.dispose()
