"""A refusal of a command is one line and a failing exit, and every command answers programs."""

import json

import click
import pytest
from click.testing import CliRunner

from membership.app import COMMANDS
from membership.commands import Commands, Refusing, as_json, tell
from membership.config import Misconfigured
from membership.errors import Conflict

REFUSALS = [
    (Conflict("%(name)s is closed.", name="Friend"), "Error: Friend is closed.\n"),
    (Conflict("Choose another name.", field="slug"), "Error: Choose another name. (slug)\n"),
    (Misconfigured(["PASS_KEYS_DIR cannot be used."]), "Error: PASS_KEYS_DIR cannot be used.\n"),
]
tiers = Commands("tiers")


@tiers.command(with_appcontext=False)
@click.pass_obj
def retire(error: Exception) -> None:
    raise error


@click.command(cls=Refusing)
@click.pass_obj
def check(error: Exception) -> None:
    raise error


@click.command()
@as_json
def greet(as_json: bool) -> None:
    tell({"said": "вітаю"}, ["Hello", "there"], as_json)


def run(command, *words, obj=None):
    return CliRunner().invoke(command, words, obj=obj)


@pytest.mark.parametrize(("error", "line"), REFUSALS, ids=[line for _, line in REFUSALS])
@pytest.mark.parametrize(("command", "words"), [(tiers, ["retire"]), (check, [])], ids=["in a group", "by itself"])
def test_a_refusal_is_one_line_and_a_failing_exit(command, words, error, line):
    refused = run(command, *words, obj=error)

    assert (refused.exit_code, refused.stdout, refused.stderr) == (1, "", line)


def test_a_bug_is_not_said_in_words():
    assert isinstance(run(check, obj=ZeroDivisionError()).exception, ZeroDivisionError)


def test_the_answer_is_for_people_or_for_programs():
    assert run(greet).stdout == "Hello\nthere\n"
    assert json.loads(run(greet, "--json").stdout) == {"said": "вітаю"}


def _single(commands):
    for command in commands:
        yield from _single(command.commands.values()) if isinstance(command, click.Group) else [command]


@pytest.mark.parametrize("command", list(_single(COMMANDS)), ids=lambda command: command.callback.__name__)
def test_every_command_says_refusals_in_words_and_answers_programs(command):
    assert isinstance(command, Refusing)
    assert "as_json" in [parameter.name for parameter in command.params]
