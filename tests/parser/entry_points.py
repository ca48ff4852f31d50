"""Every function of the kernel that reads what a peer sent, as a call on a piece of it: text, or a parsed message.

`entries()` lists them from the declarations; each must stand in TEXT or MESSAGE, or under its reason in ELSEWHERE. So a
new one is either cut at every byte by test_truncation.py or excused here.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from kahea.core.net.addr import make_addr
from kahea.src.native import ffi, lib

edits = ffi.new("kh_edits *")
out = ffi.new("char[]", lib.KH_MSG_MAX)
dest = ffi.new("kh_dest *")
addr = make_addr(b"203.0.113.9", 5060)
reg = ffi.new("kh_reg *")
text_of = ffi.new("char **")
uri, via, nameaddr, param = (ffi.new(f"kh_{kind} *") for kind in ("uri", "via", "nameaddr", "param"))
msg = ffi.new("kh_msg *")
pings = ffi.new("uint32_t *")


def walk(step: Callable[[int], int], end: int) -> int:
    """A parser of lists, value after value: it goes forward and stays inside. Where it stopped, or its code."""
    at = 0
    while 0 <= at < end:
        after = step(at)
        assert after < 0 or at < after <= end
        at = after
    return at


TEXT: dict[str, Callable[[Any, int], object]] = {
    "kh_msg_parse": lambda s, n: lib.kh_msg_parse(msg, s, n),
    "kh_msg_index": lambda s, n: lib.kh_msg_index(msg, s, n),
    "kh_uri_parse": lambda s, n: lib.kh_uri_parse(uri, s, n),
    "kh_nameaddr_next": lambda s, n: walk(lambda at: lib.kh_nameaddr_next(nameaddr, s, at, n), n),
    "kh_via_next": lambda s, n: walk(lambda at: lib.kh_via_next(via, s, at, n), n),
    "kh_param_next": lambda s, n: walk(lambda at: lib.kh_param_next(param, s, at, n), n),
    "kh_param_find": lambda s, n: lib.kh_param_find(s, 0, n, b"tag", 3),
    "kh_hdr_classify": lambda s, n: lib.kh_hdr_classify(s, n),
    "kh_method_id": lambda s, n: lib.kh_method_id(s, n),
    "kh_addr_parse": lambda s, n: lib.kh_addr_parse(ffi.new("kh_addr *"), s, n),
    "kh_proto_of": lambda s, n: lib.kh_proto_of(s, n),
    "kh_dest_of_uri": lambda s, n: lib.kh_dest_of_uri(dest, s, n, 0),
    "kh_is_self": lambda s, n: lib.kh_is_self(s, n, 0, 0),
    "kh_sock_find": lambda s, n: lib.kh_sock_find(s, n, 0, 0),
    "kh_reg_aor": lambda s, n: lib.kh_reg_aor(s, n, out),
    "kh_reg_q": lambda s, n: lib.kh_reg_q(s, n),
    "kh_reg_methods": lambda s, n: lib.kh_reg_methods(s, n),
    "kh_frame_blanks": lambda s, n: lib.kh_frame_blanks(ffi.new("kh_frame *"), s, n, pings),
    "kh_frame_next": lambda s, n: lib.kh_frame_next(ffi.new("kh_frame *"), s, n, lib.KH_MSG_MAX, 0),
    "kh_proxy_header": lambda s, n: lib.kh_proxy_header(s, n, ffi.new("kh_addr *"), ffi.new("kh_addr *")),
}

MESSAGE: dict[str, Callable[[Any], object]] = {
    "kh_msg_facts": lambda m: lib.kh_msg_facts(m),
    "kh_msg_size": lambda m: lib.kh_msg_size(m),
    "kh_msg_field": lambda m: [lib.kh_msg_field(m, n) for n in range(lib.KH_FIELDS)],
    "kh_msg_hdr": lambda m: [lib.kh_msg_hdr(m, n, -1) for n in range(lib.KH_HDR_TYPES)],
    "kh_msg_hdr_count": lambda m: lib.kh_msg_hdr_count(m, lib.KH_HDR_VIA),
    "kh_msg_hdr_find": lambda m: lib.kh_msg_hdr_find(m, b"X-None", 6, -1),
    "kh_msg_hdr_name": lambda m: lib.kh_msg_hdr_name(m, b"Warning", 7, -1),
    "kh_msg_hdr_number": lambda m: lib.kh_msg_hdr_number(m, b"Warning", 7, 0),
    "kh_sanity": lambda m: lib.kh_sanity(m, 32767, 15),
    "kh_reg_parse": lambda m: lib.kh_reg_parse(reg, m, ffi.NULL, 0, 0),
    "kh_maxfwd": lambda m: lib.kh_maxfwd(edits, m, 10),
    "kh_loose_route": lambda m: lib.kh_loose_route(edits, m, 0, b"", 0),
    "kh_record_route": lambda m: lib.kh_record_route(edits, m, 0, b"", 0, b"", 0),
    "kh_record_route_preset": lambda m: lib.kh_record_route_preset(edits, m, 0, b"", 0, b"h", 1, b"", 0),
    "kh_route_uri": lambda m: lib.kh_route_uri(m),
    "kh_route_left": lambda m: lib.kh_route_left(edits, m),
    "kh_ruri": lambda m: lib.kh_ruri(m, edits, text_of),
    "kh_uri_edit": lambda m: lib.kh_uri_edit(edits, m, lib.KH_URI_SET_HOST, b"h", 1, 0),
    "kh_remove_hf": lambda m: lib.kh_remove_hf(edits, m, lib.KH_HDR_ROUTE),
    "kh_remove_hf_name": lambda m: lib.kh_remove_hf_name(edits, m, b"Warning", 7),
    "kh_append_hf": lambda m: lib.kh_append_hf(edits, m, b"A: b\r\n", 6),
    "kh_append_hf_at": lambda m: lib.kh_append_hf_at(edits, m, 0, 1, b"A: b\r\n", 6),
    "kh_insert_hf": lambda m: lib.kh_insert_hf(edits, m, b"A: b\r\n", 6),
    "kh_anchor_lump": lambda m: lib.kh_anchor_lump(edits, m, m.len, 0),
    "kh_del_lump": lambda m: lib.kh_del_lump(edits, m, m.len - 1, 1, 0),
    "kh_replace": lambda m: lib.kh_replace(edits, m, m.len - 1, 1, b"x", 1, 0),
    "kh_rewrite": lambda m: lib.kh_rewrite(edits, m, m.len - 1, 1, b"x", 1, 0),
    "kh_seen": lambda m: lib.kh_seen(m, edits),
    "kh_body_len": lambda m: lib.kh_body_len(m, edits),
    "kh_next_hop": lambda m: lib.kh_next_hop(dest, m, edits),
    "kh_next_hop_uri": lambda m: lib.kh_next_hop_uri(m, edits, text_of),
    "kh_reply_dest": lambda m: lib.kh_reply_dest(dest, m, edits),
    "kh_reply_next_hop": lambda m: lib.kh_reply_next_hop(dest, m, edits),
    "kh_mtu_switch": lambda m: lib.kh_mtu_switch(dest, m, edits, m.len),
    "kh_mtu_switch_back": lambda m: lib.kh_mtu_switch_back(dest, m, edits),
    "kh_request_hash": lambda m: lib.kh_request_hash(m),
    "kh_sock_pick": lambda m: lib.kh_sock_pick(m, edits, addr),
    "kh_sl_is_ack": lambda m: lib.kh_sl_is_ack(m),
    "kh_sl_tag": lambda m: lib.kh_sl_tag(m, out),
    "kh_build_plain": lambda m: lib.kh_build_plain(m, edits, out, len(out)),
    "kh_build_request": lambda m: lib.kh_build_request(m, edits, dest, b"sip:a", 5, b"z9hG4bKx", 8, out, len(out)),
    "kh_build_reply": lambda m: lib.kh_build_reply(m, edits, 400, b"x", 1, b"t", 1, b"", 0, out, len(out)),
    "kh_build_forwarded_reply": lambda m: lib.kh_build_forwarded_reply(m, edits, 1, out, len(out)),
    "kh_build_hop": lambda m: lib.kh_build_hop(m, b"ACK", 3, b"", 0, b"", 0, out, len(out)),
}

ELSEWHERE = {
    "its text is the server's own: configuration, names, keys, what a module adds": (
        "kh_alias_add", "kh_lenient_allows", "kh_lenient_chars",
        "kh_root_get", "kh_sht_add", "kh_sht_get", "kh_sht_hash", "kh_sht_new",
        "kh_sht_put", "kh_sht_remove", "kh_sl_setup", "kh_tm_load_fsm", "kh_tm_name_id", "kh_text_set",
        "kh_insert_after", "kh_insert_before", "kh_reply_lump", "kh_rr_add_param", "kh_branch_add", "kh_branch_set",
        "kh_uac_set_info", "kh_send", "kh_send_now", "kh_stream_send", "kh_tm_by_callid", "kh_tm_cancel",
        "kh_conn_describe", "kh_conn_put", "kh_stream_label", "kh_taskq_push",
    ),
    "reads no message: it gets the bytes from the socket and parses them with kh_msg_parse": (
        "kh_udp_recv", "kh_conn_next",
    ),
    "joins functions of MESSAGE, and sends or stores what they make": (
        "kh_forward", "kh_forward_to", "kh_forward_reply", "kh_forward_reply_to", "kh_sl_reply", "kh_tm_forward",
        "kh_tm_keep_reply", "kh_tm_load_reply", "kh_tm_load_request", "kh_tm_load_sent", "kh_tm_lookup",
        "kh_tm_find", "kh_tm_lookup_cancel", "kh_tm_lookup_reply", "kh_tm_new", "kh_tm_new_local", "kh_tm_relay",
        "kh_tm_relay_reply", "kh_tm_reply", "kh_tm_reply_in", "kh_tm_send_local", "kh_ul_lookup", "kh_ul_put",
        "kh_ul_register", "kh_ul_registered", "kh_ul_remove", "kh_ul_save",
    ),
}  # fmt: skip


def entries() -> Iterator[str]:
    """Functions declared to Python with an argument (text, length), or a message."""
    for name in dir(lib):
        if not name.startswith("kh_"):
            continue
        kind = ffi.typeof(getattr(lib, name))
        if kind.kind == "function":
            given = [argument.cname for argument in kind.args]
            if "kh_msg *" in str(given) or any(pair == ("char *", "uint32_t") for pair in pairwise(given)):
                yield name
