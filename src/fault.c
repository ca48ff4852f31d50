#include "fault.h"

#include <signal.h>
#include <unistd.h>

#include "kh.h"

static uint32_t steps;

#ifdef KH_FAULT
static uint32_t fatal;

int kh_fault_after(uint32_t n)
{
    steps = 0;
    fatal = n;
    return KH_OK;
}

void kh_fault_step(void)
{
    __asm__ __volatile__("" ::: "memory");
    if (++steps == fatal)
        kill(getpid(), SIGKILL);
}
#else
int kh_fault_after(uint32_t n)
{
    return n ? KH_EINVAL : KH_OK;
}
#endif

uint32_t kh_fault_steps(void)
{
    return steps;
}
