/* Places buffers with limited lifetimes into one block of memory. */
#ifndef CFUFORGE_GREEDY_MEMORY_PLANNER_H
#define CFUFORGE_GREEDY_MEMORY_PLANNER_H

#include <stddef.h>
#include <stdint.h>

namespace tflite {

/* No arena reaches this far, and the end of a buffer here still fits into 32 bits. */
constexpr size_t kHighestOffset = size_t(1) << 30;

struct PlannedBuffer {
  size_t bytes;
  int first, last; /* the operators between which, both included, it is in use */
  size_t offset;   /* out: a multiple of the arena's alignment; in for a fixed buffer */
  void **target;   /* the caller's: where to write its address */
  PlannedBuffer *next;
  bool is_fixed = false; /* it stays at its offset, whatever else is there */
};

/* Gives each of `buffers` that is not fixed an offset such that no two in use at the same time overlap:
 * largest first, each into the lowest gap where it fits. If that needs more than is ever in use at one
 * time, the buffer that sticks out goes first and all are placed again, for some rounds; the best plan is
 * used. Changes their order. Returns the bytes needed; if a buffer would begin beyond kHighestOffset, a
 * lower bound of them. */
size_t PlanGreedily(PlannedBuffer *buffers, int count);

}  // namespace tflite
#endif
