/* Fault injection: a process that kills itself at the n-th step of the kernel.
 *
 * KH_STEP() stands between two writes to shared memory of which the second may never happen, because the process is
 * killed in between. Built normally it is nothing; built with -DKH_FAULT the process gets SIGKILL at the step that
 * `kh_fault_after(n)` chose, so a test can prove a structure repairable at every step n = 1, 2, ... of an operation.
 */
#ifndef KH_FAULT_H
#define KH_FAULT_H

#include <stdint.h>

/* cdef */
/* Kill this process at its n-th step from now, n >= 1; 0 switches off. KH_EINVAL when not built for it. */
int kh_fault_after(uint32_t n);

/* Steps passed since kh_fault_after; a test that sees fewer than n knows that the operation completed. */
uint32_t kh_fault_steps(void);
/* end cdef */

#ifdef KH_FAULT
void kh_fault_step(void);
#define KH_STEP() kh_fault_step()
#else
/* Writes keep the order in which they are written here: a killed process has done a prefix of them. */
#define KH_STEP() __asm__ __volatile__("" ::: "memory")
#endif

#endif
