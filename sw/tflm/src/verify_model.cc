/* VerifyModel: every offset that schema_generated.h follows, looked at once. */
#include "tensorflow/lite/micro/micro_log.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace tflite {
namespace {

using flat::Load;
using flat::Table;

class Verifier {
 public:
  Verifier(const void *data, size_t size)
      : data_(static_cast<const uint8_t *>(data)), size_(size) {}

  bool VerifyTable(const void *table) const {
    const uint8_t *place = static_cast<const uint8_t *>(table);
    if (!Inside(place, 4) || !Aligned(place, 4)) return false;
    const size_t at = size_t(place - data_);
    const int64_t vtable_at = int64_t(at) - Load<int32_t>(place);
    if (vtable_at < 0 || vtable_at > int64_t(size_)) return false;
    const uint8_t *vtable = data_ + vtable_at;
    if (!Inside(vtable, 4) || !Aligned(vtable, 2)) return false;
    const uint32_t vtable_size = Load<uint16_t>(vtable), table_size = Load<uint16_t>(vtable + 2);
    return vtable_size >= 4 && Inside(vtable, vtable_size) && table_size >= 4 &&
           Inside(place, table_size);
  }

  /* The target of offset field `id`: null and `good` when absent. */
  const uint8_t *Target(const Table *table, uint32_t id, bool *good) const {
    const uint8_t *field = table->Field(id, 4);
    *good = true;
    return field ? Follow(field, good) : nullptr;
  }

  /* Field `id`: absent, or a vector whose `width`-byte elements are all inside, on `alignment`. */
  bool VerifyVector(const Table *table, uint32_t id, uint32_t width, uint32_t alignment) const {
    bool good;
    const uint8_t *vector = Target(table, id, &good);
    return good && (!vector || VerifyElements(vector, width, alignment));
  }

  bool VerifyString(const Table *table, uint32_t id) const {
    bool good;
    const uint8_t *text = Target(table, id, &good);
    if (!good || !text) return good;
    return VerifyElements(text, 1, 1) && Inside(text + 4 + Load<uint32_t>(text), 1) &&
           text[4 + Load<uint32_t>(text)] == 0;
  }

  /* Field `id`: absent, or a table that `check` accepts (null accepts all). */
  template <typename T>
  bool VerifyTableField(const Table *table, uint32_t id,
                        bool (Verifier::*check)(const T *) const) const {
    bool good;
    const uint8_t *place = Target(table, id, &good);
    if (!good || !place) return good;
    return VerifyTable(place) && (!check || (this->*check)(reinterpret_cast<const T *>(place)));
  }

  /* Field `id`: absent, or a vector of tables; says which one of `what` is broken. */
  template <typename T>
  bool VerifyTables(const Table *table, uint32_t id, const char *what,
                    bool (Verifier::*check)(const T *) const) const {
    bool good;
    const uint8_t *vector = Target(table, id, &good);
    if (good && !vector) return true;
    if (!good || !VerifyElements(vector, 4, 4)) {
      MicroPrintf("the model is damaged: the list of %ss lies outside the file", what);
      return false;
    }
    for (uint32_t i = 0; i < Load<uint32_t>(vector); ++i) {
      const uint8_t *place = Follow(vector + 4 + 4 * i, &good);
      if (!good || !VerifyTable(place) || !(this->*check)(reinterpret_cast<const T *>(place))) {
        MicroPrintf("the model is damaged: %s %u refers to something outside the file", what,
                    unsigned(i));
        return false;
      }
    }
    return true;
  }

  bool Quantization(const QuantizationParameters *table) const {
    return VerifyVector(table, 2, 4, 4) && VerifyVector(table, 3, 8, 4);
  }
  bool OneTensor(const Tensor *table) const {
    return VerifyVector(table, 0, 4, 4) && VerifyString(table, 3) &&
           VerifyTableField(table, 4, &Verifier::Quantization);
  }
  bool OneOperator(const Operator *table) const {
    return VerifyVector(table, 1, 4, 4) && VerifyVector(table, 2, 4, 4) &&
           VerifyTableField<Table>(table, 4, nullptr) && VerifyVector(table, 5, 1, 1);
  }
  bool OneOperatorCode(const OperatorCode *table) const { return VerifyString(table, 1); }
  bool OneBuffer(const Buffer *table) const { return VerifyVector(table, 0, 1, 4); }
  bool OneSubGraph(const SubGraph *table) const {
    return VerifyVector(table, 1, 4, 4) && VerifyVector(table, 2, 4, 4) && VerifyString(table, 4) &&
           VerifyTables(table, 0, "tensor", &Verifier::OneTensor) &&
           VerifyTables(table, 3, "operator", &Verifier::OneOperator);
  }

 private:
  bool Inside(const uint8_t *place, size_t bytes) const {
    return place >= data_ && size_t(place - data_) <= size_ &&
           bytes <= size_ - size_t(place - data_);
  }
  static bool Aligned(const uint8_t *place, uint32_t alignment) {
    return reinterpret_cast<uintptr_t>(place) % alignment == 0;
  }
  const uint8_t *Follow(const uint8_t *field, bool *good) const {
    const uint32_t distance = Load<uint32_t>(field);
    *good = distance <= size_ - size_t(field - data_) && Inside(field + distance, 4) &&
            Aligned(field + distance, 4);
    return *good ? field + distance : nullptr;
  }
  bool VerifyElements(const uint8_t *vector, uint32_t width, uint32_t alignment) const {
    const size_t room = size_ - size_t(vector - data_) - 4;
    return Load<uint32_t>(vector) <= room / width && Aligned(vector + 4, alignment);
  }

  const uint8_t *data_;
  size_t size_;
};

}  // namespace

bool VerifyModel(const void *data, size_t size) {
  const uint8_t *bytes = static_cast<const uint8_t *>(data);
  if (reinterpret_cast<uintptr_t>(data) % 16 != 0) {
    MicroPrintf("the model must lie on a multiple of 16 bytes");
    return false;
  }
  if (size < 16 || __builtin_memcmp(bytes + 4, "TFL3", 4) != 0) {
    MicroPrintf("not a TensorFlow Lite model: the file identifier TFL3 is missing");
    return false;
  }
  const Verifier verifier(data, size);
  const uint32_t root = Load<uint32_t>(bytes);
  if (root > size - 4 || !verifier.VerifyTable(bytes + root)) {
    MicroPrintf("the model is damaged: its root lies outside the file of %zu bytes", size);
    return false;
  }
  const Model *model = GetModel(data);
  if (!verifier.VerifyString(model, 3)) {
    MicroPrintf("the model is damaged: its description lies outside the file");
    return false;
  }
  return verifier.VerifyTables(model, 1, "operator code", &Verifier::OneOperatorCode) &&
         verifier.VerifyTables(model, 4, "buffer", &Verifier::OneBuffer) &&
         verifier.VerifyTables(model, 2, "subgraph", &Verifier::OneSubGraph);
}

}  // namespace tflite
