#include "arg_operator.h"

#include "reduction.h"

namespace tflite {

TfLiteStatus PrepareArg(TfLiteContext *context, TfLiteNode *node) {
  ArgData *data = NewData<ArgData>(context, node);
  if (!data) return kTfLiteError;
  MicroContext *micro = GetMicroContext(context);
  const TfLiteTensor *input = micro->AllocateTempInputTensor(node, 0);
  const TfLiteTensor *output = micro->AllocateTempOutputTensor(node, 0);
  TF_LITE_ENSURE_MSG(context, input && output, "the input or the output is missing");
  TF_LITE_ENSURE_MSG(context, input->type == kTfLiteInt8 && input->bytes > 0,
                     "the input must be INT8 and not empty");
  TF_LITE_ENSURE_MSG(context, output->type == kTfLiteInt32, "the output must be INT32, not %s",
                     TfLiteTypeGetName(output->type));
  const int32_t *axes;
  int32_t count, axis;
  TF_LITE_ENSURE_STATUS(ConstantAxes(context, node, &axes, &count));
  TF_LITE_ENSURE_MSG(context, count == 1, "the axis must be one number, not %d", int(count));
  TF_LITE_ENSURE_STATUS(ResolveAxis(context, axes[0], input->dims->size, &axis));
  nn_rows rows = {1, input->dims->data[axis], 1};
  for (int d = 0; d < axis; ++d) rows.outer *= input->dims->data[d];
  for (int d = axis + 1; d < input->dims->size; ++d) rows.inner *= input->dims->data[d];
  TF_LITE_ENSURE_MSG(context, output->bytes == sizeof(int32_t) * size_t(rows.outer * rows.inner),
                     "the output must have %d elements, not %u", int(rows.outer * rows.inner),
                     unsigned(output->bytes / sizeof(int32_t)));
  data->rows = rows;
  return kTfLiteOk;
}

}  // namespace tflite
