#include "greedy_memory_planner.h"

#include "tensorflow/lite/micro/arena_allocator.h"

namespace tflite {
namespace {

constexpr int kRounds = 20; /* more rounds help only one random graph in a hundred */
constexpr int kFew = 1000;  /* buffers up to which several plans are tried: time is quadratic */

void MoveTo(PlannedBuffer *buffers, int from, int to) {
  const PlannedBuffer moving = buffers[from];
  for (; from > to; --from) buffers[from] = buffers[from - 1];
  buffers[to] = moving;
}

/* Fixed buffers first; then largest first; equal sizes by target, so that the order is deterministic. */
void Sort(PlannedBuffer *buffers, int count) {
  const auto before = [](const PlannedBuffer &a, const PlannedBuffer &b) {
    if (a.is_fixed != b.is_fixed) return a.is_fixed;
    return a.bytes > b.bytes || (a.bytes == b.bytes && a.target < b.target);
  };
  for (int i = 1; i < count; ++i) {
    int place = i;
    while (place > 0 && before(buffers[i], buffers[place - 1])) --place;
    MoveTo(buffers, i, place);
  }
}

bool InUseTogether(const PlannedBuffer &a, const PlannedBuffer &b) {
  return a.first <= b.last && b.first <= a.last;
}

/* The lowest offset at which `buffer` does not overlap what is already placed, a list by offset. */
size_t LowestGap(const PlannedBuffer &buffer, const PlannedBuffer *placed) {
  size_t offset = 0;
  for (; placed; placed = placed->next) {
    if (!InUseTogether(buffer, *placed)) continue;
    if (offset + buffer.bytes <= placed->offset) break;
    const size_t behind = placed->offset + placed->bytes;
    if (behind > offset) offset = behind;
  }
  return offset < kHighestOffset ? offset : kHighestOffset;
}

/* Puts every buffer, in order, into the lowest gap. Returns the end of the highest one, and sets `highest`
 * to it. */
size_t Place(PlannedBuffer *buffers, int count, int *highest) {
  PlannedBuffer *placed = nullptr;
  size_t needed = 0;
  for (int i = 0; i < count; ++i) {
    PlannedBuffer &buffer = buffers[i];
    if (!buffer.is_fixed) buffer.offset = LowestGap(buffer, placed);
    PlannedBuffer **link = &placed;
    while (*link && (*link)->offset <= buffer.offset) link = &(*link)->next;
    buffer.next = *link;
    *link = &buffer;
    if (buffer.offset + buffer.bytes > needed) {
      needed = buffer.offset + buffer.bytes;
      *highest = i;
    }
  }
  return needed;
}

/* The most bytes in use at one time: no plan can need less. */
size_t LowerBound(const PlannedBuffer *buffers, int count) {
  size_t bound = 0;
  for (int i = 0; i < count; ++i) {
    size_t together = 0;
    for (int k = 0; k < count; ++k) {
      const bool live = buffers[k].first <= buffers[i].first && buffers[i].first <= buffers[k].last;
      if (live) together += buffers[k].bytes;
    }
    if (together > bound) bound = together;
  }
  return bound;
}

}  // namespace

size_t PlanGreedily(PlannedBuffer *buffers, int count) {
  for (int i = 0; i < count; ++i) {
    buffers[i].bytes = ArenaAllocator::AlignUp(buffers[i].bytes, ArenaAllocator::kAlignment);
  }
  const size_t bound = LowerBound(buffers, count);
  int highest = 0, best_round = 0, round = 0, fixed = 0;
  Sort(buffers, count);
  while (fixed < count && buffers[fixed].is_fixed) ++fixed;
  size_t best = Place(buffers, count, &highest);
  while (best > bound && highest >= fixed && count <= kFew && ++round < kRounds) {
    MoveTo(buffers, highest, fixed);
    const size_t needed = Place(buffers, count, &highest);
    if (needed < best) best = needed, best_round = round;
  }
  if (round != best_round) { /* compute the best plan again, as it was not stored */
    Sort(buffers, count);
    Place(buffers, count, &highest);
    for (round = 0; round < best_round; ++round) {
      MoveTo(buffers, highest, fixed);
      Place(buffers, count, &highest);
    }
  }
  return best;
}

}  // namespace tflite
