"""An S3 server for tests: `python -m tests.s3_server` serves on a free loopback port, which it prints, until killed.

Requests are served one at a time: moto looks whether an object is there and writes it in two steps, where S3 does it in
one.
"""

import logging
import socket

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


def main() -> None:
    """Serve until killed."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = DomainDispatcherApplication(create_backend_app)
        server = make_server("127.0.0.1", 0, app, threaded=False, fd=listening.fileno())
        print(listening.getsockname()[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
