/* AVERAGE_POOL_2D and MAX_POOL_2D: int8 by nn_average_pool_s8 and nn_max_pool_s8. */
#include "tensorflow/lite/micro/kernels/pooling.h"

#include "wrap.h"

#define Register_AVERAGE_POOL_2D TflmAveragePool2D
#define Register_MAX_POOL_2D TflmMaxPool2D
#include "tensorflow/lite/micro/kernels/pooling.cc"
#undef Register_AVERAGE_POOL_2D
#undef Register_MAX_POOL_2D

namespace cfuforge {
namespace {

template <decltype(nn_max_pool_s8) *kPool, decltype(nn_max_pool_s8_prepare) *kPrepare,
          TFLMRegistration (*kTflm)()>
struct Pool {
  using OpData = tflite::OpDataPooling;
  static TFLMRegistration Tflm() { return kTflm(); }

  nn_pool_params params;
  nn_dims input, output;

  bool Take(TfLiteContext *, const TfLiteNode *node, const Tensors &tensors,
            const OpData &data) {
    const auto &options = *static_cast<const TfLitePoolParams *>(node->builtin_data);
    params = {{options.stride_width, options.stride_height},
              {data.padding.width, data.padding.height},
              {options.filter_width, options.filter_height},
              {data.activation_min, data.activation_max}};
    return tensors.AreInt8(false) && Dims4(tensors.input, &input) && Dims4(tensors.output, &output);
  }
  int32_t Scratch() const { return 0; }
  nn_status Keep(nn_context *kernel, const Constants &) const {
    return kPrepare(kernel, &params, &input, &output);
  }
  nn_status Run(nn_context *kernel, const Tensors &tensors) const {
    return kPool(kernel, &params, &input, tensors.input->data.int8, &output,
                 tensors.output->data.int8);
  }
};

}  // namespace
}  // namespace cfuforge

namespace tflite {
TFLMRegistration Register_AVERAGE_POOL_2D() {
  return cfuforge::Wrapped<cfuforge::Pool<nn_average_pool_s8, nn_average_pool_s8_prepare,
                                          TflmAveragePool2D>>::Registration();
}
TFLMRegistration Register_MAX_POOL_2D() {
  return cfuforge::Wrapped<
      cfuforge::Pool<nn_max_pool_s8, nn_max_pool_s8_prepare, TflmMaxPool2D>>::Registration();
}
}  // namespace tflite
