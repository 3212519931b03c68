"""``pullquote serve``: the web page and the HTTP API on one address of this machine."""

from __future__ import annotations

import contextlib
import gc
import importlib.metadata
import json
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from index import ArticleIndex, PullquoteError, Settings, StorageError
from index.files import replace_file

from .access import about_access, accounts_wanted, cookie_name, is_reachable
from .client import FILE
from .libraries import Libraries

if TYPE_CHECKING:
    from fastapi import FastAPI

    from qa import Reader

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7860
_PORTS_TRIED = 50
_SCRIPT_ADDRESS = "/pullquote/page.js"
_STYLE_ADDRESS = "/pullquote/page.css"
_FONTS_ADDRESS = "/pullquote/fonts"
Result = TypeVar("Result")
_LOADING = "loading"
"""The name of the threads that load libraries and models."""
_GRACE_SECONDS = 1
"""How long the end of the server waits for requests; open pages hold one open all the time."""


def serve(
    folder: str | os.PathLike[str],
    *,
    settings: Settings,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    open_browser: bool = False,
    strictness: str | None = None,
    allow_add: bool = False,
    auth: bool | None = None,
    names: Sequence[str] = (),
    ready: Callable[[str], None] | None = None,
    noted: Callable[[str], None] | None = None,
    others: Sequence[str | os.PathLike[str]] = (),
) -> None:
    """Serves the page and the API on an index until Ctrl-C or SIGTERM; libraries still loading then, the process ends.

    Args:
        folder: the index, which must be there.
        settings: the model, precision and so on.
        host: the address to listen on.
        port: the port, or the next free one above it; 0 for any.
        open_browser: whether to open the page in the browser.
        strictness: of questions that name none; what the page starts with.
        allow_add: whether the API may be told to add articles: links, and files too if only its user can ask.
        auth: whether people must sign in; when None, only if other machines can reach the page.
        names: further names under which it is reached, such as that of a proxy; then other machines can.
        ready: called with the page's address as soon as the server listens.
        noted: called once with each thing that had to be mended in the index when it was opened, and with what whoever
            runs the server should know about who can reach it.
        others: further indexes, which the page and the API offer as further libraries.

    Raises:
        PullquoteError: there is no index, it cannot be opened, the address cannot be used, or there are no accounts.
    """
    with contextlib.suppress(KeyboardInterrupt), _ending_asked() as ending, contextlib.ExitStack() as closing:
        names = _beside(_checked, names)
        index = _beside(ArticleIndex.open, folder, create=False, settings=settings)
        closing.callback(index.close)
        further = []
        for other in others:
            further.append(_beside(ArticleIndex.open, other, create=False, settings=settings, embedder=index.embedder))
            closing.callback(further[-1].close)
        auth = _beside(accounts_wanted, index, auth, host, names)
        closing.enter_context(_uploads_of_its_own())
        listening = closing.enter_context(listening_socket(host, port))
        url = _url(host, listening.getsockname()[1])
        warming = threading.Thread(target=_warm_up, args=(index, noted), name=_LOADING, daemon=True)
        warming.start()
        libraries = Libraries([index, *further])
        app = _beside(
            create_app, libraries, host=host, strictness=strictness, allow_add=allow_add, auth=auth, names=names
        )

        def started() -> None:
            _announce(index.folder, url)
            for note in (*libraries.notes, *about_access(host, names, auth)):
                if noted is not None:
                    noted(note)
            if ready is not None:
                ready(url)
            if open_browser:
                _open_in_browser(url)

        if not ending.is_set():
            closing.callback(_withdraw, index.folder)
            _run(app, listening, started)
    if threading.current_thread() is threading.main_thread() and any(
        one.name == _LOADING for one in threading.enumerate()
    ):
        # Python cannot be shut down safely beside a thread that imports libraries: now and then that crashes.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
    # The program ends now; without this, Python would first search everything that PyTorch and Gradio have made.
    gc.freeze()


def create_app(
    index: ArticleIndex | Libraries,
    *,
    host: str = DEFAULT_HOST,
    strictness: str | None = None,
    reader: Reader | None = None,
    allow_add: bool = False,
    auth: bool = False,
    names: Sequence[str] = (),
) -> FastAPI:
    """The ASGI application on an open index, which stays the caller's to close.

    Args:
        index: the articles, or several libraries of them, which end with the application.
        host: the address that it will listen on; requests for other hosts are refused.
        strictness: of questions that name none; what the page starts with.
        reader: what chooses the sentences; the default reader when None.
        allow_add: whether the API may be told to add articles; see ``serve``. On the page anybody may add files and
            links, and remove articles, when only this machine can reach it.
        auth: whether people must sign in.
        names: further names under which it is reached; see ``serve``.
    """
    # Gradio and the hub's client read these when they are imported. Nothing may leave this machine.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    import gradio
    from fastapi import FastAPI
    from fastapi.responses import FileResponse, Response
    from fastapi.staticfiles import StaticFiles

    from qa.answering import default_reader
    from qa.reading_in_turn import InTurn

    from .accounts import Doorkeeper, Gate, signed_in_owner
    from .gradio_api import add_gradio_api
    from .guard import Guard
    from .http_api import Adding, add_api
    from .page import FONTS, SCRIPT, build_page, first_sight, head, mount_options, style_sheet
    from .uploads_only import UploadsOnly

    libraries = index if isinstance(index, Libraries) else Libraries([index])
    index, store = libraries.home.index, libraries.home.store
    reader = InTurn(reader or default_reader(index.settings))

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with contextlib.closing(libraries):
            yield

    # FastAPI's own pages of documentation load scripts from elsewhere.
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    own = not is_reachable(host, names)
    changeable = allow_add or own
    app.add_middleware(UploadsOnly)
    if auth:
        keeper = Doorkeeper(store.accounts)
        app.add_middleware(Gate, doorkeeper=keeper, cookie=cookie_name(store.path), public=(f"{_FONTS_ADDRESS}/",))
    # The last one added is the first one asked.
    shown = head(_SCRIPT_ADDRESS, _STYLE_ADDRESS, _FONTS_ADDRESS)
    app.add_middleware(Guard, host=host, names=names, uploads=changeable, head=shown, first_sight=first_sight)
    adding: Adding = ("everything" if own and not auth else "links") if allow_add else "nothing"
    version = importlib.metadata.version("pullquote")
    add_api(app, index, version, strictness=strictness, reader=reader, adding=adding, libraries=libraries)

    @app.get(_SCRIPT_ADDRESS)
    def script() -> FileResponse:
        return FileResponse(SCRIPT, media_type="text/javascript")

    sheet = style_sheet()

    @app.get(_STYLE_ADDRESS)
    def style() -> Response:
        return Response(sheet, media_type="text/css")

    app.mount(_FONTS_ADDRESS, StaticFiles(directory=FONTS))
    page = build_page(libraries, strictness=strictness, reader=reader, changeable=changeable)
    add_gradio_api(page, index, strictness=strictness, reader=reader)
    # Only in pages that it has launched itself does Gradio check that a file that a browser names was uploaded; in the
    # others it takes any file of the machine.
    page.has_launched = True
    options = mount_options()
    gradio.mount_gradio_app(app, page, "/", auth_dependency=signed_in_owner if auth else None, **options)
    return app


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that is bound to the port or to the next free one.

    Raises:
        PullquoteError: the address is not one of this machine, or all ports that were tried are in use.
    """
    if not 0 <= port < 65_536:
        raise PullquoteError(f"{port} is not a port; choose one from 0 to 65535")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, protocol, _, address = found[0]
    except (OSError, UnicodeError) as error:
        raise PullquoteError(f"cannot listen on {host!r}: {error}; choose an address of this machine") from error
    last = min(port + _PORTS_TRIED, 65_536) if port else 1
    for candidate in range(port, last):
        # Told the protocol, asyncio sends the body of a response without waiting for the receipt of its header: on a
        # connection that is kept open, that would be 40 milliseconds for each.
        listening = socket.socket(family, socket.SOCK_STREAM, protocol)
        if sys.platform != "win32":  # there it would let two programs share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((address[0], candidate))
            listening.listen(128)
        except PermissionError as error:
            listening.close()
            raise PullquoteError(f"port {candidate} needs special rights; choose one above 1023") from error
        except OSError as error:
            listening.close()
            failure = error
        else:
            return listening
    raise PullquoteError(f"cannot listen on {host} at port {port}: {failure.strerror or failure}; choose another port")


@contextlib.contextmanager
def _ending_asked() -> Iterator[threading.Event]:
    """Raises KeyboardInterrupt in what stands in it at Ctrl-C or SIGTERM, and says whether one has come.

    It may be raised while this is still being entered, so whoever uses it must already expect it. What takes long until
    the server listens is done ``_beside``, where no signal interrupts it. One is noted as well, because what is raised
    while Python clears something away gets lost.
    """
    asked = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        asked.set()
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # signals cannot be received here
        yield asked
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in before:
            signal.signal(number, note)
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _beside(work: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
    """What a function returns that is called in a thread of its own, so that a signal ends the waiting and no more.

    Raised into an import, a Ctrl-C can get lost, be told as another error, or leave a lock taken for ever.
    """
    done: Future[Result] = Future()

    def hand_over(_kind: object, error: BaseException | None, _trace: object) -> bool:
        if error is not None:
            done.set_exception(error)
        return True

    def run() -> None:
        with contextlib.ExitStack() as stack:
            stack.push(hand_over)
            done.set_result(work(*arguments, **options))

    threading.Thread(target=run, name=_LOADING, daemon=True).start()
    while not wait([done], timeout=0.2).done:  # without a time-out, no signal would come through on Windows
        pass
    return done.result()


def _checked(names: Sequence[str]) -> Sequence[str]:
    from .guard import checked_names

    return checked_names(names)


def _run(app: FastAPI, listening: socket.socket, started: Callable[[], None]) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        """Calls back when it listens, and ends at a signal without raising it anew."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                started()

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            with super().capture_signals():
                yield
                # uvicorn raises what it has captured again, which would end the process before it is tidied up.
                self._captured_signals.clear()

        def handle_exit(self, *arguments: object) -> None:
            # Open pages are cut off at the end; that is no error to be told.
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
            super().handle_exit(*arguments)  # type: ignore[arg-type]

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    Server(config).run([listening])


def _warm_up(index: ArticleIndex, noted: Callable[[str], None] | None) -> None:
    """Loads the model and the caches, so that the first question is quick, and tells what that has mended."""
    from qa import ask

    # The same error comes again, and is told, when a question is asked.
    with contextlib.suppress(PullquoteError):
        ask(index, "Is everything ready?")
    for note in index.notes:
        if noted is not None:
            noted(note)


@contextlib.contextmanager
def _uploads_of_its_own() -> Iterator[None]:
    """Has Gradio put what is uploaded into a folder that only this user can read, and that goes at the end."""
    if os.environ.get("GRADIO_TEMP_DIR"):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="pullquote-", ignore_cleanup_errors=True) as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        try:
            yield
        finally:
            del os.environ["GRADIO_TEMP_DIR"]


def _url(host: str, port: int) -> str:
    """The address to open: a server on all addresses is reached on this machine's own."""
    shown = {"0.0.0.0": DEFAULT_HOST, "::": "::1"}.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _announce(folder: Path, url: str) -> None:
    """Tells other programs about the server; an index where nothing may be written does without."""
    with contextlib.suppress(StorageError):
        replace_file(folder / FILE, json.dumps({"url": url, "pid": os.getpid()}).encode())


def _withdraw(folder: Path) -> None:
    """Takes the announcement back, unless another server has put its own there meanwhile."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        if json.loads((folder / FILE).read_text("utf-8")).get("pid") == os.getpid():
            (folder / FILE).unlink()


def _open_in_browser(url: str) -> None:
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(url,), name="browser", daemon=True).start()
