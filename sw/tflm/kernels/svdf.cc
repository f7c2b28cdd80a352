/* SVDF over nn_svdf_state8_s8 and nn_svdf_state16_s8. As in TFLM, the fused activation is ignored. */
#include "prepare_kernel.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

constexpr int kInput = 0, kFeature = 1, kTime = 2, kBias = 3, kState = 4;

struct Data {
  nn_svdf_params params;
  bool state16;
  Scratch scratch;
};

/* Checks that the tensor has this type and these two dimensions. */
TfLiteStatus Check(TfLiteContext *context, const char *what, const TfLiteTensor *tensor,
                   TfLiteType type, int32_t rows, int32_t columns) {
  TF_LITE_ENSURE_MSG(context, tensor, "the %s is missing", what);
  TF_LITE_ENSURE_MSG(context, tensor->type == type, "the %s must be %s, not %s", what,
                     TfLiteTypeGetName(type), TfLiteTypeGetName(tensor->type));
  TF_LITE_ENSURE_MSG(
      context,
      tensor->dims->size == 2 && tensor->dims->data[0] == rows && tensor->dims->data[1] == columns,
      "the %s must be %d by %d", what, int(rows), int(columns));
  return kTfLiteOk;
}

bool IsMatrix(const TfLiteTensor *tensor) {
  return tensor && tensor->dims->size == 2 && tensor->bytes > 0;
}

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  const auto *options = Options<SVDFOptions>(context, node);
  if (!data || !options) return kTfLiteError;
  MicroContext *micro = GetMicroContext(context);
  const TfLiteTensor *input = micro->AllocateTempInputTensor(node, kInput);
  const TfLiteTensor *feature = micro->AllocateTempInputTensor(node, kFeature);
  const TfLiteTensor *time = micro->AllocateTempInputTensor(node, kTime);
  const TfLiteTensor *bias = micro->AllocateTempInputTensor(node, kBias);
  const TfLiteTensor *state = micro->AllocateTempInputTensor(node, kState);
  const TfLiteTensor *output = micro->AllocateTempOutputTensor(node, 0);
  TF_LITE_ENSURE_MSG(context, IsMatrix(input) && IsMatrix(feature) && IsMatrix(time),
                     "input, feature weights and time weights must have 2 dimensions");
  const int32_t filters = feature->dims->data[0], rank = options->rank();
  TF_LITE_ENSURE_MSG(context, rank > 0 && filters % rank == 0,
                     "the rank must be positive and divide the %d filters, not %d", int(filters),
                     int(rank));
  nn_svdf_params &params = data->params;
  params.batches = input->dims->data[0];
  params.inputs = input->dims->data[1];
  params.rank = rank;
  params.units = filters / rank;
  params.memory = time->dims->data[1];
  data->state16 = time->type == kTfLiteInt16;
  const TfLiteType type = data->state16 ? kTfLiteInt16 : kTfLiteInt8;
  TF_LITE_ENSURE_STATUS(Check(context, "input", input, kTfLiteInt8, params.batches, params.inputs));
  TF_LITE_ENSURE_STATUS(
      Check(context, "feature weights", feature, kTfLiteInt8, filters, params.inputs));
  TF_LITE_ENSURE_STATUS(Check(context, "time weights", time, type, filters, params.memory));
  TF_LITE_ENSURE_STATUS(Check(context, "state", state, type, params.batches,
                              params.memory * filters));
  TF_LITE_ENSURE_STATUS(
      Check(context, "output", output, kTfLiteInt8, params.batches, params.units));
  TF_LITE_ENSURE_MSG(context, state->is_variable, "the state must be a variable");
  TF_LITE_ENSURE_MSG(context, bias && bias->type == kTfLiteInt32,
                     "the bias must be there, and INT32"); /* TFLM crashes without it */
  TF_LITE_ENSURE_STATUS(CheckBias(context, bias, params.units));
  const TfLiteTensor *const scaled[] = {state, output, input, feature, time};
  for (int i = 0; i < 5; ++i) {
    const float scale = scaled[i]->params.scale;
    TF_LITE_ENSURE_MSG(context, i < 2 ? IsScale(scale) : IsFactor(scale),
                       "%s must have a positive scale", scaled[i]->name);
  }
  const double sum = double(state->params.scale * time->params.scale); /* in float, as in TFLM */
  const double apart = double(bias->params.scale) - sum;
  TF_LITE_ENSURE_MSG(context, apart < 1e-5 && apart > -1e-5,
                     "the bias's scale must be within 10^-5 of the state's times the time "
                     "weights'");
  params.input_offset = -input->params.zero_point;
  params.output_offset = output->params.zero_point;
  params.state_zero_point = state->params.zero_point;
  const double state_scale = double(state->params.scale);
  params.feature = QuantizeMultiplier(double(input->params.scale) *
                                      double(feature->params.scale) / state_scale);
  params.output = QuantizeMultiplier(state_scale * double(time->params.scale) /
                                     double(output->params.scale));
  TF_LITE_ENSURE_STATUS(RequestScratch(context,
                                       data->state16 ? nn_svdf_state16_s8_scratch_size(&params)
                                                     : nn_svdf_state8_s8_scratch_size(&params),
                                       &data->scratch));
  const int8_t *weights = ConstantInput<int8_t>(context, node, kFeature);
  const int32_t *biases = ConstantInput<int32_t>(context, node, kBias);
  const int8_t *times8 = ConstantInput<int8_t>(context, node, kTime);
  const int16_t *times16 = ConstantInput<int16_t>(context, node, kTime);
  if (!biases || !times8) weights = nullptr;
  return PrepareKernel(context, [&](nn_context *kernel) {
    return data->state16
               ? nn_svdf_state16_s8_prepare(kernel, &params, weights, times16, biases)
               : nn_svdf_state8_s8_prepare(kernel, &params, weights, times8, biases);
  });
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  nn_context kernel = KernelContext(context, data->scratch);
  const int8_t *input = micro::GetEvalInput(context, node, kInput)->data.int8;
  const int8_t *feature = micro::GetEvalInput(context, node, kFeature)->data.int8;
  const int32_t *bias = micro::GetEvalInput(context, node, kBias)->data.i32;
  const TfLitePtrUnion time = micro::GetEvalInput(context, node, kTime)->data;
  const TfLitePtrUnion state = micro::GetMutableEvalInput(context, node, kState)->data;
  int8_t *output = micro::GetEvalOutput(context, node, 0)->data.int8;
  const nn_status status =
      data->state16 ? nn_svdf_state16_s8(&kernel, &data->params, input, feature, time.i16,
                                         bias, state.i16, output)
                    : nn_svdf_state8_s8(&kernel, &data->params, input, feature, time.int8,
                                        bias, state.int8, output);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_SVDF() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_SVDF, nullptr};
}

}  // namespace tflite
