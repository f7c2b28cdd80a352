/* Names of types and operators, for messages. */
#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace tflite {
namespace {

/* One behind the other, each with its zero: pointers to them would take more room. */
constexpr char kOperators[] =
#define X(name, number) #name "\0"
#include "tensorflow/lite/schema/builtin_operators.inc"
#undef X
    ;
constexpr char kTypes[] =
    "NOTYPE\0FLOAT32\0INT32\0UINT8\0INT64\0STRING\0BOOL\0INT16\0COMPLEX64\0INT8\0FLOAT16\0FLOAT64\0"
    "COMPLEX128\0UINT64\0RESOURCE\0VARIANT\0UINT32\0UINT16\0INT4\0BFLOAT16\0";

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

/* Number `index` of `names`, or `otherwise` if they are fewer. */
const char *NameAt(const char *names, unsigned index, const char *otherwise) {
  for (; *names; --index, names += __builtin_strlen(names) + 1) {
    if (index == 0) return names;
  }
  return otherwise;
}

}  // namespace

const char *EnumNameBuiltinOperator(BuiltinOperator value) {
  return NameAt(kOperators, unsigned(value), "?");
}

}  // namespace tflite

extern "C" const char *TfLiteTypeGetName(TfLiteType type) {
  return tflite::NameAt(tflite::kTypes, unsigned(type), "an unknown type");
}
