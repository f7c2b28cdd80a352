#include "program.h"

#include "crc32.h"
#include "port.h"
#include "reply.h"

namespace device {
namespace {

constexpr uintptr_t kAlignment = 32;

uint32_t token;

}  // namespace

uint8_t *PlaceOfProgram() {
  uint8_t *const begin = ModelRoom().begin;
  return begin + (-reinterpret_cast<uintptr_t>(begin) & (kAlignment - 1));
}

size_t ProgramRoom() { return ModelRoom().size - size_t(PlaceOfProgram() - ModelRoom().begin); }

bool Program::Begin(uint32_t size, uint32_t crc) {
  Forget();
  if (size == 0 || size > ProgramRoom()) {
    return Error("a program must have 1 to %u bytes, not %u", unsigned(ProgramRoom()), unsigned(size));
  }
  loading_ = {PlaceOfProgram(), size, 0};
  crc_ = crc;
  return true;
}

bool Program::Load(uint32_t offset, const uint8_t *bytes, size_t count, bool *done) {
  *done = false;
  if (!loading_.Put(offset, bytes, count)) return GapError(loading_, offset, count);
  if (!loading_.is_complete()) return true;
  is_loaded_ = *done = Crc32(loading_.data, loading_.size) == crc_;
  if (!*done) Forget();
  return *done || Error("the program's CRC is wrong: load it again");
}

bool Program::Start(uint32_t number) {
  if (!is_loaded_) return Error("there is no program: load one");
  uint8_t *const begin = loading_.data;
  Forget();
  token = number;
  Reply("m-program-%08x-started", unsigned(token));
  RunProgram(begin);
  return true;
}

void ReplyEnding(Ending how, uint32_t a, uint32_t b, uint32_t c) {
  Print("m-program-%08x-", unsigned(token));
  if (how == kReturned) {
    Reply("returned %d", int(a));
  } else if (how == kTrapped) {
    Reply("trapped %u %08x %08x", unsigned(a), unsigned(b), unsigned(c));
  } else {
    Reply("stopped");
  }
}

}  // namespace device
