"""The journal as a GnuCash book: double entry as accounting programs read it, under ids that never change."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from membership.ledger.models import INCOME, Account, Entry, JournalTransaction
from membership.loading import Seldom
from membership.money import decimal, exponent_of

# https://pypi.org/project/gnewcash/, which few commands need.
gnewcash: Any = Seldom("gnewcash")

# The library writes hundredths.
_MOST_DIGITS = 2
_EXPENSES = frozenset({Account.FEES, Account.REFUNDS, Account.DISPUTES, Account.DISPUTE_FEES, Account.WRITE_OFFS})
_TYPES = (
    dict.fromkeys(Account, "ASSET")
    | dict.fromkeys(INCOME, "INCOME")
    | dict.fromkeys(_EXPENSES, "EXPENSE")
    | {Account.BANK: "BANK", Account.EXCHANGE: "EQUITY", Account.OTHERS: "LIABILITY"}
)


@dataclass(frozen=True, slots=True)
class GnuCashBook:
    """A book as XML, and the currencies that the format cannot hold, which are not in it."""

    xml: str
    left_out: frozenset[str]


def gnucash_book(movements: Iterable[JournalTransaction]) -> GnuCashBook:
    """Return movements as a GnuCash book: per currency a tree of accounts, per movement a transaction.

    A movement between two currencies is one transaction in each. Currencies of three decimals are left out.
    """
    chart = _Chart()
    transactions = [one for movement in movements for one in _transactions(chart, movement)]
    book = gnewcash.Book(
        root_account=chart.root,
        transactions=gnewcash.TransactionManager(transactions, disable_sort=True),
        commodities=list(chart.commodities.values()),
        guid=_guid("book"),
    )
    return GnuCashBook(_written(gnewcash.GnuCashFile([book])), frozenset(chart.left_out))


def _written(file: Any) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder, "journal.gnucash")
        file.build_file(str(path), gnewcash.XMLFileFormat, prettify_xml=True)
        return path.read_text(encoding="utf-8")


class _Chart:
    """The accounts that were needed so far."""

    def __init__(self) -> None:
        self.root = gnewcash.Account(_guid("root"), name="Root Account", account_type="ROOT")
        self.commodities: dict[str, Any] = {}
        self.trees: dict[str, Any] = {}
        self.accounts: dict[tuple[Account, str], Any] = {}
        self.left_out: set[str] = set()

    def account(self, account: Account, currency: str) -> Any:
        """Return an account in a currency, made when it is first needed."""
        if (account, currency) not in self.accounts:
            made = self._make(account.value, _TYPES[account], currency, self._tree(currency))
            self.accounts[account, currency] = made
        return self.accounts[account, currency]

    def _tree(self, currency: str) -> Any:
        if currency not in self.trees:
            self.commodities[currency] = gnewcash.Commodity(currency.upper(), "CURRENCY", _guid(f"currency:{currency}"))
            self.trees[currency] = self._make(currency.upper(), "ASSET", currency, self.root)
        return self.trees[currency]

    def _make(self, name: str, kind: str, currency: str, parent: Any) -> Any:
        made = gnewcash.Account(
            _guid(f"account:{currency}:{name}"),
            name=name,
            account_type=kind,
            commodity=self.commodities[currency],
            commodity_scu=str(10 ** exponent_of(currency)),
        )
        made.parent = parent
        return made


def _transactions(chart: _Chart, movement: JournalTransaction) -> Iterator[Any]:
    by_currency = sorted(movement.entries, key=lambda entry: (entry.amount_currency, entry.id))
    for currency, legs in groupby(by_currency, lambda entry: entry.amount_currency):
        if exponent_of(currency) > _MOST_DIGITS:
            chart.left_out.add(currency)
            continue
        splits = [_split(chart, entry) for entry in legs]
        yield gnewcash.Transaction(
            _guid(f"movement:{movement.id}:{currency}"),
            currency=chart.commodities[currency],
            date_posted=movement.occurred_at,
            date_entered=movement.recorded_at,
            description=f"{movement.kind.value} {movement.cause}",
            memo=str(movement.id),
            splits=splits,
        )


def _split(chart: _Chart, entry: Entry) -> Any:
    account = chart.account(entry.account, entry.amount_currency)
    return gnewcash.Split(account, decimal(entry.amount), guid=_guid(f"entry:{entry.id}"), memo=str(entry.id))


def _guid(name: str) -> str:
    return uuid5(NAMESPACE_URL, f"membership/journal/{name}").hex
