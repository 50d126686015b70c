"""The journal as a GnuCash book: double entry as accounting programs read it, under ids that never change."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from membership.ledger.models import INCOME, Account, Entry, JournalTransaction
from membership.loading import Seldom
from membership.money import exponent_of

# https://pypi.org/project/gnewcash/, which few commands need.
gnewcash: Any = Seldom("gnewcash")

# The library writes hundredths of everything; other splits are found by their ids, and told in their own parts.
_WRITTEN_PARTS = 100
_SPLIT = re.compile(r'(<split:id type="guid">(\w+)</split:id>)(.*?)(</trn:split>)', re.DOTALL)
_EXPENSES = frozenset({Account.FEES, Account.REFUNDS, Account.DISPUTES, Account.DISPUTE_FEES, Account.WRITE_OFFS})
_TYPES = (
    dict.fromkeys(Account, "ASSET")
    | dict.fromkeys(INCOME, "INCOME")
    | dict.fromkeys(_EXPENSES, "EXPENSE")
    | {Account.BANK: "BANK", Account.EXCHANGE: "EQUITY", Account.OTHERS: "LIABILITY"}
)


def gnucash_book(movements: Iterable[JournalTransaction]) -> str:
    """Return movements as a GnuCash book in XML: per currency a tree of accounts, per movement a transaction.

    A movement between two currencies is one transaction in each.
    """
    chart = _Chart()
    transactions = [one for movement in movements for one in _transactions(chart, movement)]
    book = gnewcash.Book(
        root_account=chart.root,
        transactions=gnewcash.TransactionManager(transactions, disable_sort=True),
        commodities=list(chart.commodities.values()),
        guid=_guid("book"),
    )
    return _in_own_parts(_written(gnewcash.GnuCashFile([book])), chart.parts)


def _written(file: Any) -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder, "journal.gnucash")
        file.build_file(str(path), gnewcash.XMLFileFormat, prettify_xml=True)
        return path.read_text(encoding="utf-8")


def _in_own_parts(xml: str, parts: Mapping[str, int]) -> str:
    def told(split: re.Match[str]) -> str:
        own = parts.get(split[2], _WRITTEN_PARTS)
        return split[1] + split[3].replace(f"/{_WRITTEN_PARTS}<", f"/{own}<") + split[4]

    return _SPLIT.sub(told, xml) if parts else xml


class _Chart:
    """The accounts that were needed so far."""

    def __init__(self) -> None:
        self.root = gnewcash.Account(_guid("root"), name="Root Account", account_type="ROOT")
        self.commodities: dict[str, Any] = {}
        self.trees: dict[str, Any] = {}
        self.accounts: dict[tuple[Account, str], Any] = {}
        self.parts: dict[str, int] = {}

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
    guid, amount, own = _guid(f"entry:{entry.id}"), entry.amount, 10 ** exponent_of(entry.amount_currency)
    if own != _WRITTEN_PARTS:
        chart.parts[guid] = own
    return gnewcash.Split(account, Decimal(amount.minor) / _WRITTEN_PARTS, guid=guid, memo=str(entry.id))


def _guid(name: str) -> str:
    return uuid5(NAMESPACE_URL, f"membership/journal/{name}").hex
