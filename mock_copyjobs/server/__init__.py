"""moto's server with the copy jobs in it, a control API and a page, for programs in other processes.

May import everything but `mock_copyjobs.cli` and the pytest plugin. Must not decide what AWS Backup answers.
`app.py` is the server, `access.py` the check of a request's origin, `control.py` the control API under
/mock-copyjobs/, `views.py` the part of it that `page.html` reads.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    # Imported when first used: without the extra that the server needs, importing `app` is an error.
    if name not in ("Server", "serve"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mock_copyjobs.server import app

    return getattr(app, name)
