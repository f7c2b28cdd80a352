/* Shared by the elementwise operators. */
#ifndef CFUFORGE_ELEMENTWISE_H
#define CFUFORGE_ELEMENTWISE_H

#include "lookup.h"

namespace tflite {

/* Inputs 0 and 1 (in `input` and `filter`) and output 0, all of `type` and not empty; int8 outputs have a
 * positive scale, int8 inputs one that satisfies `is_scale`. Reports what is wrong. */
TfLiteStatus BinaryTensors(TfLiteContext *context, TfLiteNode *node, TfLiteType type,
                           OperatorTensors *tensors, bool (*is_scale)(float) = IsScale);

/* How the inputs are broadcast, in as few axes as possible, in persistent memory. All three tensors have
 * values of `width` bytes. Reports incompatible inputs, and an output with a wrong number of elements. */
TfLiteStatus Broadcast(TfLiteContext *context, const OperatorTensors &tensors, size_t width,
                       nn_broadcast *shape);

/* The data of an operator with two inputs; base of its own data. */
struct BinaryData {
  nn_broadcast shape;
};

/* Prepare without the operator's own parameters: sets node->user_data to a Data, derived from BinaryData;
 * the inputs' scales must satisfy `is_scale`. Null on errors. */
template <typename Data>
Data *PrepareBinary(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors,
                    bool (*is_scale)(float) = IsScale) {
  Data *data = NewData<Data>(context, node);
  if (!data) return nullptr;
  if (BinaryTensors(context, node, kTfLiteInt8, tensors, is_scale) != kTfLiteOk) return nullptr;
  return Broadcast(context, *tensors, 1, &data->shape) == kTfLiteOk ? data : nullptr;
}

/* A kernel with the operator's data. */
typedef nn_status BinaryKernel(nn_context *kernel, const BinaryData &data,
                               const nn_broadcast *shape, const int8_t *input1,
                               const int8_t *input2, int8_t *output);

/* A function of the nn library as a BinaryKernel, with Data's `params` or without. */
template <typename Data, auto *function>
nn_status Compute(nn_context *kernel, const BinaryData &data, const nn_broadcast *shape,
                  const int8_t *input1, const int8_t *input2, int8_t *output) {
  const auto *params = &static_cast<const Data &>(data).params;
  return function(kernel, params, shape, input1, input2, output);
}
template <auto *function>
nn_status Compute(nn_context *kernel, const BinaryData &, const nn_broadcast *shape,
                  const int8_t *input1, const int8_t *input2, int8_t *output) {
  return function(kernel, shape, input1, input2, output);
}

/* Eval, with node->user_data. If one input is a single value, every output is a function of the other
 * input: see EvalUnary. */
TfLiteStatus EvalBinary(TfLiteContext *context, TfLiteNode *node, BinaryKernel *compute);
template <BinaryKernel *compute>
TfLiteStatus EvalBinary(TfLiteContext *context, TfLiteNode *node) {
  return EvalBinary(context, node, compute);
}

/* A prepare function of the nn library with the operator's data, and its constant inputs. */
typedef nn_status BinaryPrepare(nn_context *kernel, const BinaryData &data, const int8_t *input1,
                                const int8_t *input2);
template <typename Data, auto *prepare>
nn_status CallPrepare(nn_context *kernel, const BinaryData &data, const int8_t *input1,
                      const int8_t *input2) {
  return prepare(kernel, &static_cast<const Data &>(data).params, &data.shape, input1, input2);
}
inline nn_status KeepNothing(nn_context *, const BinaryData &, const int8_t *, const int8_t *) {
  return NN_OK;
}

/* Whether EvalBinary computes the layer by a table, and its Prepare if the single value is a constant. */
bool IsLookedUp(const BinaryData &data);
TfLiteStatus PrepareLookup(TfLiteContext *context, const TfLiteNode *node, BinaryKernel *compute);

/* The last step of Prepare, with node->user_data: calls `prepare`, or PrepareLookup. */
template <BinaryKernel *compute, BinaryPrepare *prepare = KeepNothing>
TfLiteStatus PrepareBinaryKernel(TfLiteContext *context, const TfLiteNode *node) {
  if (IsLookedUp(*static_cast<const BinaryData *>(node->user_data)))
    return PrepareLookup(context, node, compute);
  return PrepareKernel(context, [&](nn_context *kernel) {
    return prepare(kernel, *static_cast<const BinaryData *>(node->user_data),
                   ConstantInput<int8_t>(context, node, 0), ConstantInput<int8_t>(context, node, 1));
  });
}

/* The same for unquantised int32, such as shapes that a model computes. */
inline bool IsInt32(const TfLiteContext *context, const TfLiteNode *node) {
  return EvalInput(context, node, 0)->type == kTfLiteInt32;
}
TfLiteStatus PrepareInt32(TfLiteContext *context, TfLiteNode *node,
                          ActivationFunctionType activation);
TfLiteStatus EvalInt32(TfLiteContext *context, TfLiteNode *node, nn_operation operation);
template <BinaryKernel *compute, nn_operation operation>
TfLiteStatus EvalBinary(TfLiteContext *context, TfLiteNode *node) {
  return IsInt32(context, node) ? EvalInt32(context, node, operation)
                                : EvalBinary(context, node, compute);
}

/* Prepare of ADD and SUB, whose options are alike. */
struct AddData : BinaryData {
  nn_add_params params;
};
TfLiteStatus PrepareAdd(TfLiteContext *context, TfLiteNode *node,
                        ActivationFunctionType activation);
template <typename AddOrSubOptions, auto *function, auto *prepare>
TfLiteStatus PrepareAdd(TfLiteContext *context, TfLiteNode *node) {
  const auto *options = Options<AddOrSubOptions>(context, node);
  if (!options) return kTfLiteError;
  const ActivationFunctionType activation = options->fused_activation_function();
  if (IsInt32(context, node)) return PrepareInt32(context, node, activation);
  TF_LITE_ENSURE_STATUS(PrepareAdd(context, node, activation));
  return PrepareBinaryKernel<Compute<AddData, function>, CallPrepare<AddData, prepare>>(context,
                                                                                        node);
}

/* Prepare of MINIMUM and MAXIMUM. */
TfLiteStatus PrepareExtreme(TfLiteContext *context, TfLiteNode *node);
template <BinaryKernel *compute>
TfLiteStatus PrepareExtreme(TfLiteContext *context, TfLiteNode *node) {
  if (IsInt32(context, node)) return PrepareInt32(context, node, ActivationFunctionType_NONE);
  TF_LITE_ENSURE_STATUS(PrepareExtreme(context, node));
  return PrepareBinaryKernel<compute>(context, node);
}

}  // namespace tflite
#endif
