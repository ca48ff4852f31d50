"""The four transaction machines of RFC 3261 §17 with the Accepted state of RFC 6026, as tables. No I/O, no clock.

Theory of operation
-------------------
A *cell* (one transaction of the proxy) is one server machine towards the caller (UAS side) and one client machine a
branch towards the called parties (UAC side). The proxy core (RFC 3261 §16) is the *TU* between them:

    caller -- REQUEST, ACK -->  server machine  -- (TU: t_relay, forking) -->  client machine a branch  --> callee
    caller <-- REPLY ---------  server machine  <-- PASS (best reply) -------  client machine           <-- replies

A machine sees inputs of three kinds: messages (`REQUEST`, `ACK`, replies by class: a client machine's come from the
network, a server machine's from the TU), timers (`TIMER_*`, named by what they do, the RFC's letter stands at each
row) and `SEND_ERROR`. It answers with the next state and a set of actions. Whoever feeds it carries the actions out in
this order: store the message, arm the timers, send. So a process that dies in between loses at most a datagram, which
the armed timer or the peer sends again.

Ties: a reply and a timer may come at once; the cell's lock orders them, and the loser finds a state in which its input
means nothing. Inputs a state does not list are such: no change, no action (`NOTHING`); a late or repeated datagram is
no error. What each state may do is all here: the kernel (src/tm/tm_fsm.c) gets the same tables before the fork and
steps retransmissions with them, so there is one truth.

Two roles of the timers differ from an endpoint's: in a proxy `TIMER_FR` in Proceeding of the INVITE client is timer C
(§16.6 step 11), and the wait time of all machines is `wt_timer` unless the transport is reliable.
"""

import enum


class Machine(enum.IntEnum):
    """Which of the four: also the index into the kernel's table."""

    INVITE_CLIENT = 0
    INVITE_SERVER = 1
    CLIENT = 2
    SERVER = 3


class State(enum.IntEnum):
    """States of all machines; a machine uses some of them."""

    IDLE = 0  # nothing received or sent yet
    CALLING = 1
    TRYING = 2
    PROCEEDING = 3
    ACCEPTED = 4  # RFC 6026: a 2xx went through, INVITE repeats are absorbed, 2xx repeats pass
    COMPLETED = 5
    CONFIRMED = 6
    TERMINATED = 7


class Input(enum.IntEnum):
    """What can happen to a machine."""

    SEND = 0  # client: the TU wants the request sent
    REQUEST = 1  # server: the request, first time or again
    ACK = 2  # server: ACK to the reply we sent
    R1XX = 3
    R2XX = 4
    RNEG = 5  # 300 to 699
    TIMER_RETR = 6  # A, E, G
    TIMER_FR = 7  # B, C, F, H
    TIMER_WAIT = 8  # D, I, J, K, L, M
    SEND_ERROR = 9


class Action(enum.IntFlag):
    """What is to be done, bits."""

    NOTHING = 0
    SEND = 1  # send the stored request
    PASS = 2  # give the message to the TU
    ACK = 4  # build and send the ACK of this hop (§17.1.1.3)
    REPLY = 8  # send the stored reply
    TIMEOUT = 16  # tell the TU: no answer (408)
    FAIL = 32  # tell the TU: the transport failed
    RETR = 64  # start the retransmission timer
    FR = 128  # start the final-response timer; retransmission goes on only with RETR
    WAIT = 256  # stop the other timers, start the wait timer


S, I, A = State, Input, Action  # noqa: E741 - the tables read as tables
Row = tuple[State, Action]

INVITE_CLIENT: dict[State, dict[Input, Row]] = {  # RFC 3261 §17.1.1, RFC 6026 §7.2 and §8.4
    S.IDLE: {I.SEND: (S.CALLING, A.SEND | A.RETR | A.FR)},
    S.CALLING: {
        I.TIMER_RETR: (S.CALLING, A.SEND | A.RETR),  # A: T1, doubling
        I.TIMER_FR: (S.TERMINATED, A.TIMEOUT),  # B
        I.SEND_ERROR: (S.TERMINATED, A.FAIL),
        I.R1XX: (S.PROCEEDING, A.PASS | A.FR),
        I.R2XX: (S.ACCEPTED, A.PASS | A.WAIT),
        I.RNEG: (S.COMPLETED, A.ACK | A.PASS | A.WAIT),
    },
    S.PROCEEDING: {
        I.TIMER_FR: (S.TERMINATED, A.TIMEOUT),  # C (§16.8); the TU also cancels
        I.R1XX: (S.PROCEEDING, A.PASS | A.FR),  # C restarts (§16.7 step 2)
        I.R2XX: (S.ACCEPTED, A.PASS | A.WAIT),
        I.RNEG: (S.COMPLETED, A.ACK | A.PASS | A.WAIT),
    },
    S.ACCEPTED: {
        I.R2XX: (S.ACCEPTED, A.PASS),  # repeats of the 2xx, and 2xx of other forks downstream
        I.TIMER_WAIT: (S.TERMINATED, A.NOTHING),  # M
    },
    S.COMPLETED: {
        I.RNEG: (S.COMPLETED, A.ACK),  # our ACK was lost
        I.SEND_ERROR: (S.TERMINATED, A.FAIL),
        I.TIMER_WAIT: (S.TERMINATED, A.NOTHING),  # D
    },
    S.CONFIRMED: {},
    S.TERMINATED: {
        I.R2XX: (S.ACCEPTED, A.PASS),  # we gave up, the callee did not: a 2xx always goes back (§16.7 step 5)
        I.RNEG: (S.COMPLETED, A.ACK),  # the 487 of a branch that timed out and was cancelled
    },
}

INVITE_SERVER: dict[State, dict[Input, Row]] = {  # RFC 3261 §17.2.1, RFC 6026 §7.1 and §8.5
    S.IDLE: {I.REQUEST: (S.PROCEEDING, A.PASS)},
    S.PROCEEDING: {
        I.REQUEST: (S.PROCEEDING, A.REPLY),  # the last provisional again
        I.R1XX: (S.PROCEEDING, A.REPLY),
        I.R2XX: (S.ACCEPTED, A.REPLY | A.WAIT),
        I.RNEG: (S.COMPLETED, A.REPLY | A.RETR | A.FR),
    },
    S.ACCEPTED: {
        I.R2XX: (S.ACCEPTED, A.REPLY),
        I.ACK: (S.ACCEPTED, A.PASS),  # the ACK to 2xx is end to end
        I.TIMER_WAIT: (S.TERMINATED, A.NOTHING),  # L
    },
    S.COMPLETED: {
        I.REQUEST: (S.COMPLETED, A.REPLY),
        I.ACK: (S.CONFIRMED, A.WAIT),
        I.TIMER_RETR: (S.COMPLETED, A.REPLY | A.RETR),  # G
        I.TIMER_FR: (S.TERMINATED, A.NOTHING),  # H: the ACK never came; a proxy has nobody to tell
        I.R2XX: (S.ACCEPTED, A.REPLY | A.WAIT),  # late 2xx of another branch still goes through (§16.7 step 5)
    },
    S.CONFIRMED: {
        I.R2XX: (S.ACCEPTED, A.REPLY | A.WAIT),
        I.TIMER_WAIT: (S.TERMINATED, A.NOTHING),  # I
    },
    S.TERMINATED: {},
}

CLIENT: dict[State, dict[Input, Row]] = {  # RFC 3261 §17.1.2
    S.IDLE: {I.SEND: (S.TRYING, A.SEND | A.RETR | A.FR)},
    S.TRYING: {
        I.TIMER_RETR: (S.TRYING, A.SEND | A.RETR),  # E: T1, doubling up to T2
        I.TIMER_FR: (S.TERMINATED, A.TIMEOUT),  # F
        I.SEND_ERROR: (S.TERMINATED, A.FAIL),
        I.R1XX: (S.PROCEEDING, A.PASS | A.RETR),  # E goes on, at T2
        I.R2XX: (S.COMPLETED, A.PASS | A.WAIT),
        I.RNEG: (S.COMPLETED, A.PASS | A.WAIT),
    },
    S.PROCEEDING: {
        I.TIMER_RETR: (S.PROCEEDING, A.SEND | A.RETR),
        I.TIMER_FR: (S.TERMINATED, A.TIMEOUT),
        I.SEND_ERROR: (S.TERMINATED, A.FAIL),
        I.R1XX: (S.PROCEEDING, A.PASS),
        I.R2XX: (S.COMPLETED, A.PASS | A.WAIT),
        I.RNEG: (S.COMPLETED, A.PASS | A.WAIT),
    },
    S.COMPLETED: {I.TIMER_WAIT: (S.TERMINATED, A.NOTHING)},  # K
    S.TERMINATED: {},
}

SERVER: dict[State, dict[Input, Row]] = {  # RFC 3261 §17.2.2
    S.IDLE: {I.REQUEST: (S.TRYING, A.PASS)},
    S.TRYING: {
        I.R1XX: (S.PROCEEDING, A.REPLY),
        I.R2XX: (S.COMPLETED, A.REPLY | A.WAIT),
        I.RNEG: (S.COMPLETED, A.REPLY | A.WAIT),
    },
    S.PROCEEDING: {
        I.REQUEST: (S.PROCEEDING, A.REPLY),
        I.R1XX: (S.PROCEEDING, A.REPLY),
        I.R2XX: (S.COMPLETED, A.REPLY | A.WAIT),
        I.RNEG: (S.COMPLETED, A.REPLY | A.WAIT),
    },
    S.COMPLETED: {
        I.REQUEST: (S.COMPLETED, A.REPLY),
        I.TIMER_WAIT: (S.TERMINATED, A.NOTHING),  # J
    },
    S.TERMINATED: {},
}

TABLES: dict[Machine, dict[State, dict[Input, Row]]] = {
    Machine.INVITE_CLIENT: INVITE_CLIENT,
    Machine.INVITE_SERVER: INVITE_SERVER,
    Machine.CLIENT: CLIENT,
    Machine.SERVER: SERVER,
}


def reply_input(status: int) -> Input:
    """The input that a reply of this status is."""
    return I.R1XX if status < 200 else I.R2XX if status < 300 else I.RNEG


def step(machine: Machine, state: State, event: Input) -> Row:
    """Next state and actions; an input that the state does not list changes nothing."""
    return TABLES[machine].get(state, {}).get(event, (state, A.NOTHING))


def packed() -> bytes:
    """All tables for the kernel: `next state (16 bit), actions (16 bit)` little endian, [machine][state][input]."""
    cells = (step(m, s, i) for m in Machine for s in State for i in Input)
    return b"".join(int(s).to_bytes(2, "little") + int(a).to_bytes(2, "little") for s, a in cells)


def diagram(machine: Machine) -> str:
    """The machine as Graphviz text, for the manual: drawn from the table, so it cannot lie."""
    lines = [f"digraph {machine.name.lower()} {{"]
    for state, row in TABLES[machine].items():
        for event, (after, action) in row.items():
            label = action.name or "NOTHING"
            lines.append(f'  {state.name} -> {after.name} [label="{event.name} / {label.replace("|", " ")}"];')
    return "\n".join([*lines, "}"]) + "\n"
