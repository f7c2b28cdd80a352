/* Places buffers that live for some time into one piece of memory. */
#ifndef CFUFORGE_GREEDY_MEMORY_PLANNER_H
#define CFUFORGE_GREEDY_MEMORY_PLANNER_H

#include <stddef.h>
#include <stdint.h>

namespace tflite {

/* No arena reaches so far, and with a buffer there the end still fits into 32 bits. */
constexpr size_t kHighestOffset = size_t(1) << 30;

struct PlannedBuffer {
  size_t bytes;
  int first, last; /* the operators between which, both included, it is in use */
  size_t offset;   /* out: a multiple of the arena's alignment; of a fixed one, in */
  void **target;   /* the caller's: where its address will be written */
  PlannedBuffer *next;
  bool is_fixed = false; /* it stays at its offset, whatever else is there */
};

/* Gives each of `buffers` that is not fixed an offset such that no two in use at the same time overlap: the largest
 * first, each into the lowest gap where it fits. When that needs more than is ever in use at a time,
 * the buffer that sticks out goes first and all are placed again, some rounds long; the best plan
 * counts. Changes their order. Returns the bytes needed; of a buffer that would begin behind
 * kHighestOffset, those that are needed at least. */
size_t PlanGreedily(PlannedBuffer *buffers, int count);

}  // namespace tflite
#endif
