/* VerifyModel: checks every offset that schema_generated.h follows. */
#include "message.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace tflite {
namespace {

using flat::Load;
using flat::Table;

constexpr uint32_t kIdentifier = 'T' | 'F' << 8 | 'L' << 16 | '3' << 24;

enum TableKind : uint8_t {
  kOperatorCode, kSubGraph, kBuffer, kTensor, kOperator, kMetadata, kModel, kQuantization, kOptions
};
constexpr const char *kNames[] = {"operator code", "subgraph", "buffer", "tensor", "operator",
                                  "metadata item"};

/* The target of an offset: a vector of values, a string, a table, a vector of tables. */
enum Target : uint8_t { kValues, kString, kTable, kTables };

struct Field {
  TableKind table; /* whose field it is */
  uint8_t id;
  Target target;
  uint8_t what; /* bytes of a value, or the kind of a table */
};

constexpr Field kFields[] = {
    {kModel, 3, kString, 1},
    {kModel, 1, kTables, kOperatorCode},
    {kModel, 4, kTables, kBuffer},
    {kModel, 2, kTables, kSubGraph},
    {kModel, 6, kTables, kMetadata},
    {kOperatorCode, 1, kString, 1},
    {kBuffer, 0, kValues, 1},
    {kMetadata, 0, kString, 1},
    {kSubGraph, 1, kValues, 4}, /* inputs */
    {kSubGraph, 2, kValues, 4}, /* outputs */
    {kSubGraph, 4, kString, 1},
    {kSubGraph, 0, kTables, kTensor},
    {kSubGraph, 3, kTables, kOperator},
    {kTensor, 0, kValues, 4}, /* shape */
    {kTensor, 3, kString, 1},
    {kTensor, 4, kTable, kQuantization},
    {kQuantization, 2, kValues, 4}, /* scales */
    {kQuantization, 3, kValues, 8}, /* zero points */
    {kOperator, 1, kValues, 4},     /* inputs */
    {kOperator, 2, kValues, 4},     /* outputs */
    {kOperator, 4, kTable, kOptions},
    {kOperator, 5, kValues, 1}, /* custom options */
};

class Verifier {
 public:
  Verifier(const void *data, size_t size)
      : data_(static_cast<const uint8_t *>(data)), size_(size), left_(size / 4) {}

  /* Checks a table of `kind` at `place`, and all that it refers to. */
  bool Verify(const uint8_t *place, TableKind kind) {
    if (!VerifyTable(place)) return false;
    for (const Field &field : kFields) {
      if (field.table == kind && !VerifyField(*reinterpret_cast<const Table *>(place), field)) {
        return false;
      }
    }
    return true;
  }

 private:
  /* Whether the table and its vtable are inside the file. */
  bool VerifyTable(const uint8_t *place) const {
    if (!Inside(place, 4) || !Aligned(place, 4)) return false;
    const int64_t vtable_at = int64_t(place - data_) - Load<int32_t>(place);
    if (vtable_at < 0 || vtable_at > int64_t(size_)) return false;
    const uint8_t *vtable = data_ + vtable_at;
    if (!Inside(vtable, 4) || !Aligned(vtable, 2)) return false;
    const uint32_t vtable_size = Load<uint16_t>(vtable), table_size = Load<uint16_t>(vtable + 2);
    return vtable_size >= 4 && Inside(vtable, vtable_size) && table_size >= 4 &&
           Inside(place, table_size);
  }

  bool VerifyField(const Table &table, const Field &field) {
    const uint8_t *offset = table.Field(field.id, 4);
    if (!offset) return true;
    const uint8_t *target = Follow(offset);
    if (field.target == kTable) return target && Verify(target, TableKind(field.what));
    if (field.target == kTables) return VerifyTables(target, TableKind(field.what));
    if (!target || !VerifyElements(target, field.what)) return false;
    const uint8_t *end = target + 4 + Load<uint32_t>(target);
    return field.target != kString || (Inside(end, 1) && *end == 0);
  }

  /* Reports which of them is broken. */
  bool VerifyTables(const uint8_t *vector, TableKind kind) {
    if (!vector || !VerifyElements(vector, 4)) {
      PrintMessage("the model is damaged: the list of %ss lies outside the file", kNames[kind]);
      return false;
    }
    const uint32_t count = Load<uint32_t>(vector);
    if (count > left_) {
      PrintMessage("the model is damaged: its lists of %ss overlap", kNames[kind]);
      return false;
    }
    left_ -= count;
    for (uint32_t i = 0; i < count; ++i) {
      if (const uint8_t *place = Follow(vector + 4 + 4 * i); !place || !Verify(place, kind)) {
        PrintMessage("the model is damaged: %s %u refers to something outside the file",
                     kNames[kind], unsigned(i));
        return false;
      }
    }
    return true;
  }

  bool Inside(const uint8_t *place, size_t bytes) const {
    return place >= data_ && size_t(place - data_) <= size_ &&
           bytes <= size_ - size_t(place - data_);
  }
  static bool Aligned(const uint8_t *place, uint32_t alignment) {
    return reinterpret_cast<uintptr_t>(place) % alignment == 0;
  }
  /* The target of the offset at `field`, 4-byte aligned; null if outside. */
  const uint8_t *Follow(const uint8_t *field) const {
    const uint32_t distance = Load<uint32_t>(field);
    const bool good = distance <= size_ - size_t(field - data_) && Inside(field + distance, 4) &&
                      Aligned(field + distance, 4);
    return good ? field + distance : nullptr;
  }
  bool VerifyElements(const uint8_t *vector, uint32_t width) const {
    const size_t room = size_ - size_t(vector - data_) - 4;
    return Load<uint32_t>(vector) <= room / width;
  }

  const uint8_t *data_;
  size_t size_;
  size_t left_; /* list entries still allowed: as many as a file of this size can have */
};

}  // namespace

bool VerifyModel(const void *data, size_t size) {
  const uint8_t *bytes = static_cast<const uint8_t *>(data);
  if (reinterpret_cast<uintptr_t>(data) % 16 != 0) {
    PrintMessage("the model must lie on a multiple of 16 bytes");
    return false;
  }
  if (size < 16 || Load<uint32_t>(bytes + 4) != kIdentifier) {
    PrintMessage("not a TensorFlow Lite model: the file identifier TFL3 is missing");
    return false;
  }
  const uint32_t root = Load<uint32_t>(bytes);
  Verifier verifier(data, size);
  const bool good = root <= size - 4 && verifier.Verify(bytes + root, kModel);
  if (!good) {
    PrintMessage("the model is damaged: its root refers to something outside the file of %zu bytes",
                 size);
  }
  return good;
}

}  // namespace tflite
