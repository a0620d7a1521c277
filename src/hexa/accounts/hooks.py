"""Where contexts above listen to what happens to a person.

Apps join while they are being loaded, before any model: types are only named here.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hexa.accounts.models import User

#: Called in the transaction that deactivates a person: enqueue, do not act.
on_deactivated: "list[Callable[[User], None]]" = []

#: Called in the transaction that makes the first administrator: enqueue there.
on_first_admin: "list[Callable[[User], None]]" = []
