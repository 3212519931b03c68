"""The tests themselves cannot leave this machine."""

from __future__ import annotations

import socket
import threading

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
