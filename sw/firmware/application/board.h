/* The board's clock and timer, for applications. On the host, BOARD_CLOCK_HZ is 10^9 and there is no timer. */
#ifndef CFUFORGE_BOARD_H
#define CFUFORGE_BOARD_H

#include <stdint.h>

#if __has_include("soc.h")
#include "soc.h"
#define BOARD_NAME SOC_NAME
#define BOARD_CLOCK_HZ SOC_CLOCK_HZ
#else
#define BOARD_NAME "host"
#define BOARD_CLOCK_HZ 1000000000u
#endif

#ifdef SOC_TIMER_LOAD_ADDR
#define BOARD_HAS_TIMER 1
#define BOARD_NEEDS_TIMER
#else
#define BOARD_HAS_TIMER 0
#define BOARD_NEEDS_TIMER __attribute__((unavailable("this CPU has no interrupts: poll board_cycles")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Clock cycles since reset, of which BOARD_CLOCK_HZ are a second; the same in milliseconds. */
uint64_t board_cycles(void);
uint32_t board_milliseconds(void);

/* Waits for at least that time. */
void board_wait(uint32_t milliseconds);

/* Calls `handler` every `cycles` clock cycles, at least 2, as an interrupt; null stops it.
 *
 * A handler may call any function that takes less time than `cycles`. While it runs there is no other
 * interrupt. An instruction of the CFU that has begun is completed before it; what the CFU remembers from
 * one instruction to the next is shared with the program. */
BOARD_NEEDS_TIMER void board_timer(void (*handler)(void), uint32_t cycles);

#ifdef __cplusplus
}
#endif
#endif
