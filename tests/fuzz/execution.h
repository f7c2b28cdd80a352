/* What the fuzzer's input is, and how one execution uses it. */
#ifndef CFUFORGE_FUZZ_EXECUTION_H
#define CFUFORGE_FUZZ_EXECUTION_H

#include <stddef.h>
#include <stdint.h>

#include "model_object.h"

namespace fuzz {

/* The last bytes of an input; the file is before them. An input that is shorter is all file. */
struct Control {
  uint32_t seed;       /* of the model's inputs */
  uint16_t arena;      /* bytes of the first arena; from kAmple on as many as most models need */
  uint8_t fill;        /* of the model's inputs: 0 all -128, 1 all 127, 2 all 0, else random */
  uint8_t flags;       /* of the following */
};
enum : uint8_t {
  kMisplacedModel = 1, /* not on a multiple of 16 bytes */
  kMisplacedArena = 2,
  kPreserveAll = 4,
  kCompare = 8, /* once more, with each tensor in memory of its own: the outputs must be the same */
};
constexpr uint16_t kAmple = 0x8000;

/* Some inputs that came as far as an inference: changed, they may do so again. */
std::vector<Bytes> &Inferred();

/* Splits an input; returns the file's size. */
size_t Split(const uint8_t *data, size_t size, Control *control);

}  // namespace fuzz
#endif
