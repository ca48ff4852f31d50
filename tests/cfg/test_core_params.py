"""Core parameters: each name of Kamailio 5.6 and OpenSER 1.4 is known, with its kind and default."""

import re
from pathlib import Path

import pytest

import kahea
from kahea.cfg.core_params import CORE_PARAMS, HONOURED, CoreParams
from kahea.cfg.errors import ConfigError
from kahea.cfg.syntax.nodes import Alias, Custom, Listen, Param
from kahea.cfg.syntax.parser import parse_text

#: name, a line that must be accepted, the value that is kept; a row of the reference each
ROWS = """
fork=no|fork|0
fork=enable|fork|1
children=4|children|4
tcp_children=3|tcp_children|3
async_workers=8|async_workers|8
async_workers_group="name=a;workers=2"|async_workers_group|(WorkersGroup(name=b'a', workers=2),)
socket_workers=2|socket_workers|2
user=root|user|b'root'
uid="root"|user|b'root'
group=root|group|b'root'
gid=root|group|b'root'
chroot="/tmp"|chroot|b'/tmp'
workdir="/tmp"|workdir|b'/tmp'
wdir="/tmp"|workdir|b'/tmp'
rundir="/tmp"|rundir|b'/tmp'
run_dir="/tmp"|rundir|b'/tmp'
ser_kill_timeout=3|exit_timeout|3
exit_timeout=0|exit_timeout|0
open_files_limit=1000|open_files_limit|1000
server_id=7|server_id|7
max_while_loops=0|max_while_loops|0
max_recursive_level=300|max_recursive_level|300
max_branches=31|max_branches|31
cfgengine="native"|cfgengine|b'native'
cfgengine "default"|cfgengine|b'default'
debug=-1|debug|-1
debug=3|debug|3
log_stderror=yes|log_stderror|1
log_facility=LOG_LOCAL0|log_facility|'LOG_LOCAL0'
log_name="x"|log_name|b'x'
log_prefix="{$mt $hdr(CSeq) $ci} "|log_prefix|b'{$mt $hdr(CSeq) $ci} '
log_prefix_mode=1|log_prefix_mode|1
core_log=-2|corelog|-2
mem_log=5|memlog|5
shm=128|shm_mem_size|128
shm_mem=128|shm_mem_size|128
pv_buffer_size=4096|pv_buffer_size|4096
port=5070|port|5070
auto_aliases=no|auto_aliases|0
mhomed=1|mhomed|1
advertised_address="sip.example.com"|advertised_address|b'sip.example.com'
advertised_address=sip.example.com|advertised_address|b'sip.example.com'
advertised_address=1.2.3.4|advertised_address|b'1.2.3.4'
advertised_port=5080|advertised_port|5080
tos=IPTOS_THROUGHPUT|tos|8
tos=0x10|tos|16
ip_free_bind=1|ip_free_bind|1
ipfreebind=1|ip_free_bind|1
ipv6_hex_style="a"|ipv6_hex_style|b'a'
udp_mtu_try_proto=TCP|udp_mtu_try_proto|'TCP'
server_header="Server: x"|server_header|b'Server: x'
add_rport=yes|force_rport|1
force_rport=yes|force_rport|1
http_reply_hack=yes|http_reply_parse|1
dns_srv_loadbalancing=yes|dns_srv_lb|1
dns_udp_preference=-1|dns_udp_pref|-1
dst_blocklist_ttl=30|dst_blocklist_expire|30
tcp_connection_lifetime=-1|tcp_connection_lifetime|-1
tcp_buf_write=yes|tcp_async|1
tcp_rd_buf_size=65536|tcp_rd_buf_size|65536
tcp_source_ipv4=1.2.3.4|tcp_source_ipv4|b'1.2.3.4'
tcp_poll_method=epoll_lt|tcp_poll_method|'epoll_lt'
enable_tls=yes|enable_tls|1
disable_tls=no|enable_tls|1
tls_enable=1|enable_tls|1
disable_sctp=yes|enable_sctp|0
tls_method=TLSv1|tls_method|'TLSv1'
disable_dns_failover=yes|use_dns_failover|0
disable_dns_blacklist=no|use_dst_blocklist|1
avp_aliases="a=i:5"|avp_aliases|b'a=i:5'
tls_verify_server=1|tls_verify_server|1
fifo="/tmp/x"|fifo|b'/tmp/x'
""".strip().splitlines()


@pytest.mark.parametrize("row", ROWS)
def test_a_line_sets_a_value(row: str) -> None:
    line, name, value = row.rsplit("|", 2)
    params = CoreParams()
    for item in parse_text(line.encode()).items:
        assert isinstance(item, Param)
        params.set(item.name, item.value, item.pos)
    assert repr(getattr(params, name)) == value


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('fork="yes"', "fork takes yes or no"),
        ("children=-1", "children takes a number without a sign"),
        ("uid=100", "user takes a word or a quoted string"),
        ('log_facility="LOG_LOCAL0"', "log_facility takes a bare word"),
        ("log_facility=LOG_LOCAL9", "log_facility: LOG_LOCAL9 is no syslog facility"),
        ("debug=L_DBG", "debug takes a number"),
        ("workdir=/tmp", "a value is expected, not operator '/'"),
        ("max_branches=32", "max_branches: must lie between 1 and 31"),
        ("childern=4", "unknown config variable 'childern'"),
        ('ipv6_hex_style="x"', 'ipv6_hex_style: must be "a", "A" or "c"'),
        ("group.name = -1 + 2", "a parameter, module or route block is expected"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(line: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        for item in parse_text(line.encode()).items:
            if isinstance(item, Param):
                CoreParams().set(item.name, item.value, item.pos)
    assert message in caught.value.message


def test_a_misspelt_name_gets_a_suggestion_with_a_caret() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_text(b"debug=3\n  childern = 4\n", "k.cfg")
    assert str(caught.value).splitlines() == [
        "k.cfg:2:3: error: unknown config variable 'childern'",
        "    childern = 4",
        "    ^",
        '  did you mean "children"?',
    ]


def test_defaults_are_those_of_kamailio() -> None:
    params = CoreParams()
    wanted = {"children": 8, "debug": 0, "port": 5060, "max_branches": 12, "shm_mem_size": 64, "auto_aliases": 1,
              "use_dns_cache": 1, "tcp_rd_buf_size": 16384, "max_while_loops": 100, "enable_tls": 0}  # fmt: skip
    assert {name: getattr(params, name) for name in wanted} == wanted
    assert not params.was_given("children")


def test_every_row_has_a_tier_and_a_kind() -> None:
    assert {row.tier for row in CORE_PARAMS.values()} == {"A", "B", "C"}
    assert len(CORE_PARAMS) > 200


def test_parameters_said_to_work_are_read_by_the_server() -> None:
    root = Path(kahea.__file__).parent
    text = "".join(p.read_text() for folder in ("core", "modules") for p in (root / folder).rglob("*.py"))
    unread = [n for n in HONOURED if not re.search(rf"params\.{n}\b|\"{n}\"", text)]
    assert unread == []
    assert set(CORE_PARAMS) >= HONOURED


def test_a_parameter_that_nothing_reads_gets_a_notice() -> None:
    params = CoreParams()
    assert (
        params.notice(params.set("tcp_syncnt", 3))
        == "tcp_syncnt is accepted and has no effect: sockets have no such option here"
    )
    assert params.notice(params.set("disable_tls", 0)) == ""
    assert params.notice(params.set("children", 3)) == ""
    assert params.notice(params.set("disable_tcp", 1)) == ""


LISTEN = {
    "listen=udp:1.2.3.4:5060": [("udp", ("1.2.3.4",), 5060)],
    "listen=1.2.3.4": [("", ("1.2.3.4",), 0)],
    "listen=eth0": [("", ("eth0",), 0)],
    "listen=udp:eth0:5070": [("udp", ("eth0",), 5070)],
    "listen=tcp:[::1]:5060": [("tcp", ("::1",), 5060)],
    "listen=::1": [("", ("::1",), 0)],
    'listen=udp:"1.2.3.4":5060': [("udp", ("1.2.3.4",), 5060)],
    "listen=*:1.2.3.4:*": [("", ("1.2.3.4",), 0)],
    "listen=udp:host-name.x.org:5060": [("udp", ("host-name.x.org",), 5060)],
    "listen=sctp:(1.2.3.4, 1.2.3.5):5060": [("sctp", ("1.2.3.4", "1.2.3.5"), 5060)],
    "listen=1.2.3.4 1.2.3.5\nlisten=tcp:1.2.3.6": [
        ("", ("1.2.3.4",), 0), ("", ("1.2.3.5",), 0), ("tcp", ("1.2.3.6",), 0),
    ],
    "listen=udp:1.2.3.4:5060\nchildren=4": [("udp", ("1.2.3.4",), 5060)],
    'listen=udp:1.2.3.4:5060\npstn.gw="x"': [("udp", ("1.2.3.4",), 5060)],
    "#!define MYIP 1.2.3.4\n#!define MYPORT 5080\nlisten=udp:MYIP:MYPORT": [("udp", ("1.2.3.4",), 5080)],
}  # fmt: skip


@pytest.mark.parametrize("text", LISTEN)
def test_forms_of_listen(text: str) -> None:
    found = [i.address for i in parse_text(text.encode()).items if isinstance(i, Listen)]
    assert [(a.proto, a.hosts, a.port) for a in found] == LISTEN[text]


def test_listen_with_everything() -> None:
    (item,) = parse_text(b'listen=udp:10.0.0.1:5060 advertise sip.x.org:5070 name "s1" virtual').items
    assert isinstance(item, Listen)
    assert item.advertise is not None and item.advertise.hosts == ("sip.x.org",) and item.advertise.port == 5070
    assert (item.name, item.virtual) == (b"s1", True)


def test_alias_takes_reserved_words_in_host_names() -> None:
    items = parse_text(b'alias=sip.dns.com alias="mod.com":5070 alias=x.org:5080').items
    found = [(i.address.hosts[0], i.address.port) for i in items if isinstance(i, Alias)]
    assert found == [("sip.dns.com", 0), ("mod.com", 5070), ("x.org", 5080)]


def test_custom_parameters() -> None:
    items = parse_text(b'pstn.gw_ip = "" desc "PSTN GW Address"\npstn[2].port = 5070;').items
    found = [(i.group, i.index, i.name, i.value, i.text) for i in items if isinstance(i, Custom)]
    assert found == [("pstn", None, "gw_ip", b"", b"PSTN GW Address"), ("pstn", 2, "port", 5070, None)]
