/* libFuzzer's mutators: mostly of the model, sometimes of the file's bytes. */
#include <string.h>

#include <algorithm>
#include <memory>

#include "change.h"
#include "execution.h"
#include "model_object.h"
#include "random.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

namespace fuzz {
namespace {

/* Unpack wants the file on a multiple of 16 bytes, as malloc returns memory. */
bool UnpackCopy(const uint8_t *data, size_t size, ModelObject *model) {
  const std::unique_ptr<uint8_t[]> copy(new uint8_t[size + 1]);
  memcpy(copy.get(), data, size);
  return Unpack(copy.get(), size, model);
}

void ChangeControl(Random &random, Control *control) {
  control->seed = random.Next();
  control->arena = uint16_t(random.OneIn(2) ? kAmple : random.Below(random.OneIn(2) ? 1 << 15 : 2048));
  control->fill = uint8_t(random.Below(6));
  control->flags = 0;
  if (random.OneIn(64)) control->flags |= kMisplacedModel;
  if (random.OneIn(8)) control->flags |= kMisplacedArena;
  if (random.OneIn(8)) control->flags |= kPreserveAll;
  if (random.OneIn(4)) control->flags |= kCompare;
}

/* The input that `file` and `control` make; 0 when it has no room. */
size_t Store(const Bytes &file, const Control &control, uint8_t *data, size_t max_size) {
  if (file.size() + sizeof control > max_size) return 0;
  memcpy(data, file.data(), file.size());
  memcpy(data + file.size(), &control, sizeof control);
  return file.size() + sizeof control;
}

size_t MutateBytes(Random &random, uint8_t *data, size_t size, size_t max_size) {
  if (random.OneIn(4)) return random.Below(size) + 1; /* truncated */
  return LLVMFuzzerMutate(data, size, max_size);
}

}  // namespace
}  // namespace fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                                          unsigned int seed) {
  fuzz::Random random(seed);
  fuzz::Control control;
  fuzz::ModelObject model;
  if (!fuzz::Inferred().empty() && random.Below(8) < 3) { /* most of the corpus is refused models */
    const fuzz::Bytes &other = random.Of(fuzz::Inferred());
    if (other.size() <= max_size) memcpy(data, other.data(), size = other.size());
  }
  const size_t file = fuzz::Split(data, size, &control);
  const bool bytes = random.OneIn(12);
  if (bytes || !fuzz::UnpackCopy(data, file, &model)) {
    return fuzz::MutateBytes(random, data, size, max_size);
  }
  do {
    fuzz::Change(random, &model);
  } while (random.OneIn(3));
  if (random.OneIn(2)) fuzz::ChangeControl(random, &control);
  const size_t now = fuzz::Store(fuzz::Pack(model), control, data, max_size);
  return now ? now : fuzz::MutateBytes(random, data, size, max_size);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1,
                                            const uint8_t *data2, size_t size2, uint8_t *out,
                                            size_t max_out_size, unsigned int seed) {
  fuzz::Random random(seed);
  fuzz::Control control, unused;
  fuzz::ModelObject model, other;
  if (!fuzz::UnpackCopy(data1, fuzz::Split(data1, size1, &control), &model) ||
      !fuzz::UnpackCopy(data2, fuzz::Split(data2, size2, &unused), &other)) {
    return 0;
  }
  fuzz::Join(random, &model, other);
  return fuzz::Store(fuzz::Pack(model), control, out, max_out_size);
}
