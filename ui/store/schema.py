"""The tables of the web page's store, by version."""

from __future__ import annotations

APPLICATION_ID = 0x50756C57
"""``PulW``: marks an SQLite file as the store of a Pullquote page."""

VERSION = 2

MIGRATIONS: dict[int, str] = {
    # Version 0 is an empty file. Every released version stays here; a newer one is a further entry.
    1: """
    CREATE TABLE chat (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,      -- a token that cannot be guessed
        owner TEXT NOT NULL,
        name TEXT NOT NULL,
        name_words TEXT NOT NULL,     -- the name as it is searched
        created TEXT NOT NULL,        -- times are ISO 8601 in UTC
        updated TEXT NOT NULL,
        deleted TEXT                  -- when it was deleted, as long as that can be undone
    ) STRICT;
    CREATE INDEX chat_owner ON chat (owner, updated);
    CREATE INDEX chat_deleted ON chat (deleted) WHERE deleted IS NOT NULL;

    CREATE TABLE turn (
        chat INTEGER NOT NULL REFERENCES chat (number) ON DELETE CASCADE,
        position INTEGER NOT NULL,    -- from 0
        question TEXT NOT NULL,
        answer TEXT NOT NULL,         -- JSON: a SavedAnswer, with the quotes' own texts
        words TEXT NOT NULL,          -- question and quotes as they are searched
        asked TEXT NOT NULL,
        PRIMARY KEY (chat, position)
    ) STRICT;

    CREATE TABLE clipping (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL,
        position INTEGER NOT NULL,    -- the owner's own order
        target TEXT NOT NULL,         -- the quote as hash:start:end
        quote TEXT NOT NULL,          -- JSON: a SavedQuote
        question TEXT NOT NULL,       -- what the quote answered, or an empty text
        note TEXT NOT NULL,
        created TEXT NOT NULL,
        deleted TEXT
    ) STRICT;
    CREATE INDEX clipping_owner ON clipping (owner, position);
    CREATE INDEX clipping_deleted ON clipping (deleted) WHERE deleted IS NOT NULL;

    CREATE TABLE feedback (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL,
        question TEXT NOT NULL,       -- the standalone question
        target TEXT NOT NULL,         -- the quote as hash:start:end; empty when it is about the answer as a whole
        answered INTEGER NOT NULL,    -- whether the answer had quotes
        quote TEXT,                   -- JSON: a SavedQuote
        liked INTEGER NOT NULL,
        reason TEXT NOT NULL,
        comment TEXT NOT NULL,
        given TEXT NOT NULL,
        UNIQUE (owner, question, target)
    ) STRICT;
    """,
    2: """
    CREATE TABLE account (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,      -- a token; the owner of what the account keeps is 'account:' and this
        name TEXT NOT NULL UNIQUE,
        password TEXT NOT NULL,       -- argon2, with its salt and costs
        created TEXT NOT NULL
    ) STRICT;

    CREATE TABLE session (
        number INTEGER PRIMARY KEY,
        token TEXT NOT NULL UNIQUE,   -- SHA-256 of what the browser holds
        account INTEGER NOT NULL REFERENCES account (number) ON DELETE CASCADE,
        expires TEXT NOT NULL
    ) STRICT;
    CREATE INDEX session_account ON session (account);
    """,
}
