#include "recognize_commands.h"

#include <algorithm>

#include "model_settings.h"
#include "tensorflow/lite/kernels/internal/tensor_ctypes.h"

int TopCategory(const TfLiteTensor *scores) {
  const int8_t *begin = tflite::GetTensorData<int8_t>(scores);
  return int(std::max_element(begin, begin + kCategoryCount) - begin);
}
