"""Runs a command as a unit's SystemCallFilter= would have it: filtered.py CALLS COMMAND...

CALLS are the allowed ones, separated by commas; any other fails with EPERM. It needs libseccomp, and says
so with exit status 77.
"""

import ctypes
import os
import sys

ERRNO_EPERM = 0x00050001
ALLOW = 0x7FFF0000

try:
    seccomp = ctypes.CDLL("libseccomp.so.2")
except OSError:
    sys.exit(77)
seccomp.seccomp_init.restype = ctypes.c_void_p
context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(ERRNO_EPERM)))
for name in sys.argv[1].split(","):
    number = seccomp.seccomp_syscall_resolve_name(name.encode())
    # Below 0 are those of other processors.
    if number >= 0:
        seccomp.seccomp_rule_add(context, ctypes.c_uint32(ALLOW), number, 0)
if seccomp.seccomp_load(context) != 0:
    sys.exit("the filter cannot be loaded")
os.execvp(sys.argv[2], sys.argv[2:])
