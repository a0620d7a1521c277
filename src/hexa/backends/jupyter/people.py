"""Lets web start a person's server before that person has ever been to the hub."""

from jupyterhub.apihandlers.base import APIHandler
from jupyterhub.scopes import needs_scope


class PeopleHandler(APIHandler):  # type: ignore[misc]  # JupyterHub has no annotations
    """PUT /hub/api/people/<handle>: 204, known to the hub from now on.

    JupyterHub creates people for whoever holds `admin:users`, which opens far more.
    """

    @needs_scope("admin:servers")  # type: ignore[untyped-decorator]
    async def put(self, handle: str) -> None:
        self.user_from_username(handle)
        self.set_status(204)
