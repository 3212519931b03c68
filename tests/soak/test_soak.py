"""The long fault and load tests; run with ``make soak``, and with ``-s`` to see the counts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .crowding import crowd
from .damaging import damage_everywhere
from .filling import fill_at_every_write, why_not
from .killing import kill_many

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]

SEED = int(os.environ.get("SOAK_SEED", "1"))
"""Another seed makes other kills and other damages."""


def test_three_hundred_kills_lose_nothing_that_was_reported(tmp_path: Path) -> None:
    seen = kill_many(tmp_path / "kills", 320, SEED)
    print(f"\nkills, seed {SEED}: {dict(seen)}")
    assert seen["killed"] >= 300
    assert seen["killed in the middle of a change"] >= 100
    assert seen["rebuilt"] >= 20


@pytest.mark.parametrize("action", ["add", "remove", "rebuild"])
def test_a_disk_that_fills_at_every_write_in_turn(tmp_path: Path, action: str) -> None:
    if reason := why_not():
        pytest.skip(reason)
    seen = fill_at_every_write(tmp_path / "disk", action, 4096)
    print(f"\nfull disk, {action}: {dict(seen)}")


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
def test_every_file_cut_off_and_flipped(tmp_path: Path, large: bool) -> None:
    seen = damage_everywhere(tmp_path / "damage", SEED, 12 if large else 3, large=large)
    print(f"\ndamage, seed {SEED}, {'catalog of a large index' if large else 'every file'}: {dict(seen)}")
    assert seen.total() > 300


def test_eight_readers_and_two_writers_for_two_minutes(tmp_path: Path) -> None:
    seen = crowd(tmp_path / "crowd", readers=8, writers=2, seconds=120)
    print(f"\n8 readers, 2 writers: {dict(seen)}")
    assert min(seen["added"], seen["removed"], seen["asked"], seen["found new"], seen["found gone"]) >= 20
