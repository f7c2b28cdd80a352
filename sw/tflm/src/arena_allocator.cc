#include "tensorflow/lite/micro/arena_allocator.h"

namespace tflite {
namespace {

size_t Larger(size_t a, size_t b) { return a > b ? a : b; }

}  // namespace

ArenaAllocator::ArenaAllocator(uint8_t *start, size_t size) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(start);
  lost_ = AlignUp(address, kAlignment) - address;
  start_ = start + lost_;
  size_ = size > lost_ ? (size - lost_) & ~(kAlignment - 1) : 0;
}

bool ArenaAllocator::Fits(size_t bytes) {
  peak_ = Larger(peak_, bytes);
  return bytes <= size_;
}

void *ArenaAllocator::AllocatePersistent(size_t bytes, size_t alignment) {
  const size_t tail = AlignUp(tail_ + bytes, alignment); /* the arena's end is aligned */
  if (!Fits(Larger(head_, temp_) + tail)) return nullptr;
  tail_ = tail;
  return __builtin_memset(start_ + size_ - tail_, 0, bytes);
}

void *ArenaAllocator::AllocateTemp(size_t bytes) {
  const size_t offset = Larger(head_, temp_);
  bytes = AlignUp(bytes, alignof(void *));
  if (!Fits(offset + bytes + tail_)) return nullptr;
  temp_ = offset + bytes;
  return start_ + offset;
}

bool ArenaAllocator::ReserveHead(size_t bytes) {
  if (!Fits(bytes + tail_)) return false;
  head_ = bytes;
  return true;
}

}  // namespace tflite
