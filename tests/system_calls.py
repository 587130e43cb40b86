"""What a forked process asks of the disk, call by call; any of the calls can fail, or be the last one.

The kernel itself stops each call and asks (seccomp's user notification, Linux 5.5, no privileges), so this reaches
every library, SQLite and Tantivy's threads as well as Python. Reached: each call that changes something below a
folder, from opening a file to be written to its removal, and the locks. Not reached: reads, and what the kernel
writes later of what it accepted; a power cut is not a kill. Elsewhere than on Linux there is none of this.
"""

import ctypes
import fcntl
import os
import platform
import select
import signal
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# number on x86_64, on aarch64 (None where there is none), which arguments are a folder's descriptor and a path;
# "fd" where the first argument is an open file
CALLS: dict[str, tuple[int | None, int | None, str]] = {
    "write": (1, 64, "fd"), "pwrite64": (18, 68, "fd"), "writev": (20, 66, "fd"), "pwritev": (296, 70, "fd"),
    "sendfile": (40, 71, "fd"), "ftruncate": (77, 46, "fd"), "fallocate": (285, 47, "fd"), "flock": (73, 32, "fd"),
    "fsync": (74, 82, "fd"), "fdatasync": (75, 83, "fd"), "copy_file_range": (326, 285, "fd2"),
    "open": (2, None, "0"), "openat": (257, 56, "at0"), "mkdir": (83, None, "0"), "mkdirat": (258, 34, "at0"),
    "rmdir": (84, None, "0"), "unlink": (87, None, "0"), "unlinkat": (263, 35, "at0"), "rename": (82, None, "1"),
    "renameat": (264, 38, "at2"), "renameat2": (316, 276, "at2"), "link": (86, None, "1"), "linkat": (265, 37, "at2"),
}  # fmt: skip

ARCHITECTURES = ["x86_64", "aarch64"]
SECCOMP = {"x86_64": 317, "aarch64": 277}
RETURN, LOAD, JUMP_EQUAL = 0x06, 0x20, 0x15  # of the filter's small machine
ALLOW, ASK = 0x7FFF0000, 0x7FC00000
RECEIVE, ANSWER, CONTINUE = 0xC0502100, 0xC0182101, 1
NOTICE = struct.Struct("=QIIiIQ6Q")
LIMIT_S = 120
"""Nothing here takes more than a second; a process that is still there is hung."""

Decide = Callable[[int, str], int | None]
"""From the number of a call (from 1) and its words to an errno, ``KILL``, or None to let it pass."""

KILL = -1


class _Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint16), ("true", ctypes.c_uint8), ("false", ctypes.c_uint8), ("k", ctypes.c_uint32)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("filter", ctypes.POINTER(_Instruction))]


@dataclass(frozen=True)
class Ended:
    """How a process ended (0 well, -9 killed), and the calls it made that change something below the folder."""

    code: int
    calls: tuple[str, ...]


@cache
def can_be_asked() -> bool:
    """True where the kernel lets a process be watched in this way."""
    if platform.system() != "Linux" or platform.machine() not in ARCHITECTURES:
        return False
    return run(lambda: None, Path("/nowhere"), lambda number, call: None).code == 0


def run(work: Callable[[], None], below: Path, decide: Decide) -> Ended:
    """Runs ``work`` in a fork, asking ``decide`` before each call that changes something below a folder."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if not child:
        try:
            socket.send_fds(theirs, [b"x"], [_filter()])
            work()
            os._exit(0)
        finally:
            os._exit(1)
    theirs.close()
    with ours:
        _, descriptors, *_ = socket.recv_fds(ours, 1, 1)
    calls: list[str] = []
    if descriptors:
        try:
            _answer_all(child, descriptors[0], str(below), decide, calls)
        finally:
            os.close(descriptors[0])
    return Ended(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), tuple(calls))


def _filter() -> int:
    """Makes the kernel ask from now on, in this process and its threads; the descriptor it asks through."""
    column = ARCHITECTURES.index(platform.machine())
    steps = [_Instruction(LOAD, 0, 0, 0)]
    for numbers in CALLS.values():
        if (number := numbers[column]) is not None:
            steps += [_Instruction(JUMP_EQUAL, 0, 1, int(number)), _Instruction(RETURN, 0, 0, ASK)]
    steps.append(_Instruction(RETURN, 0, 0, ALLOW))
    program = _Program(len(steps), (_Instruction * len(steps))(*steps))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)  # no new privileges: the kernel's condition
    descriptor = int(libc.syscall(SECCOMP[platform.machine()], 1, 8, ctypes.byref(program)))
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "no seccomp")
    return descriptor


def _answer_all(child: int, asked: int, below: str, decide: Decide, calls: list[str]) -> None:
    names = {numbers[ARCHITECTURES.index(platform.machine())]: name for name, numbers in CALLS.items()}
    until = time.monotonic() + LIMIT_S
    poll = select.poll()
    poll.register(asked, select.POLLIN)
    while True:
        [*events] = poll.poll(max(0, until - time.monotonic()) * 1000)
        if not events:
            os.kill(child, signal.SIGKILL)
            raise TimeoutError(f"hung after {calls[-3:]}")
        if not events[0][1] & select.POLLIN:
            return
        buffer = bytearray(NOTICE.size)
        try:
            fcntl.ioctl(asked, RECEIVE, buffer)
        except OSError:  # it has ended meanwhile
            continue
        identity, thread, _, number, _, _, *arguments = NOTICE.unpack(buffer)
        wanted = None
        words = _in_words(thread, names[number], arguments, below)
        if words:
            calls.append(words)
            wanted = decide(len(calls), words)
        if wanted == KILL:
            os.kill(child, signal.SIGKILL)
            continue
        answer = struct.pack("=QqiI", identity, 0, -(wanted or 0), 0 if wanted else CONTINUE)
        try:
            fcntl.ioctl(asked, ANSWER, answer)
        except OSError:
            continue


def _in_words(thread: int, name: str, arguments: list[int], below: str) -> str | None:
    """``rename CURRENT``: the call and the file it changes; None for a file elsewhere, and one opened to be read."""
    kind = CALLS[name][2]
    if name in ("open", "openat") and not arguments[1 if name == "open" else 2] & (
        os.O_WRONLY | os.O_RDWR | os.O_CREAT
    ):
        return None
    try:
        if kind.startswith("fd"):
            path = str(Path(f"/proc/{thread}/fd/{arguments[int(kind[2:] or 0)]}").readlink())
        else:
            path = _path_of(thread, kind, arguments)
    except OSError:  # the thread is gone
        return None
    if path != below and not path.startswith(below + "/"):
        return None
    return f"{name} {os.path.relpath(path, below)}"


def _path_of(thread: int, kind: str, arguments: list[int]) -> str:
    at = int(kind.removeprefix("at"))
    if not kind.startswith("at"):
        folder, address = -100, arguments[at]
    else:
        folder, address = ctypes.c_int32(arguments[at] & 0xFFFFFFFF).value, arguments[at + 1]
    with Path(f"/proc/{thread}/mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        path = os.fsdecode(memory.read(min(4096, 4096 - address % 4096)).partition(b"\0")[0])
    base = Path(f"/proc/{thread}/cwd" if folder == -100 else f"/proc/{thread}/fd/{folder}").readlink()
    return os.path.normpath(base / path)
