/* Edits of whole headers, and of the one header that every hop changes. */
#include <string.h>

#include "lump_parts.h"

int kh_remove_hf(kh_edits *e, const kh_msg *m, int type) {
    int n = 0;
    if (type <= KH_HDR_OTHER || type >= KH_HDR_TYPES) return 0;
    for (uint8_t i = m->first[type]; i != KH_NO_HDR; i = m->hdr[i].next, n++) {
        int rc = kh_del_lump(e, m, m->hdr[i].off, m->hdr[i].len, type);
        if (rc < 0) return rc;
    }
    return n;
}

int kh_remove_hf_name(kh_edits *e, const kh_msg *m, const char *name, uint32_t len) {
    int n = 0;
    for (int i = kh_msg_hdr_find(m, name, len, -1); i >= 0; i = kh_msg_hdr_find(m, name, len, i), n++) {
        int rc = kh_del_lump(e, m, m->hdr[i].off, m->hdr[i].len, m->hdr[i].type);
        if (rc < 0) return rc;
    }
    return n;
}

int kh_append_hf(kh_edits *e, const kh_msg *m, const char *s, uint32_t len) {
    return kh_replace(e, m, m->eoh, 0, s, len, KH_HDR_OTHER);
}

int kh_insert_hf(kh_edits *e, const kh_msg *m, const char *s, uint32_t len) {
    return kh_replace(e, m, m->fline_len, 0, s, len, KH_HDR_OTHER);
}

int kh_append_hf_at(kh_edits *e, const kh_msg *m, int hdr, int before, const char *s, uint32_t len) {
    if (hdr < 0 || hdr >= m->n_hdr) return KH_EINVAL;
    const kh_hdr *h = &m->hdr[hdr];
    return kh_replace(e, m, before ? h->off : h->off + h->len, 0, s, len, h->type);
}

static uint32_t put_number(char *out, uint32_t n) {
    char digits[10];
    uint32_t len = 0, at = 0;
    do digits[len++] = (char)('0' + n % 10);
    while (n /= 10);
    while (len) out[at++] = digits[--len];
    return at;
}

int kh_maxfwd(kh_edits *e, const kh_msg *m, int limit) {
    char text[32] = "Max-Forwards: ";
    uint8_t i = m->first[KH_HDR_MAXFORWARDS];
    if (i == KH_NO_HDR) {
        uint32_t n = 14 + put_number(text + 14, (uint32_t)limit);
        memcpy(text + n, "\r\n", 2);
        return kh_append_hf(e, m, text, n + 2) < 0 ? -3 : 2;
    }
    if (m->maxfwd < 0) return -2;
    if (!m->maxfwd) return -1;
    uint32_t n = put_number(text, (uint32_t)(m->maxfwd - 1 < limit ? m->maxfwd - 1 : limit));
    return kh_replace(e, m, m->hdr[i].body_off, m->hdr[i].body_len, text, n, KH_HDR_MAXFORWARDS) < 0 ? -3 : 1;
}
