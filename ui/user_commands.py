"""``pullquote user``: who may sign in to the page of ``pullquote serve``."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from .command_support import confirm, opened, print_result
from .options import IndexOption, JsonOption

if TYPE_CHECKING:
    from .store import Store

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Letters and digits, and . _ @ + - after the first; case does not count.")
]
StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input: one line, asked once.")
]

users = typer.Typer(
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)


@users.callback(invoke_without_command=True)
def accounts(context: typer.Context) -> None:
    """Accounts for the page of `pullquote serve`: who may sign in when other machines can reach it."""
    if context.invoked_subcommand is None:
        print(context.get_help())


@users.command()
def add(
    name: NameArgument, password_stdin: StdinOption = False, index: IndexOption = None, as_json: JsonOption = False
) -> int:
    """Makes an account; its password is asked for, or read from standard input."""
    from .accounts import checked_password, hash_of

    with _store(index) as store:
        from .store import account_name

        account_name(name)  # a wrong name is told before a password is asked for
        password = checked_password(_typed_password(password_stdin))
        account = store.accounts.add(name, hash_of(password))
    line = f"{account.name} can sign in now."
    print_result(as_json, {"added": account.name}, lambda console: console.print(line, soft_wrap=True))
    return 0


@users.command("list")
def list_users(index: IndexOption = None, as_json: JsonOption = False) -> int:
    """Lists the accounts with the day on which each was made."""
    with _store(index) as store:
        found = store.accounts.list()
    rows = [{"name": account.name, "created": account.created.isoformat(timespec="seconds")} for account in found]
    lines = [f"{account.name}\t{account.created.astimezone():%Y-%m-%d}" for account in found]
    lines = lines or ["There are no accounts; `pullquote user add NAME` makes one."]
    print_result(as_json, {"users": rows}, lambda console: console.print("\n".join(lines), soft_wrap=True))
    return 0


@users.command()
def remove(
    name: NameArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> int:
    """Removes an account, and with it the conversations, clippings and ratings that it kept."""
    with _store(index) as store:
        account = store.accounts.get(name)
        if not yes:
            confirm(f"the account {account.name} and all that it kept would be removed")
        store.accounts.remove(account.name)
    line = f"{account.name} is removed, and signed out everywhere."
    print_result(as_json, {"removed": account.name}, lambda console: console.print(line, soft_wrap=True))
    return 0


@users.command()
def password(
    name: NameArgument, password_stdin: StdinOption = False, index: IndexOption = None, as_json: JsonOption = False
) -> int:
    """Changes the password of an account, and signs it out everywhere."""
    from .accounts import checked_password, hash_of

    with _store(index) as store:
        account = store.accounts.get(name)
        store.accounts.set_password(account.name, hash_of(checked_password(_typed_password(password_stdin))))
    line = f"{account.name} has a new password, and is signed out everywhere."
    print_result(as_json, {"changed": account.name}, lambda console: console.print(line, soft_wrap=True))
    return 0


@contextlib.contextmanager
def _store(index: str | None) -> Iterator[Store]:
    from .store import Store, store_path

    with opened(index) as articles, Store(store_path(articles)) as store:
        yield store


def _typed_password(from_stdin: bool) -> str:
    """The password: typed twice without being shown, or the first line of standard input."""
    if from_stdin or not sys.stdin.isatty():
        line = sys.stdin.readline(10_000).rstrip("\r\n")
        if not line:
            raise typer.TyperException("no password came; type it in a terminal, or send it as one line")
        return line
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True))
