"""What had to be mended in the index is said when ``pullquote serve`` starts."""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ui.command_line import main


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_notes_are_told_once_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    monkeypatch.setenv("PULLQUOTE_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    (tmp_path / "story.txt").write_text("The mayor opened the bridge.\n")
    assert main(["add", str(tmp_path / "story.txt")]) == 0
    shutil.rmtree(tmp_path / "index" / "words")
    program = "import sys; from ui.command_line import main; sys.exit(main(['serve', '--port', '0']))"
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, env=os.environ, stderr=subprocess.PIPE, text=True
    )
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            lines.put(line)

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    try:
        first = lines.get(timeout=200)
        assert first.startswith("Note: ")
        assert "word" in first
        process.send_signal(signal.SIGINT)
        process.wait(60)
        reading.join(10)
        assert [line for line in lines.queue if line.startswith("Note: ")] == []
    finally:
        process.kill()
        process.wait()
