/* SOFTMAX: int8 by nn_softmax_s8. */
#include "tensorflow/lite/micro/kernels/softmax.h"

#include "wrap.h"

#define Register_SOFTMAX TflmSoftmax
#include "tensorflow/lite/micro/kernels/softmax.cc"
#undef Register_SOFTMAX

namespace cfuforge {
namespace {

struct Softmax {
  using OpData = tflite::SoftmaxParams;
  static TFLMRegistration Tflm() { return tflite::TflmSoftmax(); }

  nn_softmax_params params;
  int32_t rows, row_size;

  bool Take(TfLiteContext *, const TfLiteNode *, const Tensors &tensors,
            const OpData &data) {
    if (!tensors.AreInt8(false)) return false;
    params = {data.input_multiplier, data.input_left_shift, data.diff_min};
    row_size = tensors.input->dims->data[tensors.input->dims->size - 1];
    rows = Tensors::Elements(tensors.input) / row_size;
    return true;
  }
  int32_t Scratch() const { return 0; }
  nn_status Keep(nn_context *, const Constants &) const { return NN_OK; }
  nn_status Run(nn_context *kernel, const Tensors &tensors) const {
    return nn_softmax_s8(kernel, &params, rows, row_size, tensors.input->data.int8,
                         tensors.output->data.int8);
  }
};

}  // namespace
}  // namespace cfuforge

namespace tflite {
TFLMRegistration Register_SOFTMAX() {
  return cfuforge::Wrapped<cfuforge::Softmax>::Registration();
}
}  // namespace tflite
