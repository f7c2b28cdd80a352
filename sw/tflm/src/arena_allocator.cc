#include "tensorflow/lite/micro/arena_allocator.h"

namespace tflite {
namespace {

constexpr size_t AlignUp(size_t bytes) {
  return (bytes + ArenaAllocator::kAlignment - 1) & ~(ArenaAllocator::kAlignment - 1);
}

size_t Larger(size_t a, size_t b) { return a > b ? a : b; }

}  // namespace

ArenaAllocator::ArenaAllocator(uint8_t *start, size_t size) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(start);
  lost_ = AlignUp(address) - address;
  start_ = start + lost_;
  size_ = size > lost_ ? (size - lost_) & ~(kAlignment - 1) : 0;
}

bool ArenaAllocator::Fits(size_t bytes) {
  peak_ = Larger(peak_, bytes);
  return bytes <= size_;
}

void *ArenaAllocator::AllocatePersistent(size_t bytes) {
  bytes = AlignUp(bytes);
  if (!Fits(Larger(head_, temp_) + tail_ + bytes)) return nullptr;
  tail_ += bytes;
  return __builtin_memset(start_ + size_ - tail_, 0, bytes);
}

void *ArenaAllocator::AllocateTemp(size_t bytes) {
  const size_t offset = Larger(head_, temp_);
  bytes = AlignUp(bytes);
  if (!Fits(offset + bytes + tail_)) return nullptr;
  temp_ = offset + bytes;
  return start_ + offset;
}

bool ArenaAllocator::ReserveHead(size_t bytes) {
  bytes = AlignUp(bytes);
  if (!Fits(bytes + tail_)) return false;
  head_ = bytes;
  return true;
}

}  // namespace tflite
