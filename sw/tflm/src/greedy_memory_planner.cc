#include "greedy_memory_planner.h"

#include "tensorflow/lite/micro/arena_allocator.h"

namespace tflite {
namespace {

/* By size, the largest first; buffers of one size keep their order. */
void Sort(PlannedBuffer *buffers, int count) {
  for (int i = 1; i < count; ++i) {
    const PlannedBuffer moving = buffers[i];
    int place = i;
    for (; place > 0 && buffers[place - 1].bytes < moving.bytes; --place) {
      buffers[place] = buffers[place - 1];
    }
    buffers[place] = moving;
  }
}

bool InUseTogether(const PlannedBuffer &a, const PlannedBuffer &b) {
  return a.first <= b.last && b.first <= a.last;
}

/* The lowest offset where `buffer` does not meet what is placed already, a list by offset. */
size_t LowestGap(const PlannedBuffer &buffer, const PlannedBuffer *placed) {
  size_t offset = 0;
  for (; placed; placed = placed->next) {
    if (!InUseTogether(buffer, *placed)) continue;
    if (offset + buffer.bytes <= placed->offset) break;
    const size_t behind = placed->offset + placed->bytes;
    if (behind > offset) offset = behind;
  }
  return offset;
}

}  // namespace

size_t PlanGreedily(PlannedBuffer *buffers, int count) {
  constexpr size_t kMask = ArenaAllocator::kAlignment - 1;
  for (int i = 0; i < count; ++i) buffers[i].bytes = (buffers[i].bytes + kMask) & ~kMask;
  Sort(buffers, count);
  PlannedBuffer *placed = nullptr;
  size_t needed = 0;
  for (int i = 0; i < count; ++i) {
    PlannedBuffer &buffer = buffers[i];
    buffer.offset = LowestGap(buffer, placed);
    PlannedBuffer **link = &placed;
    while (*link && (*link)->offset <= buffer.offset) link = &(*link)->next;
    buffer.next = *link;
    *link = &buffer;
    if (buffer.offset + buffer.bytes > needed) needed = buffer.offset + buffer.bytes;
  }
  return needed;
}

}  // namespace tflite
