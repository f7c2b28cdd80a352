#include "tensorflow/lite/schema/flatbuffer.h"

namespace tflite::flat {

const uint8_t *Table::Field(uint32_t id, uint32_t width) const {
  const uint8_t *vtable = start() - Load<int32_t>(this);
  const uint32_t slot = 4 + 2 * id;
  if (slot + 2 > Load<uint16_t>(vtable)) return nullptr;
  const uint32_t offset = Load<uint16_t>(vtable + slot);
  if (offset == 0 || offset % width != 0) return nullptr;
  return offset + width <= Load<uint16_t>(vtable + 2) ? start() + offset : nullptr;
}

const void *Table::Target(uint32_t id) const {
  const uint8_t *field = Field(id, 4);
  return field ? field + Load<uint32_t>(field) : nullptr;
}

}  // namespace tflite::flat
