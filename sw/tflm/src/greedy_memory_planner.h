/* Places buffers that live for some time into one piece of memory. */
#ifndef CFUFORGE_GREEDY_MEMORY_PLANNER_H
#define CFUFORGE_GREEDY_MEMORY_PLANNER_H

#include <stddef.h>
#include <stdint.h>

namespace tflite {

struct PlannedBuffer {
  size_t bytes;
  int first, last; /* the operators between which, both included, it is in use */
  size_t offset;   /* out: a multiple of the arena's alignment */
  void **target;   /* the caller's: where its address will be written */
  PlannedBuffer *next;
};

/* Gives each of `buffers` an offset such that no two in use at the same time overlap: the largest
 * first, each into the lowest gap where it fits. When that needs more than is ever in use at a time,
 * the buffer that sticks out goes first and all are placed again, some rounds long; the best plan
 * counts. Changes their order. Returns the bytes needed. */
size_t PlanGreedily(PlannedBuffer *buffers, int count);

}  // namespace tflite
#endif
