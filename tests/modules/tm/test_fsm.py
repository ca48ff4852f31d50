"""The machines against RFC 3261 §17 and RFC 6026: every cell of every table."""

import itertools

import pytest

from kahea.modules.tm import fsm
from kahea.modules.tm.fsm import Action, Input, Machine, State
from kahea.src.native import lib

CELLS = list(itertools.product(Machine, State, Input))


@pytest.mark.parametrize(("machine", "state", "event"), CELLS)
def test_every_cell_leads_to_a_state_of_the_same_machine(machine: Machine, state: State, event: Input) -> None:
    after, action = fsm.step(machine, state, event)
    if event not in fsm.TABLES[machine].get(state, {}):
        assert (after, action) == (state, Action.NOTHING)
    else:
        assert after in fsm.TABLES[machine]


@pytest.mark.parametrize("machine", Machine)
def test_every_state_is_reachable_and_can_end(machine: Machine) -> None:
    reached, todo = {State.IDLE}, [State.IDLE]
    while todo:
        for after, _ in fsm.TABLES[machine][todo.pop()].values():
            if after not in reached:
                reached.add(after)
                todo.append(after)
    assert State.TERMINATED in reached
    listed = {state for state, row in fsm.TABLES[machine].items() if row}
    assert listed <= reached


def test_kernel_and_tables_use_the_same_numbers() -> None:
    packed = fsm.packed()
    assert len(packed) == len(Machine) * len(State) * len(Input) * 4
    assert lib.kh_tm_load_fsm(packed, len(packed)) == lib.KH_OK
    assert lib.kh_tm_load_fsm(packed, len(packed) - 4) == lib.KH_EINVAL


def walk(machine: Machine, *events: Input) -> tuple[list[State], list[Action]]:
    state, states, actions = State.IDLE, [], []
    for event in events:
        state, action = fsm.step(machine, state, event)
        states.append(state)
        actions.append(action)
    return states, actions


def test_invite_client_answered() -> None:
    states, actions = walk(Machine.INVITE_CLIENT, Input.SEND, Input.R1XX, Input.R2XX, Input.R2XX, Input.TIMER_WAIT)
    assert states == [State.CALLING, State.PROCEEDING, State.ACCEPTED, State.ACCEPTED, State.TERMINATED]
    assert all(action & Action.PASS for action in actions[1:4])


def test_invite_client_acknowledges_each_repeat_of_a_failure_but_tells_it_once() -> None:
    _, actions = walk(Machine.INVITE_CLIENT, Input.SEND, Input.RNEG, Input.RNEG)
    assert actions[1] & Action.ACK and actions[1] & Action.PASS
    assert actions[2] == Action.ACK


def test_invite_client_stops_repeating_after_a_provisional() -> None:
    _, actions = walk(Machine.INVITE_CLIENT, Input.SEND, Input.R1XX, Input.TIMER_RETR)
    assert actions[2] == Action.NOTHING


def test_other_client_goes_on_repeating_after_a_provisional() -> None:
    _, actions = walk(Machine.CLIENT, Input.SEND, Input.R1XX, Input.TIMER_RETR)
    assert actions[2] & Action.SEND


def test_invite_server_absorbs_repeats_after_a_2xx() -> None:
    states, actions = walk(Machine.INVITE_SERVER, Input.REQUEST, Input.R2XX, Input.REQUEST)
    assert states[-1] == State.ACCEPTED and actions[-1] == Action.NOTHING


def test_invite_server_repeats_a_failure_until_the_ack() -> None:
    events = (Input.REQUEST, Input.RNEG, Input.TIMER_RETR, Input.ACK, Input.TIMER_RETR, Input.TIMER_WAIT)
    states, actions = walk(Machine.INVITE_SERVER, *events)
    assert actions[2] & Action.REPLY
    assert states[3] == State.CONFIRMED and actions[4] == Action.NOTHING
    assert states[-1] == State.TERMINATED


def test_the_diagram_shows_every_transition() -> None:
    text = fsm.diagram(Machine.SERVER)
    assert text.count("->") == sum(len(row) for row in fsm.SERVER.values())
