/* MUL: int8 by nn_mul_s8. */
#include "tensorflow/lite/micro/kernels/mul.h"

#include "elementwise.h"

#define Register_MUL TflmMul
#include "tensorflow/lite/micro/kernels/mul.cc"
#undef Register_MUL

namespace cfuforge {
namespace {

struct Mul : Elementwise<tflite::OpDataMul, nn_mul_params, nn_mul_s8_prepare, nn_mul_s8,
                         tflite::TflmMul> {
  bool Take(TfLiteContext *, const TfLiteNode *, const Tensors &tensors, const OpData &data) {
    params = {-data.input1_zero_point,
              -data.input2_zero_point,
              data.output_zero_point,
              {data.output_multiplier, data.output_shift},
              {data.output_activation_min, data.output_activation_max}};
    return tensors.AreInt8(true) && OneAxis(tensors, &axis);
  }
};

}  // namespace
}  // namespace cfuforge

namespace tflite {
TFLMRegistration Register_MUL() { return cfuforge::Wrapped<cfuforge::Mul>::Registration(); }
}  // namespace tflite
