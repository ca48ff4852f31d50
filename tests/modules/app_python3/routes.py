"""Routing as published KEMI scripts do it: a registrar and proxy with failure handling. Loaded by test_routes.py."""

# mypy: ignore-errors
import KSR as KSR

FLAG_FAILURE = 5
BUSY = "486|600"


def dumpObj(obj):
    for attr in dir(obj):
        KSR.dbg(f"obj.{attr}\n")


def mod_init():
    KSR.info("===== from Python mod init\n")
    return kamailio()


class kamailio:
    def __init__(self):
        KSR.info("===== kamailio.__init__\n")

    def child_init(self, rank):
        KSR.info(f"===== kamailio.child_init({rank})\n")
        return 0

    def ksr_request_route(self, msg):
        KSR.dbg(f"request {KSR.pv.get('$rm')} r-uri {KSR.pv.gete('$ru')}\n")
        if self.route_reqinit(msg) == -255:
            return 1
        if KSR.is_CANCEL():
            if KSR.tm.t_check_trans() > 0:
                self.route_relay(msg)
            return 1
        if self.route_withindlg(msg) == -255:
            return 1
        if KSR.tmx.t_precheck_trans() > 0:
            KSR.tm.t_check_trans()
            return 1
        if KSR.tm.t_check_trans() == 0:
            return 1
        KSR.hdr.remove("Route")
        if KSR.is_method_in("IS"):
            KSR.rr.record_route()
        if KSR.is_REGISTER():
            return self.route_registrar(msg)
        if KSR.corex.has_ruri_user() < 0:
            KSR.sl.sl_send_reply(484, "Address Incomplete")
            return 1
        if not KSR.is_myself_ruri():
            KSR.hdr.append("P-Hint: outbound\r\n")
            self.route_relay(msg)
            return 1
        return self.route_location(msg)

    def route_reqinit(self, msg):
        if not KSR.is_myself_srcip() and KSR.pv.gete("$ua") == "friendly-scanner":
            KSR.sl.sl_send_reply(200, "OK")
            return -255
        if KSR.maxfwd.process_maxfwd(10) < 0:
            KSR.sl.sl_send_reply(483, "Too Many Hops")
            return -255
        if KSR.is_OPTIONS() and KSR.is_myself_ruri() and KSR.corex.has_ruri_user() < 0:
            KSR.sl.sl_send_reply(200, "Keepalive")
            return -255
        if KSR.sanity.sanity_check(17895, 7) < 0:
            KSR.err(f"Malformed SIP message from {KSR.kx.get_srcip()}:{KSR.kx.get_srcport()}\n")
            return -255
        return 1

    def route_withindlg(self, msg):
        if KSR.siputils.has_totag() < 0:
            return 1
        if KSR.rr.loose_route() > 0:
            if KSR.is_NOTIFY():
                KSR.rr.record_route()
            self.route_relay(msg)
            return -255
        if KSR.is_ACK():
            if KSR.tm.t_check_trans() > 0:
                self.route_relay(msg)
            return -255
        KSR.sl.sl_send_reply(404, "Not here")
        return -255

    def route_registrar(self, msg):
        if KSR.registrar.save("location", 0) < 0:
            KSR.sl.sl_reply_error()
        return 1

    def route_location(self, msg):
        found = KSR.registrar.lookup("location")
        if found < 0:
            KSR.tm.t_newtran()
            if found == -2:
                KSR.sl.send_reply(405, "Method Not Allowed")
            else:
                KSR.sl.send_reply(404, "Not Found")
            return 1
        if KSR.is_INVITE():
            KSR.setflag(FLAG_FAILURE)
        KSR.pv.sets("$avp(callee)", KSR.kx.gete_tuser())
        self.route_relay(msg)
        return 1

    def route_relay(self, msg):
        if KSR.is_method_in("IBSU") and KSR.tm.t_is_set("branch_route") < 0:
            KSR.tm.t_on_branch("ksr_branch_manage")
        if KSR.is_method_in("ISU") and KSR.tm.t_is_set("onreply_route") < 0:
            KSR.tm.t_on_reply("ksr_onreply_manage")
        if KSR.is_INVITE() and KSR.tm.t_is_set("failure_route") < 0:
            KSR.tm.t_on_failure("ksr_failure_manage")
        if KSR.tm.t_relay() < 0:
            KSR.sl.sl_reply_error()
        KSR.x.exit()

    def ksr_reply_route(self, msg):
        KSR.info("===== response - from kamailio python script\n")
        if KSR.pv.get("$rs") == 488:
            KSR.x.drop()
        return 1

    def ksr_branch_manage(self, msg):
        KSR.dbg(f"new branch [{KSR.pv.get('$T_branch_idx')}] to {KSR.pv.gete('$ru')}\n")
        KSR.hdr.append(f"X-Branch: {KSR.pv.get('$T_branch_idx')}\r\n")
        return 1

    def ksr_onreply_manage(self, msg):
        scode = KSR.pv.get("$rs")
        if 100 < scode < 299 and KSR.textops.search_body("nat=yes") > 0:
            KSR.hdr.append("X-Nat: yes\r\n")
        return 1

    def ksr_failure_manage(self, msg):
        if KSR.tm.t_is_canceled() > 0:
            return 1
        if KSR.isflagset(FLAG_FAILURE) and KSR.tm.t_check_status(BUSY) > 0:
            KSR.seturi("sip:" + KSR.pv.getvs("$avp(callee)", "nobody") + "@198.51.100.99:5090")
            KSR.tm.t_relay()
        return 1
