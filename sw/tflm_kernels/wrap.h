/* Wraps an operator of TFLM: the nn library computes int8 layers, TFLM's own kernel all others.
 *
 * A file such as conv.cc replaces TFLM's file of that name. It includes that file, with the registration
 * under another name, so that no code of TFLM is copied.
 */
#ifndef CFUFORGE_WRAP_H
#define CFUFORGE_WRAP_H

#include "nn/nn.h"
#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/kernels/internal/common.h"
#include "tensorflow/lite/micro/kernels/kernel_util.h"
#include "tensorflow/lite/micro/micro_common.h"

#if TFLITE_SINGLE_ROUNDING
#error "the nn library rounds twice, as TFLM does unless TFLITE_SINGLE_ROUNDING is set"
#endif

namespace cfuforge {

/* An operator's tensors; bias is null if there is none. */
struct Tensors {
  const TfLiteEvalTensor *input, *filter, *bias;
  TfLiteEvalTensor *output;

  Tensors(const TfLiteContext *context, const TfLiteNode *node)
      : input(At(context, node, 0)),
        filter(At(context, node, 1)),
        bias(At(context, node, 2)),
        output(tflite::micro::GetEvalOutput(context, node, 0)) {}

  /* Whether inputs (a filter counts as one) and output are int8 and not empty, and a bias int32. */
  bool AreInt8(bool has_filter) const {
    return IsInt8(input) && IsInt8(output) && (!has_filter || (filter && IsInt8(filter))) &&
           (!bias || bias->type == kTfLiteInt32);
  }

  static int32_t Elements(const TfLiteEvalTensor *tensor) {
    int32_t elements = 1;
    for (int i = 0; i < tensor->dims->size; ++i) elements *= tensor->dims->data[i];
    return elements;
  }

 private:
  static const TfLiteEvalTensor *At(const TfLiteContext *context, const TfLiteNode *node, int i) {
    const bool there = i < node->inputs->size && node->inputs->data[i] >= 0;
    return there ? tflite::micro::GetEvalInput(context, node, i) : nullptr;
  }
  static bool IsInt8(const TfLiteEvalTensor *tensor) {
    return tensor->type == kTfLiteInt8 && Elements(tensor) > 0;
  }
};

/* False for any number of dimensions other than four. */
inline bool Dims4(const TfLiteEvalTensor *tensor, nn_dims *dims) {
  if (tensor->dims->size != 4) return false;
  const int *sizes = tensor->dims->data;
  *dims = {sizes[0], sizes[1], sizes[2], sizes[3]};
  return true;
}

/* TFLM's multipliers and shifts of the output channels, in the nn library's form. */
inline bool ChannelQuant(TfLiteContext *context, const int32_t *multiplier, const int32_t *shift,
                         int32_t channels, nn_channel_quant *quant) {
  auto *narrow =
      static_cast<int8_t *>(context->AllocatePersistentBuffer(context, size_t(channels)));
  if (!narrow) return false;
  for (int32_t i = 0; i < channels; ++i) narrow[i] = int8_t(shift[i]);
  *quant = {multiplier, narrow};
  return true;
}

/* `Op` has
 *   Reference            the type of the user_data of TFLM's own kernel,
 *   Tflm()               its registration,
 *   bool Take(context, node, tensors, reference)
 *                        after TFLM's own Prepare: whether this layer is one for the nn library;
 *                        keeps what Run needs,
 *   int32_t Scratch()    bytes of scratch memory that Run wants,
 *   nn_status Run(kernel, tensors)  the layer; after NN_UNSUPPORTED TFLM's kernel computes it. */
template <typename Op>
class Wrapped {
 public:
  static TFLMRegistration Registration() {
    TFLMRegistration registration = Op::Tflm();
    registration.init = Init;
    registration.prepare = Prepare;
    registration.invoke = Eval;
    return registration;
  }

 private:
  static void *Init(TfLiteContext *context, const char *buffer, size_t length) {
    auto *wrapped =
        static_cast<Wrapped *>(context->AllocatePersistentBuffer(context, sizeof(Wrapped)));
    if (wrapped) *wrapped = {Op::Tflm().init(context, buffer, length), false, -1, 0, {}};
    return wrapped;
  }

  static TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
    auto *wrapped = static_cast<Wrapped *>(node->user_data);
    TF_LITE_ENSURE(context, wrapped != nullptr);
    TF_LITE_ENSURE_STATUS(wrapped->Reference(Op::Tflm().prepare, context, node));
    const Tensors tensors(context, node);
    const auto &reference = *static_cast<const typename Op::Reference *>(wrapped->reference_);
    wrapped->taken_ =
        !IsCompressed(context, node) && wrapped->op_.Take(context, node, tensors, reference);
    if (!wrapped->taken_) return kTfLiteOk;
    wrapped->scratch_size_ = wrapped->op_.Scratch();
    if (wrapped->scratch_size_ <= 0) return kTfLiteOk;
    return context->RequestScratchBufferInArena(context, size_t(wrapped->scratch_size_),
                                                &wrapped->scratch_);
  }

  static TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
    auto *wrapped = static_cast<Wrapped *>(node->user_data);
    if (wrapped->taken_) {
      void *memory = wrapped->scratch_ >= 0 ? context->GetScratchBuffer(context, wrapped->scratch_)
                                            : nullptr;
      nn_context kernel = {memory, wrapped->scratch_size_, nullptr};
      if (wrapped->op_.Run(&kernel, Tensors(context, node)) == NN_OK) return kTfLiteOk;
    }
    return wrapped->Reference(Op::Tflm().invoke, context, node);
  }

  /* Calls a function of TFLM's kernel with its own user_data. */
  TfLiteStatus Reference(TfLiteStatus (*function)(TfLiteContext *, TfLiteNode *),
                         TfLiteContext *context, TfLiteNode *node) {
    node->user_data = reference_;
    const TfLiteStatus status = function(context, node);
    node->user_data = this;
    return status;
  }

  static bool IsCompressed(const TfLiteContext *context, const TfLiteNode *node) {
#ifdef USE_TFLM_COMPRESSION
    for (int i = 0; i < node->inputs->size; ++i) {
      if (tflite::GetMicroContext(context)->IsTensorCompressed(node, i)) return true;
    }
#endif
    (void)context;
    (void)node;
    return false;
  }

 public: /* an aggregate: Init fills it */
  void *reference_; /* user_data of TFLM's kernel */
  bool taken_;
  int scratch_;
  int32_t scratch_size_;
  Op op_;
};

}  // namespace cfuforge
#endif
