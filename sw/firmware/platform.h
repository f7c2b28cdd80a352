/* The firmware's access to the SoC that it runs on. */
#ifndef CFUFORGE_PLATFORM_H
#define CFUFORGE_PLATFORM_H

#include <stdint.h>

#include "mailbox.h"

extern "C" volatile struct mailbox mailbox; /* mailbox.c */

/* Cycles since reset. */
uint64_t mcycle();

/* Cycles since reset, low word: for anything shorter than 2^32 cycles. */
inline uint32_t mcycle_low() {
  uint32_t low;
  asm volatile("csrr %0, mcycle" : "=r"(low));
  return low;
}

/* Write to the UART: text as is; a line, with a line end. */
void print(const char *text);
void print_line(const char *line);

/* Ends the simulation with a mailbox_status; does not return. */
[[noreturn]] void finish(uint32_t status);

#endif
