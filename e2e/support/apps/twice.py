"""Serves an app on two ports, plain and with the detector, from one process and over the same data.

It prints the ports and the app's values as a line of JSON, and serves until it is stopped.
"""

from __future__ import annotations

import asyncio
import json
from threading import Thread
from typing import Any

import uvicorn
from waitress.server import create_server

from detector.serve.listening import listen


def serve_wsgi(plain: Any, ours: Any, **told: str) -> None:
    """Serve two WSGI apps by waitress."""
    servers = [create_server(app, sockets=[listen("127.0.0.1", 0)]) for app in (plain, ours)]
    _tell([server.effective_port for server in servers], told)
    Thread(target=servers[0].run, daemon=True).start()
    servers[1].run()


def serve_asgi(plain: Any, ours: Any, **told: str) -> None:
    """Serve two ASGI apps by uvicorn."""
    sockets = [listen("127.0.0.1", 0) for _ in range(2)]
    _tell([socket.getsockname()[1] for socket in sockets], told)

    async def both() -> None:
        configs = [uvicorn.Config(app, log_level="warning") for app in (plain, ours)]
        servers = [uvicorn.Server(config) for config in configs]
        serving = zip(servers, sockets, strict=True)
        await asyncio.gather(*(server.serve(sockets=[socket]) for server, socket in serving))

    asyncio.run(both())


def _tell(ports: list[int], told: dict[str, str]) -> None:
    print(json.dumps({"plain": ports[0], "ours": ports[1], **told}), flush=True)
