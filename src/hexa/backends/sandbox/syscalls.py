"""The system calls that sandboxes do without, as a filter the kernel runs.

Code that is confined by a uid alone could make a user namespace and be root in it: a
wide, historically leaky surface that nothing in a notebook needs. Refused as well:
mounting, kernel modules and keys, profiling of others, and feeding a terminal's input.
Calls of an architecture that we do not know pass unfiltered; walls and uid still hold.
"""

import errno
import platform
import struct

_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000  # with an errno in the low half

_LOAD, _EQUAL, _SHARES, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER_AT, _MACHINE_AT, _FIRST_AT, _SECOND_AT = 0, 4, 16, 24

_CLONE_NEWUSER = 0x10000000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C

_NAMES = (
    "clone", "clone3", "unshare", "ioctl",
    "setns", "mount", "umount2", "pivot_root", "open_tree", "move_mount", "fsopen",
    "fsconfig", "fsmount", "fspick", "mount_setattr", "keyctl", "add_key",
    "request_key", "bpf", "perf_event_open", "userfaultfd", "open_by_handle_at",
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
    "swapon", "swapoff", "reboot", "acct", "quotactl",
)  # fmt: skip
# Source: asm/unistd_64.h and asm-generic/unistd.h of Linux; the order is that of _NAMES.
_X86_64 = (
    56, 435, 272, 16,
    308, 165, 166, 155, 428, 429, 430,
    431, 432, 433, 442, 250, 248,
    249, 321, 298, 323, 304,
    175, 313, 176, 246, 320,
    167, 168, 169, 163, 179,
)  # fmt: skip
_AARCH64 = (
    220, 435, 97, 29,
    268, 40, 39, 41, 428, 429, 430,
    431, 432, 433, 442, 219, 217,
    218, 280, 241, 282, 265,
    105, 273, 106, 104, 294,
    224, 225, 142, 89, 60,
)  # fmt: skip
_MACHINES = {"x86_64": (0xC000003E, _X86_64), "aarch64": (0xC00000B7, _AARCH64)}


def sandbox_filter(machine: str = platform.machine()) -> bytes:
    """The filter in the form that `bwrap --seccomp` reads; lets all pass elsewhere."""
    if machine not in _MACHINES:
        return _step(_RETURN, _ALLOW)
    mark, numbers = _MACHINES[machine]
    number = dict(zip(_NAMES, numbers, strict=True))
    program = [
        _step(_LOAD, _MACHINE_AT),
        _step(_EQUAL, mark, yes=1, no=0),
        _step(_RETURN, _REFUSE | errno.ENOSYS),  # 32-bit calls: other numbers
        _step(_LOAD, _NUMBER_AT),
    ]
    if machine == "x86_64":
        # The x32 calls share the mark of this architecture but not its numbers.
        program += [
            _step(_SHARES, 0x40000000, yes=0, no=1),
            _step(_RETURN, _REFUSE | errno.ENOSYS),
        ]
    # Its flags are behind a pointer; told that it is absent, glibc takes `clone`.
    program += _refused(number.pop("clone3"), errno.ENOSYS)
    program += _refused_with(number.pop("clone"), _FIRST_AT, _SHARES, _CLONE_NEWUSER)
    program += _refused_with(number.pop("unshare"), _FIRST_AT, _SHARES, _CLONE_NEWUSER)
    ioctl = number.pop("ioctl")
    for request in (_TIOCSTI, _TIOCLINUX):
        program += _refused_with(ioctl, _SECOND_AT, _EQUAL, request)
    for refused in number.values():
        program += _refused(refused, errno.EPERM)
    return b"".join([*program, _step(_RETURN, _ALLOW)])


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """One `struct sock_filter`; `yes` and `no` are how many steps to skip."""
    return struct.pack("=HBBI", code, yes, no, value)


def _refused(number: int, error: int) -> list[bytes]:
    return [_step(_EQUAL, number, no=1), _step(_RETURN, _REFUSE | error)]


def _refused_with(number: int, argument: int, test: int, value: int) -> list[bytes]:
    """Refuses the call where its argument passes the test; both are little-endian."""
    return [
        _step(_EQUAL, number, no=4),
        _step(_LOAD, argument),
        _step(test, value, no=1),
        _step(_RETURN, _REFUSE | errno.EPERM),
        _step(_LOAD, _NUMBER_AT),
    ]
