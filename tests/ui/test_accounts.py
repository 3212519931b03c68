"""Accounts: how they are kept, who has the password of one, the commands, and when people must sign in."""

from __future__ import annotations

import io
import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import anyio
import httpx
import pytest
from web_support import apart, make_index

from index import ArticleIndex, HashingEmbedder, PullquoteError, Settings
from ui.access import about_access, accounts_wanted
from ui.accounts import Doorkeeper, Refused, checked_password, hash_of
from ui.accounts.throttle import MOST_KEYS, Throttle
from ui.command_line import main
from ui.store import Account, NotKeptError, Store, account_name, store_path

ANNA, BO = ("anna", "four words of Anna"), ("bo", "vier Wörter von Bo")
QUESTION = "How many cars does the ferry Aurora carry?"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "web.sqlite") as opened:
        yield opened


# The store.


@pytest.mark.parametrize("typed", ["anna", " Anna ", "ANNA", "ａｎｎａ"])
def test_a_name_is_the_same_however_it_is_written(store: Store, typed: str) -> None:
    account = store.accounts.add("Anna", "hash")
    assert account.name == "anna"
    assert store.accounts.find(typed) == account
    with pytest.raises(PullquoteError, match="there is an account 'anna' already"):
        store.accounts.add(typed, "hash")


@pytest.mark.parametrize("typed", ["", " ", "a:b", "a b", "-a", ".", "_", "a/b", "<b>", "a" * 65, "a\nb", "a\u202eb"])
def test_what_cannot_be_a_name_is_said(store: Store, typed: str) -> None:
    with pytest.raises(PullquoteError, match="cannot be the name of an account"):
        account_name(typed)
    assert store.accounts.find(typed) is None


def test_a_session_is_an_accounts_until_it_ends(store: Store) -> None:
    anna, bo = store.accounts.add("anna", "hash a"), store.accounts.add("bo", "hash b")
    first, second, other = (store.accounts.begin_session(account) for account in (anna, anna, bo))
    assert first is not None
    assert second is not None
    assert other is not None
    assert store.accounts.signed_in(first) == anna
    assert store.accounts.signed_in(other) == bo
    assert store.accounts.signed_in("") is None
    store.accounts.end_session(first)
    assert store.accounts.signed_in(first) is None
    assert store.accounts.signed_in(second) == anna
    over = store.accounts.begin_session(anna, timedelta(microseconds=-1))
    assert over is not None
    assert store.accounts.signed_in(over) is None


def test_another_password_ends_all_sessions_of_that_account(store: Store) -> None:
    anna, bo = store.accounts.add("anna", "hash a"), store.accounts.add("bo", "hash b")
    hers, his = store.accounts.begin_session(anna), store.accounts.begin_session(bo)
    store.accounts.set_password("Anna", "hash c")
    assert store.accounts.signed_in(hers or "") is None
    assert store.accounts.signed_in(his or "") == bo
    assert store.accounts.begin_session(anna) is None  # whoever was looked up before the change is too late


def test_only_hashes_of_tokens_are_in_the_file(store: Store) -> None:
    token = store.accounts.begin_session(store.accounts.add("anna", hash_of(ANNA[1])))
    assert token is not None
    with closing(sqlite3.connect(store.path)) as connection:
        lines = "\n".join(connection.iterdump())
    assert "argon2id" in lines
    assert token not in lines
    assert ANNA[1] not in lines


def test_a_removed_account_takes_along_what_it_kept_and_its_name_is_a_new_one_afterwards(store: Store) -> None:
    before = store.accounts.add("anna", "hash")
    token = store.accounts.begin_session(before)
    store.chats.start(before.owner, QUESTION)
    store.chats.start("a browser", QUESTION)
    store.accounts.remove("anna")
    assert store.accounts.signed_in(token or "") is None
    assert store.chats.list(before.owner) == ()
    assert len(store.chats.list("a browser")) == 1
    assert store.accounts.add("anna", "hash").owner != before.owner
    with pytest.raises(NotKeptError, match="there is no account 'carla'"):
        store.accounts.remove("carla")


def test_one_account_has_a_bounded_number_of_sessions(store: Store) -> None:
    anna = store.accounts.add("anna", "hash")
    tokens = [store.accounts.begin_session(anna) or "" for _ in range(52)]
    assert [token for token in tokens if store.accounts.signed_in(token) is None] == tokens[:2]


# Passwords and those who guess them.


@pytest.mark.parametrize("typed", ["", "seven77", "x" * 1001, "zzzzzzzzzz"])
def test_a_weak_password_is_refused_in_one_line(typed: str) -> None:
    with pytest.raises(PullquoteError, match="the password") as told:
        checked_password(typed)
    assert "\n" not in str(told.value)
    assert not typed or typed not in str(told.value)


def test_too_many_tries_have_to_wait_and_nobody_waits_for_ever() -> None:
    now = 0.0
    throttle = Throttle(3, 60.0, clock=lambda: now)
    assert [throttle.take("a") for _ in range(3)] == [0, 0, 0]
    now = 20.0
    assert throttle.take("a") == 40
    assert throttle.take("b") == 0
    now = 60.0
    assert throttle.take("a") == 0
    for number in range(2 * MOST_KEYS):
        throttle.take(number)
    assert len(throttle._tries) <= MOST_KEYS


def test_the_doorkeeper_lets_in_who_has_the_password_and_slows_down_who_guesses(store: Store) -> None:
    anna = store.accounts.add("anna", hash_of(ANNA[1]))
    keeper = Doorkeeper(store.accounts, Throttle(2), Throttle(4))

    def tried(name: str, password: str, address: str = "192.0.2.1") -> Account | Refused:
        return apart(anyio.run, keeper.password, name, password, address)

    for _ in range(6):  # who is right never has to wait
        assert tried(*ANNA) == anna
    wrong = [tried("anna", "a wrong password"), tried("nobody", "a wrong password")]
    assert wrong == [Refused("The name or the password is wrong.")] * 2
    assert tried("ANNA", "another wrong one") == wrong[0]
    blocked = tried(*ANNA)
    assert isinstance(blocked, Refused)
    assert 0 < blocked.wait <= 60
    assert tried(*ANNA, "192.0.2.2") == anna  # elsewhere nothing is wrong
    assert isinstance(tried("carla", "a wrong password"), Refused)
    assert getattr(tried("dora", "a wrong password"), "wait", 0) > 0  # the address has guessed for too many names


def test_an_address_of_ipv6_is_counted_by_its_network(store: Store) -> None:
    keeper = Doorkeeper(store.accounts, Throttle(1), Throttle(100))
    waits = [
        getattr(apart(anyio.run, keeper.password, "anna", "a wrong password", address), "wait", None)
        for address in ("2001:db8::1", "2001:db8::2:1", "2001:db8:0:1::1")
    ]
    assert waits[0] == waits[2] == 0
    assert waits[1]


def test_basic_knows_a_password_again_but_not_after_it_has_changed(store: Store) -> None:
    store.accounts.add("bo", hash_of(BO[1]))
    keeper = Doorkeeper(store.accounts, Throttle(1), Throttle(100))
    header = httpx.BasicAuth(*(part.encode() for part in BO))._auth_header.removeprefix("Basic ")

    def tried() -> Account | Refused:
        return apart(anyio.run, keeper.basic, header, "192.0.2.1")

    assert isinstance(tried(), Account)
    assert isinstance(apart(anyio.run, keeper.password, "bo", "a wrong password", "192.0.2.1"), Refused)
    assert isinstance(tried(), Account)  # a program is not shut out by who guesses beside it
    store.accounts.set_password("bo", hash_of("vier andere Wörter"))
    assert isinstance(tried(), Refused)
    for broken in ("", "%%%", "Ym8=", "/w=="):
        assert isinstance(apart(anyio.run, keeper.basic, broken, "192.0.2.9"), Refused)


# The commands.


def run(capsys: pytest.CaptureFixture[str], *arguments: str, typed: str = "") -> tuple[int, str, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO(typed))
        code = main(["user", *arguments])
    return code, *capsys.readouterr()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.setenv("PULLQUOTE_INDEX", str(tmp_path / "index"))
    with make_index(tmp_path, HashingEmbedder()):
        return tmp_path / "index"


def test_the_commands_keep_the_accounts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "list")[1].startswith("There are no accounts")
    code, out, _ = run(capsys, "add", "Anna", typed="four words of Anna\n")
    assert (code, out) == (0, "anna can sign in now.\n")
    code, out, _ = run(capsys, "add", "bo", "--password-stdin", "--json", typed="four words of Bo\nmore\n")
    assert (code, json.loads(out)) == (0, {"added": "bo"})
    assert [row["name"] for row in json.loads(run(capsys, "list", "--json")[1])["users"]] == ["anna", "bo"]
    with Store(folder / "pullquote-web.sqlite") as store:
        token = store.accounts.begin_session(store.accounts.get("anna")) or ""
        assert run(capsys, "password", "ANNA", typed="other words of Anna\n")[0] == 0
        assert store.accounts.signed_in(token) is None
        assert isinstance(
            apart(anyio.run, Doorkeeper(store.accounts).password, "anna", "other words of Anna", ""), Account
        )
    code, out, err = run(capsys, "remove", "bo")
    assert (code, out) == (1, "")
    assert "--yes" in err
    assert run(capsys, "remove", "bo", "--yes")[0] == 0
    assert run(capsys, "list")[1].split()[0::2] == ["anna"]


@pytest.mark.parametrize(
    ("arguments", "typed", "part"),
    [
        (("add", "anna"), "short\n", "fewer than 8 characters"),
        (("add", "anna"), "", "no password came"),
        (("add", "a b"), "four words of Anna\n", "'a b' cannot be the name"),
        (("password", "carla"), "four words of Carla\n", "there is no account 'carla'"),
        (("remove", "carla", "--yes"), "", "there is no account 'carla'"),
        (("add",), "", "pullquote user add --help"),
    ],
)
def test_what_is_wrong_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], typed: str, part: str
) -> None:
    code, out, err = run(capsys, *arguments, typed=typed)
    assert code in (1, 2)
    assert (out, err.count("\n")) == ("", 1)
    assert part in err
    assert run(capsys, "list")[1].startswith("There are no accounts")


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--host", "0.0.0.0"], "pullquote user add NAME`, or let everybody in with --no-auth"),
        (["--host", "::"], "pullquote user add NAME`, or let everybody in with --no-auth"),
        (["--allow-host", "quotes.example.org"], "other machines can reach quotes.example.org"),
        (["--auth"], "nobody has an account yet"),
        (["--allow-host", "http://quotes.example.org"], "is not the name of a machine"),
    ],
)
def test_serving_others_demands_an_account(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], part: str
) -> None:
    assert main(["serve", "--port", "0", *options]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert part in err


def test_who_can_reach_the_server_decides_whether_people_must_sign_in(folder: Path) -> None:
    with ArticleIndex.open(folder, settings=Settings(model="hashing")) as index:
        with Store(store_path(index)) as store:
            store.accounts.add("anna", "hash")
        for host, names, expected in (
            ("127.0.0.1", (), False),
            ("::1", (), False),
            ("localhost", (), False),
            ("0.0.0.0", (), True),
            ("192.0.2.1", (), True),
            ("somewhere", (), True),
            ("127.0.0.1", ("quotes.example.org",), True),
        ):
            assert accounts_wanted(index, None, host, names) is expected
            assert accounts_wanted(index, True, host, names)
            assert not accounts_wanted(index, False, host, names)
            aloud = list(about_access(host, names, auth=False))
            assert [f"everybody who can reach {''.join(names) or host}" in note for note in aloud] == [True] * expected
    assert any("unencrypted" in note for note in about_access("0.0.0.0", (), auth=True))


def test_no_auth_is_said_aloud_in_the_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The server ends as soon as it would wait for requests.
    monkeypatch.setattr("uvicorn.Server.main_loop", lambda _server: anyio.sleep(0))
    assert apart(main, ["serve", "--port", "0", "--allow-host", "quotes.example.org", "--no-auth"]) == 0
    out, err = capsys.readouterr()
    assert "Pullquote is at http://127.0.0.1:" in out
    assert "Note: everybody who can reach quotes.example.org can ask and read all articles" in err
