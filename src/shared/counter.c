#include "counter.h"

#include <string.h>

#include "proc.h"

static const char *const fixed[KH_CNT_FIXED][2] = {
    [KH_CNT_RCV_REQUESTS] = {"core", "rcv_requests"},
    [KH_CNT_RCV_REPLIES] = {"core", "rcv_replies"},
    [KH_CNT_FWD_REQUESTS] = {"core", "fwd_requests"},
    [KH_CNT_FWD_REPLIES] = {"core", "fwd_replies"},
    [KH_CNT_DROP_REQUESTS] = {"core", "drop_requests"},
    [KH_CNT_DROP_REPLIES] = {"core", "drop_replies"},
    [KH_CNT_ERR_REQUESTS] = {"core", "err_requests"},
    [KH_CNT_ERR_REPLIES] = {"core", "err_replies"},
    [KH_CNT_BAD_URIS_RCVD] = {"core", "bad_URIs_rcvd"},
    [KH_CNT_UNSUPPORTED_METHODS] = {"core", "unsupported_methods"},
    [KH_CNT_BAD_MSG_HDR] = {"core", "bad_msg_hdr"},
    [KH_CNT_HTTP_OVER_UDP] = {"core", "http_over_udp"},
    [KH_CNT_TCP_ESTABLISHED] = {"tcp", "established"},
    [KH_CNT_TCP_PASSIVE_OPEN] = {"tcp", "passive_open"},
    [KH_CNT_TCP_CONNECT_SUCCESS] = {"tcp", "connect_success"},
    [KH_CNT_TCP_CONNECT_FAILED] = {"tcp", "connect_failed"},
    [KH_CNT_TCP_CON_TIMEOUT] = {"tcp", "con_timeout"},
    [KH_CNT_TCP_CON_RESET] = {"tcp", "con_reset"},
    [KH_CNT_TCP_SEND_TIMEOUT] = {"tcp", "send_timeout"},
    [KH_CNT_TCP_LOCAL_REJECT] = {"tcp", "local_reject"},
    [KH_CNT_TCP_SENDQ_FULL] = {"tcp", "sendq_full"},
    [KH_CNT_TCP_BAD_FRAMES] = {"tcp", "bad_frames"},
    [KH_CNT_TCP_PINGS] = {"tcp", "pings"},
    [KH_CNT_TCP_REPEATED] = {"tcp", "repeated"},
    [KH_CNT_TCP_DROPPED] = {"tcp", "dropped"},
    [KH_CNT_TCP_LOST] = {"tcp", "lost"},
    [KH_CNT_LOCK_CONTENDED] = {"lock", "contended"},
    [KH_CNT_LOCK_OWNER_DEAD] = {"lock", "owner_dead"},
    [KH_CNT_SHM_REFILLS] = {"shmem", "refills"},
    [KH_CNT_SHM_FLUSHES] = {"shmem", "flushes"},
    [KH_CNT_SHM_FAILED] = {"shmem", "failed"},
    [KH_CNT_SHM_BAD_FREES] = {"shmem", "bad_frees"},
};

static int64_t unattached[KH_COUNTER_MAX];
int64_t *kh_counts = unattached;

static kh_counter_table *table;
static int64_t (*slots)[KH_COUNTER_MAX]; /* one row a process slot, in the segment */

void kh_counter_attach(kh_counter_table *shared, int64_t (*rows)[KH_COUNTER_MAX], int fresh)
{
    table = shared;
    slots = rows;
    if (fresh)
        for (int id = 0; id < KH_CNT_FIXED; id++)
            kh_counter_register(fixed[id][0], fixed[id][1]);
}

void kh_counter_use(int slot)
{
    kh_counts = slots ? slots[slot] : unattached;
}

int kh_counter_find(const char *group, const char *name)
{
    for (uint32_t id = 0; table && id < table->count; id++)
        if (!strcmp(table->names[id].group, group) && !strcmp(table->names[id].name, name))
            return (int)id;
    return KH_ENOTFOUND;
}

int kh_counter_register(const char *group, const char *name)
{
    if (!table || !*group || !*name || strlen(group) >= KH_COUNTER_GROUP || strlen(name) >= KH_COUNTER_NAME)
        return KH_EINVAL;
    int id = kh_counter_find(group, name);
    if (id >= 0)
        return id;
    if (table->count == KH_COUNTER_MAX)
        return KH_ETOOBIG;
    id = (int)table->count;
    strcpy(table->names[id].group, group);
    strcpy(table->names[id].name, name);
    table->count++;
    return id;
}

int kh_counter_count(void)
{
    return table ? (int)table->count : 0;
}

const char *kh_counter_group(int id)
{
    return id >= 0 && id < kh_counter_count() ? table->names[id].group : NULL;
}

const char *kh_counter_name(int id)
{
    return id >= 0 && id < kh_counter_count() ? table->names[id].name : NULL;
}

void kh_counter_add(int id, int64_t n)
{
    if (id >= 0 && id < KH_COUNTER_MAX)
        kh_counts[id] += n;
}

static int64_t total(int id)
{
    int64_t sum = 0;
    for (int slot = 0; slot < KH_PROC_MAX; slot++) {
        const kh_proc *p = kh_proc_get(slot);
        if (p && p->starts) /* rows that nobody used are not touched, so they take no memory */
            sum += slots[slot][id];
    }
    return sum;
}

int64_t kh_counter_sum(int id)
{
    return id >= 0 && id < kh_counter_count() ? total(id) - table->base[id] : 0;
}

int kh_counter_reset(int id)
{
    if (id < 0 || id >= kh_counter_count())
        return KH_EINVAL;
    table->base[id] = total(id);
    return KH_OK;
}
