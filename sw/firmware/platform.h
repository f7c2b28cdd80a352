/* What the firmware can do with the SoC it runs on. */
#ifndef CFUFORGE_PLATFORM_H
#define CFUFORGE_PLATFORM_H

#include <stdint.h>

/* Cycles since reset. */
uint64_t mcycle();

/* Cycles since reset, the low word: for what takes less than 2^32. */
inline uint32_t mcycle_low() {
  uint32_t low;
  asm volatile("csrr %0, mcycle" : "=r"(low));
  return low;
}

/* Writes one line to the UART. */
void print_line(const char *line);

/* Ends the simulation with a mailbox_status; does not come back. */
[[noreturn]] void finish(uint32_t status);

#endif
