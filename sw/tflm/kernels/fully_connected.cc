/* FULLY_CONNECTED over nn_fully_connected_s8. */
#include "prepare_kernel.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

struct Data {
  nn_fc_params params;
  nn_channel_quant quant; /* one for all channels, or one per channel */
  int32_t batches;
  Scratch scratch;
};

/* The tensors as the kernel takes them. */
struct Dims {
  Dims(int32_t batches, const TfLiteIntArray *filter_dims)
      : input{batches, 1, 1, filter_dims->data[1]},
        filter{filter_dims->data[0], 1, 1, filter_dims->data[1]},
        output{batches, 1, 1, filter_dims->data[0]} {}
  nn_dims input, filter, output;
};

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  const auto *options = Options<FullyConnectedOptions>(context, node);
  if (!data || !options) return kTfLiteError;
  OperatorTensors tensors;
  TF_LITE_ENSURE_STATUS(WeightedTensors(context, node, &tensors));
  const TfLiteTensor &filter = *tensors.filter;
  TF_LITE_ENSURE_MSG(context, options->weights_format() == 0, "shuffled weights are not supported");
  TF_LITE_ENSURE_MSG(context, filter.dims->size == 2, "the filter must have 2 dimensions, not %d",
                     filter.dims->size);
  const int32_t channels = filter.dims->data[0], depth = filter.dims->data[1];
  const int32_t batches = data->batches = int32_t(tensors.input->bytes) / depth;
  TF_LITE_ENSURE_MSG(context, size_t(batches) * size_t(depth) == tensors.input->bytes,
                     "%u inputs are no multiple of the filter's depth %d",
                     unsigned(tensors.input->bytes), int(depth));
  TF_LITE_ENSURE_MSG(context, size_t(batches) * size_t(channels) == tensors.output->bytes,
                     "the output must have %d batches of %d channels, not %u elements",
                     int(batches), int(channels), unsigned(tensors.output->bytes));
  TF_LITE_ENSURE_STATUS(CheckBias(context, tensors.bias, channels));

  const TfLiteFloatArray *scales = filter.quantization.affine.scale;
  data->params.per_channel = scales && scales->size > 1;
  TF_LITE_ENSURE_STATUS(ChannelMultipliers(context, tensors.input, &filter, tensors.output,
                                           data->params.per_channel ? channels : 1, &data->quant));
  data->params.input_offset = -tensors.input->params.zero_point;
  data->params.filter_offset = data->params.per_channel ? 0 : -filter.params.zero_point;
  data->params.output_offset = tensors.output->params.zero_point;
  TF_LITE_ENSURE_STATUS(ActivationRange(context, options->fused_activation_function(),
                                        tensors.output, &data->params.activation));
  const Dims dims(batches, filter.dims);
  TF_LITE_ENSURE_STATUS(RequestScratch(
      context,
      nn_fully_connected_s8_scratch_size(&data->params, &dims.input, &dims.filter, &dims.output),
      &data->scratch));
  return PrepareKernel(context, [&](nn_context *kernel) {
    return nn_fully_connected_s8_prepare(kernel, &data->params, &data->quant, &dims.input,
                                         &dims.filter, ConstantFilter(context, node, 1, 2),
                                         ConstantInput<int32_t>(context, node, 2), &dims.output);
  });
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  const EvalTensors tensors(context, node);
  const Dims dims(data->batches, tensors.filter->dims);
  nn_context kernel = KernelContext(context, data->scratch);
  const nn_status status = nn_fully_connected_s8(
      &kernel, &data->params, &data->quant, &dims.input, tensors.input->data.int8, &dims.filter,
      tensors.filter->data.int8, tensors.bias->data.i32, &dims.output, tensors.output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_FULLY_CONNECTED() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_FULLY_CONNECTED, nullptr};
}

}  // namespace tflite
