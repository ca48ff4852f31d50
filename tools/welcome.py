"""What `make run` says before the server starts: how to register a phone, and what to try next."""

import re
import sys

TEXT = """\
Kahea starts on {address}. Stop it with Ctrl-C.

  Register a phone     user "alice", any password, registrar and proxy {host}, port {port}, transport UDP or TCP
                       (a second one as "bob"; then let alice call sip:bob@{host})
  Without a phone      sipsak -U -C sip:alice@127.0.0.1:5090 -s sip:alice@{host}:{port}

  A call without one   sipsak -U -C sip:bob@127.0.0.1:5091 -s sip:bob@{host}:{port}
                       sipp -sf tools/bench/scenarios/uas_calls.xml -i 127.0.0.1 -p 5091 -bg
                       sipp -sf tools/bench/scenarios/uac_rr.xml -i 127.0.0.1 -p 5099 -s bob -m 1 {host}:{port}

  In another terminal, in this folder:
    .venv/bin/kaheactl ping               is it there?
    .venv/bin/kaheactl ul show            who is registered where
    .venv/bin/kaheactl ps                 the processes; kill -9 one, it is replaced
    .venv/bin/kaheactl monitor            live counters
    .venv/bin/kaheactl rpc                all management commands

  Next: read and change cfg/kahea.cfg, then `kill -HUP $(cat var/run/kahea.pid)` to load it without a stop.
"""


def main() -> None:
    """Argument: what the server listens on, `127.0.0.1:5060` or `udp:127.0.0.1:5060`."""
    address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:5060"
    host, _, port = re.sub(r"^[a-z]+:", "", address).rpartition(":")
    print(TEXT.format(address=address, host=host, port=port), flush=True)


if __name__ == "__main__":
    main()
