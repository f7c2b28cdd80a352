/* Names of types and operators, for messages. */
#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/schema/schema_generated.h"

extern "C" const char *TfLiteTypeGetName(TfLiteType type) {
  static const char *const kNames[] = {
      "NOTYPE",   "FLOAT32",   "INT32",  "UINT8",   "INT64",   "STRING",     "BOOL",
      "INT16",    "COMPLEX64", "INT8",   "FLOAT16", "FLOAT64", "COMPLEX128", "UINT64",
      "RESOURCE", "VARIANT",   "UINT32", "UINT16",  "INT4",    "BFLOAT16",
  };
  return unsigned(type) < sizeof kNames / sizeof kNames[0] ? kNames[type] : "an unknown type";
}

namespace tflite {

const char *EnumNameBuiltinOperator(BuiltinOperator value) {
  switch (value) {
#define X(name, number)        \
  case BuiltinOperator_##name: \
    return #name;
#include "tensorflow/lite/schema/builtin_operators.inc"
#undef X
  }
  return "?";
}

}  // namespace tflite
