/* MUL: int8 by nn_mul_s8. */
#include "tensorflow/lite/micro/kernels/mul.h"

#include "elementwise.h"

#define Register_MUL TflmMul
#include "tensorflow/lite/micro/kernels/mul.cc"
#undef Register_MUL

namespace cfuforge {
namespace {

struct Mul {
  using Reference = tflite::OpDataMul;
  static TFLMRegistration Tflm() { return tflite::TflmMul(); }

  nn_mul_params params;
  nn_broadcast_axis axis;

  bool Take(TfLiteContext *, const TfLiteNode *, const Tensors &tensors,
            const Reference &reference) {
    params = {-reference.input1_zero_point,
              -reference.input2_zero_point,
              reference.output_zero_point,
              {reference.output_multiplier, reference.output_shift},
              {reference.output_activation_min, reference.output_activation_max}};
    return tensors.AreInt8(true) && OneAxis(tensors, &axis);
  }
  int32_t Scratch() const { return 0; }
  nn_status Keep(nn_context *kernel, const Constants &constants) const {
    const nn_broadcast shape = {1, &axis};
    return nn_mul_s8_prepare(kernel, &params, &shape, constants.input, constants.filter);
  }
  nn_status Run(nn_context *kernel, const Tensors &tensors) const {
    const nn_broadcast shape = {1, &axis};
    return nn_mul_s8(kernel, &params, &shape, tensors.input->data.int8, tensors.filter->data.int8,
                     tensors.output->data.int8);
  }
};

}  // namespace
}  // namespace cfuforge

namespace tflite {
TFLMRegistration Register_MUL() { return cfuforge::Wrapped<cfuforge::Mul>::Registration(); }
}  // namespace tflite
