"""Shared and private memory by the devel guide's names, over `src/arena`: segment, shm, pkg, and the reports on them.

Here lives what Python needs of memory; the allocator itself is C and lives in `src/`. No lock is made here.
"""
