"""The tests themselves cannot leave this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest


def test_other_machines_cannot_be_reached() -> None:
    for call in (
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
        lambda: socket.create_connection(("example.org", 80), timeout=1),
        lambda: socket.getaddrinfo("example.org", 443),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 53)),
    ):
        with pytest.raises(AssertionError, match="a test"):
            call()


def test_this_machine_can() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            server.accept()[0].close()

        thread = threading.Thread(target=accept)
        thread.start()
        socket.create_connection(server.getsockname(), timeout=5).close()
        thread.join()


WHOLE_PROGRAM = """
import socket, sys

def refuse(*arguments, **options):
    sys.stderr.write(f"NETWORK USED: {arguments!r}\\n")
    raise OSError("there is no network")

socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.getaddrinfo = socket.create_connection = refuse
from ui.command_line import main

folder = sys.argv[1]
for command in (
    ["add", sys.argv[2]],
    ["ask", "Why was the hut empty?"],
    ["retrieve", "Why was the hut empty?"],
    ["list"],
    ["verify"],
    ["stats"],
    ["export", folder + ".pullquote"],
):
    assert main([*command, "--index", folder]) == 0, command
"""


@pytest.mark.model
def test_the_whole_program_works_without_a_network_and_does_not_try_for_one(tmp_path: Path) -> None:
    examples = Path(__file__).parents[1] / "examples"
    done = subprocess.run(
        [sys.executable, "-c", WHOLE_PROGRAM, str(tmp_path / "index"), str(examples)],
        capture_output=True,
        text=True,
        check=False,
        cwd=examples.parent,
        env={name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))},
    )
    assert done.returncode == 0, done.stderr
    assert "NETWORK USED" not in done.stderr
    assert "The hut was empty because its warden, Piotr Salwe," in done.stdout
