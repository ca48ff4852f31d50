"""The one gate to the native kernel: everything in C is reached as `lib.kh_...`, memory as `ffi`."""

from ._native import ffi, lib

__all__ = ["ffi", "lib"]
