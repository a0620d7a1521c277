"""Where contexts above listen to what happens to a person."""

from collections.abc import Callable

from hexa.accounts.models import User

#: Called after the commit that deactivated a person.
on_deactivated: list[Callable[[User], None]] = []
#: Called when a person signs out.
on_signed_out: list[Callable[[User], None]] = []
