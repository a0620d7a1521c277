"""What OpenHexa users import beside `openhexa.sdk`.

`hexakit.address(anything)` turns any form of a file's path into its one address.
"""

from hexakit.addresses import Address, NotAnAddress, address

__all__ = ["Address", "NotAnAddress", "address"]
