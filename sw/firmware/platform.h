/* What the firmware can do with the SoC it runs on. */
#ifndef CFUFORGE_PLATFORM_H
#define CFUFORGE_PLATFORM_H

#include <stdint.h>

#include "mailbox.h"

extern "C" volatile struct mailbox mailbox; /* mailbox.c */

/* Cycles since reset. */
uint64_t mcycle();

/* Cycles since reset, the low word: for what takes less than 2^32. */
inline uint32_t mcycle_low() {
  uint32_t low;
  asm volatile("csrr %0, mcycle" : "=r"(low));
  return low;
}

/* Writes to the UART: text as it is; one line, with its end. */
void print(const char *text);
void print_line(const char *line);

/* Ends the simulation with a mailbox_status; does not come back. */
[[noreturn]] void finish(uint32_t status);

#endif
