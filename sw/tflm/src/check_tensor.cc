#include "check_tensor.h"

#include "message.h"
#include "tensors.h"

namespace tflite {
namespace {

constexpr uint64_t kLargestTensor = 1u << 30; /* bytes: a sum of a few fits into 32 bits */
constexpr uint32_t kLargestRank = 8;

/* One tensor, and functions to report that it is invalid. */
class Checked {
 public:
  Checked(const Model *model, const Tensor *tensor, int index)
      : model_(model), tensor_(*tensor), index_(index) {}

  TfLiteStatus Shape(uint64_t *bytes) const {
    const TfLiteType type = TypeOf(tensor_.type());
    const flat::Vector<int32_t> *shape = tensor_.shape();
    const uint32_t rank = shape ? shape->size() : 0;
    *bytes = ElementBytes(type);
    if (*bytes == 0 || rank > kLargestRank) {
      return Refuse("%s with %u dimensions is not supported", TfLiteTypeGetName(type),
                    unsigned(rank));
    }
    for (uint32_t d = 0; d < rank; ++d) {
      const int32_t size = shape->Get(d);
      *bytes *= uint32_t(size);
      if (size < 0 || *bytes > kLargestTensor) {
        return Refuse("dimension %u is %d, negative or too large", unsigned(d), int(size));
      }
    }
    return kTfLiteOk;
  }

  TfLiteStatus Data(uint64_t bytes) const {
    const uint32_t buffer = tensor_.buffer();
    const uint32_t buffers = model_->buffers() ? model_->buffers()->size() : 0;
    if (buffer >= buffers) {
      return Refuse("its data is buffer %u, and the model has %u", unsigned(buffer),
                    unsigned(buffers));
    }
    if (tensor_.is_sparse()) return Refuse("sparse tensors are not supported");
    const flat::Vector<uint8_t> *data = ConstantData(model_, &tensor_);
    if (data && data->size() < bytes) {
      return Refuse("the model has %u of its %u bytes", unsigned(data->size()), unsigned(bytes));
    }
    return kTfLiteOk;
  }

  TfLiteStatus Quantisation() const {
    const QuantizationParameters *quantization = tensor_.quantization();
    if (!quantization) return kTfLiteOk;
    const flat::Vector<float> *scales = quantization->scale();
    const flat::Vector<int64_t> *zero_points = quantization->zero_point();
    const uint32_t count = scales ? scales->size() : 0, zeros = zero_points ? zero_points->size() : 0;
    if (count > 1 && !HasDimension(count)) {
      return Refuse("it must have 1 scale or one for each index of a dimension, not %u",
                    unsigned(count));
    }
    if (zeros > 1 && zeros != count) {
      return Refuse("it must have 1 zero point or one for each of %u scales, not %u",
                    unsigned(count), unsigned(zeros));
    }
    /* A zero point must be an int8; with several scales it must be 0. Kernels support no others. */
    for (uint32_t i = 0; tensor_.type() == TensorType_INT8 && i < zeros; ++i) {
      const int64_t zero_point = zero_points->Get(i);
      if (zero_point < INT8_MIN || zero_point > INT8_MAX || (count > 1 && zero_point)) {
        return Refuse("zero points must be -128..127, and 0 where there is one a channel");
      }
    }
    return kTfLiteOk;
  }

 private:
  __attribute__((format(printf, 2, 3))) TfLiteStatus Refuse(const char *format, ...) const {
    Message message;
    message.Add("tensor %d '%.64s': ", index_, tensor_.name() ? tensor_.name()->c_str() : "");
    va_list arguments;
    va_start(arguments, format);
    message.VAdd(format, arguments);
    va_end(arguments);
    message.Print();
    return kTfLiteError;
  }

  bool HasDimension(uint32_t size) const {
    const flat::Vector<int32_t> *shape = tensor_.shape();
    for (uint32_t d = 0; shape && d < shape->size(); ++d) {
      if (uint32_t(shape->Get(d)) == size) return true;
    }
    return false;
  }

  const Model *model_;
  const Tensor &tensor_;
  int index_;
};

}  // namespace

TfLiteStatus CheckTensor(const Model *model, const Tensor *tensor, int index) {
  const Checked checked(model, tensor, index);
  uint64_t bytes;
  TF_LITE_ENSURE_STATUS(checked.Shape(&bytes));
  TF_LITE_ENSURE_STATUS(checked.Data(bytes));
  return checked.Quantisation();
}

}  // namespace tflite
