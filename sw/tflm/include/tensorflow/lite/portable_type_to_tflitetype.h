/* Maps a C++ type to the type of a tensor's elements. */
#ifndef TENSORFLOW_LITE_PORTABLE_TYPE_TO_TFLITETYPE_H_
#define TENSORFLOW_LITE_PORTABLE_TYPE_TO_TFLITETYPE_H_

#include "tensorflow/lite/c/common.h"

namespace tflite {

/* kTfLiteInt8 for int8_t and so on; kTfLiteNoType for types that no tensor holds. */
template <typename T>
constexpr TfLiteType typeToTfLiteType() {
  return kTfLiteNoType;
}
#define X(cpp, lite)                                \
  template <>                                       \
  constexpr TfLiteType typeToTfLiteType<cpp>() {    \
    return lite;                                    \
  }
X(bool, kTfLiteBool)
X(float, kTfLiteFloat32)
X(double, kTfLiteFloat64)
X(int8_t, kTfLiteInt8)
X(uint8_t, kTfLiteUInt8)
X(int16_t, kTfLiteInt16)
X(uint16_t, kTfLiteUInt16)
X(int32_t, kTfLiteInt32)
X(uint32_t, kTfLiteUInt32)
X(int64_t, kTfLiteInt64)
X(uint64_t, kTfLiteUInt64)
#undef X

}  // namespace tflite
#endif
