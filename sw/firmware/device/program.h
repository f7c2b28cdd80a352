/* A program of the user's, loaded block by block into the memory for a model. */
#ifndef CFUFORGE_DEVICE_PROGRAM_H
#define CFUFORGE_DEVICE_PROGRAM_H

#include <stdint.h>

#include "buffer.h"

namespace device {

/* How a program has ended: with main's value, with mcause, mepc and mtval, or because the host said so. */
enum Ending : uint32_t { kReturned, kTrapped, kStopped };

/* What a program calls to end. */
using Return = void(Ending how, uint32_t a, uint32_t b, uint32_t c);

/* On failure these functions report the reason with Error and return false. */
class Program {
 public:
  /* Makes room for a program of `size` bytes. */
  bool Begin(uint32_t size, uint32_t crc);

  /* Stores a block of it; the last one checks its CRC, and sets *done. */
  bool Load(uint32_t offset, const uint8_t *bytes, size_t count, bool *done);

  /* Starts it; its data is used up then, so that it has to be loaded again. The token marks its end. */
  bool Start(uint32_t token);

  bool is_loading() const { return loading_.size && !is_loaded_; }
  void Forget() { *this = {}; }

 private:
  Buffer loading_ = {};
  uint32_t crc_ = 0;
  bool is_loaded_ = false;
};

/* Where a program begins, and the memory from there on. */
uint8_t *PlaceOfProgram();
size_t ProgramRoom();

/* Ends with what ends a program, in the form m-program-TOKEN-...; Start has set the token. */
void ReplyEnding(Ending how, uint32_t a, uint32_t b, uint32_t c);

}  // namespace device
#endif
