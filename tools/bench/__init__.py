"""Benchmarks: the same sipp scenario through Kamailio and Kahea, alternated in one run, judged by CPU time a call.

`scenarios/` holds what both servers are given, unchanged; RESULTS.md holds figures and the command that gave them.
"""
