/* Messages made here from another one: replies, and CANCEL and ACK of one hop. */
#include <strings.h>

#include "apply.h"
#include "build.h"
#include "lump_parts.h"

static void put_reply_lumps(kh_writer *w, const kh_edits *e, int kind) {
    for (uint32_t at = e ? e->reply_first : 0; at; at = KH_LUMP(e, at)->next) {
        const kh_lump *l = KH_LUMP(e, at);
        if (l->arg == kind) kh_put(w, kh_text_ptr(e, l->text), l->text.len);
    }
}

static uint32_t reply_body_len(const kh_edits *e) {
    for (uint32_t at = e ? e->reply_first : 0; at; at = KH_LUMP(e, at)->next)
        if (KH_LUMP(e, at)->arg == KH_RPL_BODY) return KH_LUMP(e, at)->text.len;
    return 0;
}

/* 1 when a header of the request belongs into the reply. */
static bool is_copied(int type, int code) {
    switch (type) {
    case KH_HDR_VIA:
    case KH_HDR_FROM:
    case KH_HDR_TO:
    case KH_HDR_CSEQ:
    case KH_HDR_CALLID: return true;
    case KH_HDR_RECORDROUTE: return code > 100 && code < 300; /* RFC 3261 12.1.1 */
    default: return false;
    }
}

static bool is_timestamp(const kh_msg *m, const kh_hdr *h) {
    return h->type == KH_HDR_OTHER && h->name_len == 9 && !strncasecmp(m->buf + h->off, "timestamp", 9);
}

int kh_build_reply(const kh_msg *m, const kh_edits *e, int code, const char *reason, uint32_t reason_len,
                   const char *to_tag, uint32_t to_tag_len, const char *extra, uint32_t extra_len, char *out,
                   uint32_t cap) {
    char fix[KH_VIA_FIX_TEXT];
    kh_apply a;
    if (m->type != KH_REQUEST || !m->n_via || code < 100 || code > 699) return KH_EINVAL;
    kh_apply_init(&a, m, e, m->rcv.sock);
    a.e = NULL; /* lumps of the request do not show in replies */
    kh_writer w = kh_writer_on(out, cap);
    KH_PUT(&w, "SIP/2.0 ");
    kh_put_number(&w, (uint32_t)code);
    KH_PUT(&w, " ");
    kh_put(&w, reason, reason_len);
    KH_PUT(&w, "\r\n");
    kh_via_fix(&a, e && e->flags & KH_ED_FORCE_RPORT, fix);
    bool tag = to_tag_len && code > 100 && !m->to.tag.len;
    for (int i = 0; i < m->n_hdr; i++) {
        const kh_hdr *h = &m->hdr[i];
        if (!is_copied(h->type, code) && !(code == 100 && is_timestamp(m, h))) continue;
        if (i == m->via1.hdr) {
            kh_apply_range(&a, &w, h->off, (uint32_t)h->off + h->len);
        } else if (tag && h->type == KH_HDR_TO) {
            uint32_t end = (uint32_t)h->body_off + h->body_len;
            kh_put(&w, m->buf + h->off, end - h->off);
            KH_PUT(&w, ";tag=");
            kh_put(&w, to_tag, to_tag_len);
            KH_PUT(&w, "\r\n");
        } else {
            kh_put(&w, m->buf + h->off, h->len);
        }
    }
    put_reply_lumps(&w, e, KH_RPL_HDR);
    kh_put(&w, extra, extra_len);
    KH_PUT(&w, "Content-Length: ");
    kh_put_number(&w, reply_body_len(e));
    KH_PUT(&w, "\r\n\r\n");
    put_reply_lumps(&w, e, KH_RPL_BODY);
    return kh_written(&w);
}

int kh_build_hop(const kh_msg *m, const char *method, uint32_t method_len, const char *to, uint32_t to_len,
                 const char *extra, uint32_t extra_len, char *out, uint32_t cap) {
    if (m->type != KH_REQUEST || !m->n_via || !m->cseq_method.len) return KH_EINVAL;
    kh_writer w = kh_writer_on(out, cap);
    kh_put(&w, method, method_len);
    KH_PUT(&w, " ");
    kh_put(&w, m->buf + m->uri.off, m->uri.len);
    KH_PUT(&w, " SIP/2.0\r\nVia: ");
    kh_put(&w, m->buf + m->via1.body.off, m->via1.body.len);
    KH_PUT(&w, "\r\n");
    for (int i = 0; i < m->n_hdr; i++) {
        const kh_hdr *h = &m->hdr[i];
        if (h->type == KH_HDR_TO && to) {
            KH_PUT(&w, "To: ");
            kh_put(&w, to, to_len);
            KH_PUT(&w, "\r\n");
        } else if (h->type == KH_HDR_CSEQ) {
            KH_PUT(&w, "CSeq: ");
            kh_put_number(&w, m->cseq_num);
            KH_PUT(&w, " ");
            kh_put(&w, method, method_len);
            KH_PUT(&w, "\r\n");
        } else if (h->type == KH_HDR_TO || h->type == KH_HDR_FROM || h->type == KH_HDR_CALLID ||
                   h->type == KH_HDR_ROUTE) {
            kh_put(&w, m->buf + h->off, h->len);
        }
    }
    KH_PUT(&w, "Max-Forwards: 70\r\n");
    kh_put(&w, extra, extra_len);
    KH_PUT(&w, "Content-Length: 0\r\n\r\n");
    return kh_written(&w);
}
