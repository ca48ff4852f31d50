/* Changes of a record: a REGISTER, one contact from elsewhere, removal, expiry. */
#include <string.h>

#include "chars.h"
#include "uloc.h"

static kh_uc_record work;   /* the record as it is going to be */
static kh_uc_record traced; /* as it was, for kh_ul_trace */

const char *kh_ul_trace(int which, uint32_t *len)
{
    kh_uc_record *r = which ? &work : &traced;
    *len = r->len;
    return r->data;
}

static bool same(kh_uc_text a, const char *s, uint32_t len) { return a.len == len && !memcmp(a.s, s, len); }

/* The same bytes, or (RFC 3261 19.1.4) the same but for the case of the host. */
static bool same_uri(kh_uc_text a, const char *s, uint32_t len)
{
    if (a.len != len) return false;
    if (!memcmp(a.s, s, len)) return true;
    uint32_t i = 0, host = 0;
    for (; i < len && a.s[i] != ';' && a.s[i] != '?'; i++)
        if (a.s[i] == '@') host = i + 1;
    if (memcmp(a.s, s, host) || memcmp(a.s + i, s + i, len - i)) return false;
    for (uint32_t k = host; k < i; k++)
        if (a.s[k] != s[k] && ((a.s[k] ^ s[k]) != 0x20 || !kh_is(a.s[k], KH_C_ALPHA))) return false;
    return true;
}

/* What identifies a binding in a request or an update. */
typedef struct binding {
    kh_uc_text uri, instance, callid, path;
    uint16_t reg_id;
} binding;

static bool matches(const kh_ucontact *c, const binding *b)
{
    uint32_t matching = kh_ul_settings_get()->matching;
    kh_uc_text callid = kh_uc_part(c, KH_UC_CALLID);
    if (matching == KH_UL_BY_CALLID) return same(callid, b->callid.s, b->callid.len);
    if (!same_uri(kh_uc_part(c, KH_UC_CONTACT), b->uri.s, b->uri.len)) return false;
    if (matching == KH_UL_BY_CONTACT_CALLID) return same(callid, b->callid.s, b->callid.len);
    if (matching == KH_UL_BY_CONTACT_PATH) return same(kh_uc_part(c, KH_UC_PATH), b->path.s, b->path.len);
    return true;
}

/* The binding's contact in a record, living or not. An instance is found by itself (RFC 5626 6), whatever its URI is
 * now; without one, contacts that have none go before those that do. */
static kh_ucontact *find(kh_uc_record *r, const binding *b)
{
    const kh_ucontact *second = NULL;
    uint32_t off = 0;
    for (const kh_ucontact *c; (c = kh_uc_at(r->data, r->len, off)); off += c->size) {
        if (c->state == KH_UC_GONE) continue;
        kh_uc_text instance = kh_uc_part(c, KH_UC_INSTANCE);
        if (b->instance.len) {
            if (c->reg_id == b->reg_id && same(instance, b->instance.s, b->instance.len)) return (kh_ucontact *)c;
        } else if (matches(c, b)) {
            if (!instance.len) return (kh_ucontact *)c;
            if (!second) second = c;
        }
    }
    return (kh_ucontact *)second;
}

static void cut(kh_uc_record *r, kh_ucontact *c)
{
    uint32_t off = (uint32_t)((char *)c - r->data), size = c->size;
    memmove(r->data + off, r->data + off + size, r->len - off - size);
    r->len -= size;
}

/* Takes a contact out, as far as its row allows. */
static void drop(kh_uc_record *r, kh_ucontact *c)
{
    if (!kh_ul_gone(c)) cut(r, c);
}

/* Drops every contact but the one with this ruid. */
static void drop_others(kh_uc_record *r, kh_uc_text ruid)
{
    uint32_t off = 0;
    for (kh_ucontact *c; (c = (kh_ucontact *)kh_uc_at(r->data, r->len, off));) {
        bool stays = c->state == KH_UC_GONE || same(kh_uc_part(c, KH_UC_RUID), ruid.s, ruid.len);
        if (stays || kh_ul_gone(c)) off += c->size;
        else cut(r, c);
    }
}

static kh_ucontact *find_ruid(kh_uc_record *r, kh_uc_text ruid)
{
    uint32_t off = 0;
    for (const kh_ucontact *c; (c = kh_uc_at(r->data, r->len, off)); off += c->size)
        if (same(kh_uc_part(c, KH_UC_RUID), ruid.s, ruid.len)) return (kh_ucontact *)c;
    return NULL;
}

/* Of the contact that takes the place, and the row, of this one. */
static uint32_t state_after(const kh_ucontact *old) { return old->state == KH_UC_NEW ? KH_UC_NEW : KH_UC_DIRTY; }

static kh_uc_text text_of(const kh_msg *m, kh_span s) { return (kh_uc_text){m->buf + s.off, s.len}; }

static kh_uc_text header_of(const kh_msg *m, int type)
{
    int i = m->first[type];
    return i == KH_NO_HDR ? (kh_uc_text){NULL, 0} : (kh_uc_text){m->buf + m->hdr[i].body_off, m->hdr[i].body_len};
}

/* RFC 3261 10.3 step 7: in one Call-ID only a higher CSeq changes a binding. */
static int check_cseq(const kh_ucontact *c, const kh_msg *m, int64_t now)
{
    kh_uc_text callid = text_of(m, m->callid);
    if (!same(kh_uc_part(c, KH_UC_CALLID), callid.s, callid.len) || m->cseq_num > c->cseq) return KH_OK;
    bool again = m->cseq_num == c->cseq && c->modified + kh_ul_settings_get()->cseq_delay > now;
    return again ? KH_REG_REPEATED : -KH_REG_CSEQ;
}

typedef struct save {
    kh_reg *r;
    const kh_msg *m;
    uint32_t flags, mflags, bflags;
    char ruid[64];
    kh_uc_text ruid_text;
} save;

/* Puts the contact in place of `old` (NULL: a new one), whose ruid and row it inherits if that lives. */
static int put_binding(save *s, const kh_reg_contact *rc, kh_ucontact *old)
{
    kh_reg *r = s->r;
    const kh_ul_settings *set = kh_ul_settings_get();
    bool inherits = old && kh_uc_living(old, r->now);
    uint32_t state = s->flags & KH_UL_MEMORY ? KH_UC_SYNC : inherits ? state_after(old) : KH_UC_NEW;
    if (inherits) {
        kh_uc_text ruid = kh_uc_part(old, KH_UC_RUID);
        s->ruid_text = (kh_uc_text){s->ruid, ruid.len < sizeof(s->ruid) ? ruid.len : 0};
        memcpy(s->ruid, ruid.s, s->ruid_text.len);
    } else {
        s->ruid_text = (kh_uc_text){s->ruid, kh_ul_ruid(s->ruid)};
    }
    kh_uc_text parts[KH_UC_PARTS] = {
        [KH_UC_CONTACT] = text_of(s->m, rc->uri),
        [KH_UC_RECEIVED] = r->received_len ? (kh_uc_text){r->received, r->received_len} : text_of(s->m, rc->received),
        [KH_UC_PATH] = {r->path, r->path_len},
        [KH_UC_CALLID] = text_of(s->m, s->m->callid),
        [KH_UC_USER_AGENT] = header_of(s->m, KH_HDR_USERAGENT),
        [KH_UC_INSTANCE] = text_of(s->m, rc->instance),
        [KH_UC_RUID] = s->ruid_text,
    };
    kh_ucontact c = {
        .expires = r->now + rc->expires, .modified = (uint32_t)r->now, .state = state, .cseq = s->m->cseq_num, .flags = s->mflags, .cflags = s->bflags,
        .methods = rc->methods, .server_id = set->server_id, .conn = s->m->rcv.conn, .q = rc->q, .reg_id = rc->reg_id,
        .sock = (uint16_t)r->sock,
    };
    bool in_place = old && old->q == rc->q && !set->newest_first;
    uint32_t off = old ? (uint32_t)((char *)old - work.data) : 0;
    if (inherits) cut(&work, old);
    else if (old) drop(&work, old);
    return in_place ? kh_uc_insert_at(&work, off, &c, parts) : kh_uc_insert(&work, &c, parts, set->newest_first);
}

static int apply_contact(save *s, kh_reg_contact *rc)
{
    binding b = {
        text_of(s->m, rc->uri), text_of(s->m, rc->instance), text_of(s->m, s->m->callid), {s->r->path, s->r->path_len}, rc->reg_id,
    };
    kh_ucontact *old = find(&work, &b);
    bool living = old && kh_uc_living(old, s->r->now);
    rc->done = KH_REG_NOTHING;
    if (living) {
        int rc2 = check_cseq(old, s->m, s->r->now);
        if (rc2 < 0) return rc2;
        if (rc2 == KH_REG_REPEATED) {
            rc->done = KH_REG_REPEATED;
            return KH_OK;
        }
    }
    if (!rc->expires) {
        if (old) drop(&work, old);
        if (living) rc->done = KH_REG_REMOVED;
        return KH_OK;
    }
    if (put_binding(s, rc, old) < 0) return -KH_REG_NO_MEMORY;
    if (s->flags & KH_UL_ONLY_ONE) drop_others(&work, s->ruid_text);
    rc->done = living ? KH_REG_UPDATED : KH_REG_INSERTED;
    return KH_OK;
}

static int apply_star(save *s)
{
    uint32_t off = 0;
    for (const kh_ucontact *c; (c = kh_uc_at(work.data, work.len, off)); off += c->size)
        if (kh_uc_living(c, s->r->now) && check_cseq(c, s->m, s->r->now) < 0) return -KH_REG_CSEQ;
    drop_others(&work, (kh_uc_text){NULL, 0});
    return KH_UL_REMOVED;
}

/* Bits of what was done, or the error. `work` holds the record and is changed. */
static int apply(save *s, int max_contacts)
{
    if (s->r->facts & KH_REG_F_STAR) return apply_star(s);
    int bits = 0;
    for (uint32_t i = 0; i < s->r->n; i++) {
        int rc = apply_contact(s, &s->r->contact[i]);
        if (rc < 0) return rc;
        if (s->r->contact[i].done == KH_REG_INSERTED) bits |= KH_UL_INSERTED;
        else if (s->r->contact[i].done == KH_REG_UPDATED) bits |= KH_UL_UPDATED;
        else if (s->r->contact[i].done == KH_REG_REMOVED) bits |= KH_UL_REMOVED;
    }
    if (bits & KH_UL_INSERTED && max_contacts > 0 && kh_uc_count(work.data, work.len, s->r->now) > max_contacts)
        return -KH_REG_TOO_MANY;
    return bits;
}

/* Stores `work` in place of what is there. */
static int64_t commit(kh_sht_slot *slot, bool there)
{
    if (work.len) return kh_sht_store(slot, work.data, work.len, 0);
    return there ? kh_sht_drop(slot) : KH_OK;
}

static void load(kh_sht_slot *slot, bool there, kh_uc_record *to)
{
    uint32_t len;
    to->len = 0;
    if (!there) return;
    const char *value = kh_sht_value(slot, &len);
    memcpy(to->data, value, len);
    to->len = len;
}

int64_t kh_ul_save(kh_shtable *t, kh_reg *r, const kh_msg *m, kh_edits *e, uint32_t flags, uint32_t mflags,
                   int max_contacts)
{
    static char reply[KH_UL_REPLY_MAX];
    kh_sht_slot slot;
    save s = {.r = r, .m = m, .flags = flags, .mflags = mflags, .bflags = e ? e->bflags : 0};
    int rc = kh_sht_open(&slot, t, r->aor, r->aor_len, r->now);
    if (rc != KH_OK && rc != KH_ENOTFOUND) return -KH_REG_LOCK;
    bool there = rc == KH_OK;
    load(&slot, there, &work);
    if (flags & KH_UL_TRACE) load(&slot, there, &traced);
    int bits = apply(&s, max_contacts < 0 ? (int)kh_ul_settings_get()->max_contacts : max_contacts);
    if (bits > 0 && commit(&slot, there) < 0) bits = -KH_REG_NO_MEMORY;
    if (bits < 0) load(&slot, there, &work);
    uint32_t hash = slot.hash;
    kh_sht_close(&slot);
    uint32_t len = e ? kh_ul_render(reply, sizeof(reply), work.data, work.len, r->now, r, hash) : 0;
    if (len && kh_reply_lump(e, KH_RPL_HDR, reply, len) >= 0 && bits >= 0) bits |= KH_UL_LISTED;
    return bits;
}

int64_t kh_ul_register(kh_shtable *t, kh_reg *r, const kh_msg *m, kh_edits *e, uint32_t mflags, uint32_t rare)
{
    int64_t facts = kh_reg_parse(r, m, NULL, 0, 0);
    if (facts < 0) return facts;
    if (facts & rare) return KH_UL_RARE;
    int64_t done = kh_ul_save(t, r, m, e, 0, mflags, -1);
    return done >= 0 && !r->n && !(facts & KH_REG_F_STAR) ? done | KH_UL_ASKED : done;
}

int64_t kh_ul_put(kh_shtable *t, const char *aor, uint32_t aor_len, const kh_ucontact *c, const char *texts)
{
    kh_sht_slot slot;
    kh_uc_text parts[KH_UC_PARTS];
    char ruid[64];
    for (int i = 0; i < KH_UC_PARTS; i++) {
        parts[i] = (kh_uc_text){texts, c->len[i]};
        texts += c->len[i];
    }
    int rc = kh_sht_open(&slot, t, aor, aor_len, 0);
    if (rc != KH_OK && rc != KH_ENOTFOUND) return rc;
    load(&slot, rc == KH_OK, &work);
    binding b = {parts[KH_UC_CONTACT], parts[KH_UC_INSTANCE], parts[KH_UC_CALLID], parts[KH_UC_PATH], c->reg_id};
    kh_ucontact numbers = *c;
    bool loaded = c->state == KH_UC_SYNC;
    kh_ucontact *old = loaded ? find_ruid(&work, parts[KH_UC_RUID]) : find(&work, &b);
    int64_t done = old ? KH_UL_UPDATED : KH_UL_INSERTED;
    kh_uc_text had = old ? kh_uc_part(old, KH_UC_RUID) : (kh_uc_text){NULL, 0};
    if (!parts[KH_UC_RUID].len) {
        bool inherits = had.len && had.len <= sizeof(ruid);
        if (inherits) memcpy(ruid, had.s, had.len);
        parts[KH_UC_RUID] = (kh_uc_text){ruid, inherits ? had.len : kh_ul_ruid(ruid)};
    }
    bool same_row = old && same(had, parts[KH_UC_RUID].s, parts[KH_UC_RUID].len);
    if (!loaded) numbers.state = same_row ? state_after(old) : KH_UC_NEW;
    if (same_row) cut(&work, old);
    else if (old) drop(&work, old);
    int64_t stored = kh_uc_insert(&work, &numbers, parts, kh_ul_settings_get()->newest_first);
    if (stored == KH_OK) stored = commit(&slot, rc == KH_OK);
    kh_sht_close(&slot);
    return stored < 0 ? stored : done;
}

int kh_ul_remove(kh_shtable *t, const char *aor, uint32_t aor_len, int part, const char *text, uint32_t len)
{
    kh_sht_slot slot;
    int n = 0, rc = kh_sht_open(&slot, t, aor, aor_len, 0);
    if (rc != KH_OK && rc != KH_ENOTFOUND) return rc;
    load(&slot, rc == KH_OK, &work);
    load(&slot, rc == KH_OK, &traced);
    uint32_t off = 0;
    for (kh_ucontact *c; (c = (kh_ucontact *)kh_uc_at(work.data, work.len, off));) {
        bool meant = c->state != KH_UC_GONE && (part < 0 || same(kh_uc_part(c, part), text, len));
        n += meant;
        if (!meant || kh_ul_gone(c)) off += c->size;
        else cut(&work, c);
    }
    int64_t stored = n ? commit(&slot, true) : KH_OK;
    kh_sht_close(&slot);
    if (rc == KH_ENOTFOUND) return rc;
    return stored < 0 ? (int)stored : n;
}
