"""Work that a request causes and nobody waits for."""

import logging
from collections.abc import Callable

from django.db import Error
from django.http import HttpResponseBase

from hexa.foundation.errors import Outage

log = logging.getLogger(__name__)


def afterwards(response: HttpResponseBase, act: Callable[[], None]) -> None:
    """Does it once the response has been sent. For what may be lost: it is not a job."""
    close = response.close

    def closing() -> None:
        try:
            act()
        except (Outage, Error):
            log.exception("not done afterwards")
        finally:
            close()

    response.close = closing  # type: ignore[method-assign]  # what servers call last
