#include "build.h"

#include <sys/socket.h>

#include "apply.h"
#include "hash.h"
#include "lump_parts.h"

#define BRANCH_MAX 256 /* bytes of a Via branch value */
#define VIA_TEXT (KH_SOCK_TEXT + BRANCH_MAX + 320)

static uint64_t add_span(uint64_t h, const kh_msg *m, kh_span s) { return kh_hash_add(h, m->buf + s.off, s.len); }

uint64_t kh_request_hash(const kh_msg *m) {
    uint64_t h = KH_HASH_START;
    if (m->n_via) {
        h = add_span(h, m, m->via1.branch);
        h = add_span(h, m, m->via1.host);
        h = kh_hash_mix(h, m->via1.port);
    }
    h = add_span(h, m, m->callid);
    h = add_span(h, m, m->from.tag);
    h = add_span(h, m, m->uri);
    return kh_hash_mix(h, m->cseq_num);
}

/* Counts instead of writing: the length of the body with its lumps. */
uint32_t kh_body_len(const kh_msg *m, const kh_edits *e) {
    static char scratch[KH_MSG_MAX + KH_EDITS_CAP];
    if (!(e->flags & KH_ED_BODY)) return m->body.len;
    kh_apply a;
    kh_apply_init(&a, m, e, KH_NO_SOCK);
    kh_writer w = kh_writer_on(scratch, sizeof scratch);
    kh_apply_range(&a, &w, m->body.off, kh_message_end(m));
    return (uint32_t)(w.p - w.start);
}

void kh_fix_content_length(kh_apply *a, bool needed, char text[KH_CLEN_TEXT]) {
    const kh_msg *m = a->m;
    uint8_t i = m->first[KH_HDR_CONTENTLENGTH];
    bool changed = a->e->flags & KH_ED_BODY;
    if (!changed && (i != KH_NO_HDR || !needed)) return;
    kh_writer w = kh_writer_on(text, KH_CLEN_TEXT);
    if (i != KH_NO_HDR) {
        kh_put_number(&w, kh_body_len(m, a->e));
        kh_apply_core(a, m->hdr[i].body_off, m->hdr[i].body_len, text, (uint32_t)(w.p - text), false);
        return;
    }
    KH_PUT(&w, "Content-Length: ");
    kh_put_number(&w, kh_body_len(m, a->e));
    KH_PUT(&w, "\r\n");
    kh_apply_core(a, m->eoh, 0, text, (uint32_t)(w.p - text), true);
}

/* "Via: SIP/2.0/UDP host:port;branch=...;rport CRLF" */
static int write_via(kh_writer *w, const kh_apply *a, const kh_sock *s, const char *branch, uint32_t branch_len) {
    const kh_edits *e = a->e;
    if (e->part[KH_EDP_ADV_HOST].off || e->part[KH_EDP_ADV_PORT].off) {
        const char *upper = kh_proto_upper[s->addr.proto];
        char uri[KH_SOCK_TEXT];
        kh_writer u = kh_writer_on(uri, sizeof uri);
        kh_put_sock_uri(e, s, &u);
        KH_PUT(w, "Via: SIP/2.0/");
        kh_put(w, upper, (uint32_t)strlen(upper));
        KH_PUT(w, " ");
        const char *end = memchr(uri, ';', (size_t)(u.p - uri));
        kh_put(w, uri, (uint32_t)((end ? end : u.p) - uri));
        KH_PUT(w, ";branch=");
    } else {
        kh_put(w, s->via, s->via_len);
    }
    if (branch) {
        kh_put(w, branch, branch_len);
    } else {
        KH_PUT(w, "z9hG4bKsl.");
        kh_put_hex(w, kh_request_hash(a->m));
    }
    if (e->flags & KH_ED_LOCAL_RPORT) KH_PUT(w, ";rport");
    if (a->m->rcv.conn) {
        KH_PUT(w, ";i=");
        kh_put_short_hex(w, a->m->rcv.conn);
    }
    KH_PUT(w, "\r\n");
    return kh_written(w);
}

/* The socket that added lines show: where a request would have left, were it not too long. */
static int shown_sock(const kh_msg *m, const kh_edits *e, const kh_dest *d) {
    if (KH_LIKELY(!(d->flags & KH_DEST_BY_LENGTH))) return d->sock;
    kh_addr to = d->to;
    to.proto = KH_PROTO_UDP;
    int sock = kh_sock_pick(m, e, &to);
    return sock < 0 ? d->sock : sock;
}

int kh_build_request(const kh_msg *m, const kh_edits *e, const kh_dest *d, const char *uri, uint32_t uri_len,
                     const char *branch, uint32_t branch_len, char *out, uint32_t cap) {
    char via[VIA_TEXT], fix[KH_VIA_FIX_TEXT], clen[KH_CLEN_TEXT];
    kh_apply a;
    if (m->type != KH_REQUEST || !m->n_via || branch_len > BRANCH_MAX) return KH_EINVAL;
    const kh_sock *from = kh_sock_get(d->sock);
    if (!from) return KH_ENOSOCK;
    kh_apply_init(&a, m, e, shown_sock(m, e, d));
    kh_text path = e->part[KH_EDP_PATH];
    if (path.off) {
        kh_apply_core(&a, m->fline_len, 0, "Route: ", 7, true);
        kh_apply_core(&a, m->fline_len, 0, kh_text_ptr(e, path), path.len, true);
        kh_apply_core(&a, m->fline_len, 0, "\r\n", 2, true);
    }
    kh_writer vw = kh_writer_on(via, sizeof via);
    int via_len = write_via(&vw, &a, from, branch, branch_len);
    if (via_len < 0) return via_len;
    kh_apply_core(&a, m->hdr[m->via1.hdr].off, 0, via, (uint32_t)via_len, true);
    kh_via_fix(&a, e->flags & KH_ED_FORCE_RPORT, fix);
    kh_fix_content_length(&a, kh_is_stream(from->addr.proto), clen);

    kh_writer w = kh_writer_on(out, cap);
    if (!uri) uri_len = kh_ruri(m, e, &uri);
    kh_put(&w, m->buf + m->method_s.off, m->method_s.len);
    KH_PUT(&w, " ");
    kh_put(&w, uri, uri_len);
    KH_PUT(&w, " SIP/2.0\r\n");
    kh_apply_range(&a, &w, m->fline_len, kh_message_end(m));
    return kh_written(&w);
}

int kh_build_plain(const kh_msg *m, const kh_edits *e, char *out, uint32_t cap) {
    char clen[KH_CLEN_TEXT];
    kh_apply a;
    kh_apply_init(&a, m, e, KH_NO_SOCK);
    kh_fix_content_length(&a, false, clen);
    kh_writer w = kh_writer_on(out, cap);
    uint32_t from = 0;
    if (m->type == KH_REQUEST && e->part[KH_EDP_NEW_URI].off) {
        const char *uri;
        uint32_t len = kh_ruri(m, e, &uri);
        kh_put(&w, m->buf, m->uri.off);
        kh_put(&w, uri, len);
        from = (uint32_t)m->uri.off + m->uri.len;
    }
    kh_apply_range(&a, &w, from, kh_message_end(m));
    return kh_written(&w);
}

int kh_build_forwarded_reply(const kh_msg *m, const kh_edits *e, int stream, char *out, uint32_t cap) {
    char clen[KH_CLEN_TEXT];
    kh_apply a;
    if (m->type != KH_REPLY || !m->n_via) return KH_EINVAL;
    const kh_hdr *h = &m->hdr[m->via1.hdr];
    kh_apply_init(&a, m, e, m->rcv.sock);
    if (m->n_via == 2 && m->via2.hdr == m->via1.hdr) /* the first value of a list */
        kh_apply_core(&a, m->via1.body.off, (uint32_t)m->via2.body.off - m->via1.body.off, "", 0, false);
    else
        kh_apply_core(&a, h->off, h->len, "", 0, false);
    kh_fix_content_length(&a, stream, clen);
    kh_writer w = kh_writer_on(out, cap);
    kh_apply_range(&a, &w, 0, kh_message_end(m));
    return kh_written(&w);
}
