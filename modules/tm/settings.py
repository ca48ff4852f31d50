"""The parameters of tm. Those that C needs are copied into the shared kh_tm_conf at `init`; times are milliseconds."""

from dataclasses import dataclass

from ...core.sr_module import ParamExport
from ...src.native import ffi, lib

# parameter -> field of kh_tm_conf
SHARED = {
    "fr_timer": "fr", "fr_inv_timer": "fr_inv", "max_inv_lifetime": "max_inv", "max_noninv_lifetime": "max_noninv",
    "wt_timer": "wait", "retr_timer1": "t1", "retr_timer2": "t2", "restart_fr_on_each_reply": "restart_fr",
    "relay_100": "relay_100", "remap_503_500": "remap_503", "cancel_b_method": "cancel_b_method",
}  # fmt: skip


SETTABLE = {  # parameters that may change at run time, for cfg.help
    "fr_timer": "ms without any reply until a branch gets 408",
    "fr_inv_timer": "ms without a final reply after a provisional one to INVITE",
    "max_inv_lifetime": "ms that a transaction of INVITE may live",
    "max_noninv_lifetime": "ms that any other transaction may live",
    "wt_timer": "ms that a finished transaction stays to absorb repeats",
    "retr_timer1": "ms to the first repeat",
    "retr_timer2": "longest interval of repeats, ms",
    "restart_fr_on_each_reply": "each provisional reply starts fr_inv_timer anew",
    "relay_100": "pass 100 on",
    "remap_503_500": "503 becomes 500 on its way back",
    "cancel_b_method": "a branch to be cancelled that said nothing yet: 0 ends, 1 waits for a reply, 2 CANCEL at once",
    "auto_inv_100": "answer INVITE with 100 when it is relayed",
    "auto_inv_100_reason": "reason phrase of the automatic 100",
    "aggregate_challenges": "pass the challenges of all branches on with the 401 or 407 chosen",
    "unmatched_cancel": "CANCEL without INVITE: 0 forward with state, 1 without, 2 drop",
    "default_code": "what t_reply() sends when its code means nothing",
    "default_reason": "the phrase with it",
    "local_cancel_reason": "put a Reason into our own CANCELs",
    "e2e_cancel_reason": "pass the Reason of a received CANCEL on",
    "disable_6xx_block": "a 6xx is a failure like others",
    "pass_provisional_replies": "run event_route[tm:local-response] for 1xx too",
}
LIMITS = {**dict.fromkeys(SHARED, (0, 0x7FFFFFFF)), "cancel_b_method": (0, 2), "unmatched_cancel": (0, 2)}


@dataclass(slots=True)
class Settings:
    """Values as `modparam` gives them."""

    fr_timer: int = 30000
    fr_inv_timer: int = 120000
    max_inv_lifetime: int = 180000
    max_noninv_lifetime: int = 32000
    wt_timer: int = 5000
    retr_timer1: int = 500
    retr_timer2: int = 4000
    restart_fr_on_each_reply: int = 1
    relay_100: int = 0
    remap_503_500: int = 1
    cancel_b_method: int = 1
    auto_inv_100: int = 1
    auto_inv_100_reason: bytes = b"trying -- your call is important to us"
    aggregate_challenges: int = 1
    unmatched_cancel: int = 0
    failure_reply_mode: int = 3
    faked_reply_prio: int = 0
    local_cancel_reason: int = 1
    e2e_cancel_reason: int = 1
    disable_6xx_block: int = 0
    failure_exec_mode: int = 0
    default_code: int = 500
    default_reason: bytes = b"Server Internal Error"
    on_sl_reply: bytes = b""
    contacts_avp: bytes = b"tm_contacts"
    contact_flows_avp: bytes = b"tm_contact_flows"
    xavp_contact: bytes = b""
    fr_timer_avp: bytes = b""
    fr_inv_timer_avp: bytes = b""
    pass_provisional_replies: int = 0
    enable_uac_fr: int = 0
    exec_time_check: int = 5000
    reply_relay_mode: int = 1
    rich_redirect: int = 0
    local_ack_mode: int = 0
    noisy_ctimer: int = 1
    # accepted for the sake of configurations that set them; matching follows RFC 3261 whatever they say
    ruri_matching: int = 1
    via1_matching: int = 1
    callid_matching: int = 0
    callid_cseq_matching: int = 0
    unix_tx_timeout: int = 500
    reparse_invite: int = 1
    ac_extra_hdrs: bytes = b""
    reparse_on_dns_failover: int = 1
    dns_reuse_rcv_socket: int = 0
    blst_503: int = 0
    blst_503_def_timeout: int = 0
    blst_503_min_timeout: int = 0
    blst_503_max_timeout: int = 3600
    blst_methods_add: int = 1
    blst_methods_lookup: int = 0xFFFFFFF7
    tw_append: bytes = b""
    event_callback: bytes = b""
    event_callback_lres_sent: bytes = b""

    def publish(self) -> None:
        """Copy what the kernel uses to shared memory; kh_tm_init is done. Main process, and whoever changes it."""
        conf = lib.kh_tm_conf_get()
        for name, field in SHARED.items():
            setattr(conf, field, max(0, getattr(self, name)))
        reason = self.auto_inv_100_reason[: ffi.sizeof(conf.trying)]
        ffi.memmove(conf.trying, reason, len(reason))
        conf.trying_len = len(reason)


settings = Settings()
PARAMS = tuple(
    ParamExport(
        name,
        bytes if isinstance(getattr(settings, name), bytes) else int,
        settings,
        settable=SETTABLE.get(name, ""),
        limits=LIMITS.get(name),
    )
    for name in Settings.__dataclass_fields__
)
