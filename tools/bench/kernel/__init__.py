"""Measures the kernel's lock, allocator and timers inside C, beside the C library's."""
