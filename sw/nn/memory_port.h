/* For the kernels of a CFU with a memory port of its own. */
#ifndef CFUFORGE_MEMORY_PORT_H
#define CFUFORGE_MEMORY_PORT_H

#include <stdint.h>

/* The address by which the CFU's port reaches `place`. On a host, only what lies in the model or in the
 * tensor arena (tensors, scratch memory, what a kernel keeps) has one. Of anything else, such as a local
 * or static variable, it is 0, and the CFU's access to that is an error. */
static inline uint32_t nn_address(const void *place) {
  const uintptr_t address = (uintptr_t)place;
  return (uint32_t)address == address ? (uint32_t)address : 0;
}

/* Empties the CPU's data cache, so that later loads see what the CFU has written; about 160 cycles.
 * The CFU sees the CPU's stores without it: the port waits until they are in memory. */
static inline void nn_flush_data_cache(void) {
#ifdef __riscv
  __asm__ volatile(".word 0x500F" ::: "memory");
#endif
}

#endif
