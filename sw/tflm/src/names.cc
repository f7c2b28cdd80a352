/* Names of types and operators, for messages. */
#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace tflite {
namespace {

/* All have the length of the longest, so that a name's address can be computed without reading others: in
 * the slim firmware texts are not in memory. */
#define NAMES __attribute__((section(".names"))) constexpr char

NAMES kOperators[][33] = {
#define X(name, number) #name,
#include "tensorflow/lite/schema/builtin_operators.inc"
#undef X
};
NAMES kTypes[][11] = {
    "NOTYPE", "FLOAT32", "INT32",      "UINT8",  "INT64",    "STRING",  "BOOL",   "INT16",  "COMPLEX64", "INT8",
    "FLOAT16", "FLOAT64", "COMPLEX128", "UINT64", "RESOURCE", "VARIANT", "UINT32", "UINT16", "INT4",      "BFLOAT16",
};

#define X(name, number) number,
constexpr int kOperatorNumbers[] = {
#include "tensorflow/lite/schema/builtin_operators.inc"
};
#undef X
constexpr bool AreInOrder() {
  int count = 0;
  for (int number : kOperatorNumbers) {
    if (number != count++) return false;
  }
  return true;
}
static_assert(AreInOrder(), "an operator's name is found by its number");

/* The number of names in `names`. */
template <size_t kCount, size_t kSize>
constexpr size_t Count(const char (&)[kCount][kSize]) {
  return kCount;
}

}  // namespace

const char *EnumNameBuiltinOperator(BuiltinOperator value) {
  return unsigned(value) < Count(kOperators) ? kOperators[value] : "?";
}

}  // namespace tflite

extern "C" const char *TfLiteTypeGetName(TfLiteType type) {
  return unsigned(type) < tflite::Count(tflite::kTypes) ? tflite::kTypes[type] : "an unknown type";
}
