/* The tensor arena: planned buffers at the start, persistent ones at the end, temporary ones between. */
#ifndef CFUFORGE_ARENA_ALLOCATOR_H
#define CFUFORGE_ARENA_ALLOCATOR_H

#include <stddef.h>
#include <stdint.h>

namespace tflite {

class ArenaAllocator {
 public:
  static constexpr size_t kAlignment = 16;

  ArenaAllocator(uint8_t *start, size_t size);

  /* Zeroed memory that is never freed; null if it does not fit. `alignment` is a power of two of at most
   * kAlignment. */
  void *AllocatePersistent(size_t bytes, size_t alignment);

  /* Memory until ResetTemp; null if it does not fit. */
  void *AllocateTemp(size_t bytes);
  void ResetTemp() { temp_ = 0; }

  /* Sets the size of the planned part; returns false if it does not fit. */
  bool ReserveHead(size_t bytes);

  uint8_t *start() const { return start_; }
  size_t size() const { return lost_ + size_; }
  uint8_t *lasting() const { return start_ + size_ - tail_; }
  /* The arena size needed, at this alignment, for all requests so far, including failed ones. */
  size_t needed() const { return peak_ ? lost_ + AlignUp(peak_, kAlignment) : 0; }

  /* `bytes`, rounded up to a multiple of `alignment`. */
  static constexpr size_t AlignUp(size_t bytes, size_t alignment) {
    return (bytes + alignment - 1) & ~(alignment - 1);
  }

 private:
  bool Fits(size_t bytes);

  uint8_t *start_; /* aligned */
  size_t size_;    /* from start_, a multiple of the alignment */
  size_t lost_;    /* bytes lost to alignment */
  size_t head_ = 0, temp_ = 0, tail_ = 0, peak_ = 0;
};

}  // namespace tflite
#endif
