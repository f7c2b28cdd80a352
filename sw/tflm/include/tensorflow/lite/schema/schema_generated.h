/* The tables of a .tflite file as accessors, under the names of the schema (schema.fbs). */
#ifndef TENSORFLOW_LITE_SCHEMA_SCHEMA_GENERATED_H_
#define TENSORFLOW_LITE_SCHEMA_SCHEMA_GENERATED_H_

#include "tensorflow/lite/schema/flatbuffer.h"

#define TFLITE_SCHEMA_VERSION 3

namespace tflite {

enum BuiltinOperator : int32_t {
#define X(name, value) BuiltinOperator_##name = value,
#include "tensorflow/lite/schema/builtin_operators.inc"
#undef X
};

/* "CONV_2D" for BuiltinOperator_CONV_2D; "?" for a value that is not in the schema. */
const char *EnumNameBuiltinOperator(BuiltinOperator value);

enum TensorType : int8_t {
  TensorType_FLOAT32 = 0,
  TensorType_FLOAT16 = 1,
  TensorType_INT32 = 2,
  TensorType_UINT8 = 3,
  TensorType_INT64 = 4,
  TensorType_STRING = 5,
  TensorType_BOOL = 6,
  TensorType_INT16 = 7,
  TensorType_COMPLEX64 = 8,
  TensorType_INT8 = 9,
  TensorType_FLOAT64 = 10,
  TensorType_COMPLEX128 = 11,
  TensorType_UINT64 = 12,
  TensorType_RESOURCE = 13,
  TensorType_VARIANT = 14,
  TensorType_UINT32 = 15,
  TensorType_UINT16 = 16,
  TensorType_INT4 = 17,
  TensorType_BFLOAT16 = 18,
};

enum ActivationFunctionType : int8_t {
  ActivationFunctionType_NONE = 0,
  ActivationFunctionType_RELU = 1,
  ActivationFunctionType_RELU_N1_TO_1 = 2,
  ActivationFunctionType_RELU6 = 3,
  ActivationFunctionType_TANH = 4,
};

enum Padding : int8_t { Padding_SAME = 0, Padding_VALID = 1 };

class QuantizationParameters : public flat::Table {
 public:
  const flat::Vector<float> *scale() const { return Pointer<flat::Vector<float>>(2); }
  const flat::Vector<int64_t> *zero_point() const { return Pointer<flat::Vector<int64_t>>(3); }
  int32_t quantized_dimension() const { return Scalar<int32_t>(6, 0); }
};

class Tensor : public flat::Table {
 public:
  const flat::Vector<int32_t> *shape() const { return Pointer<flat::Vector<int32_t>>(0); }
  TensorType type() const { return TensorType(Scalar<int8_t>(1, 0)); }
  uint32_t buffer() const { return Scalar<uint32_t>(2, 0); }
  const flat::String *name() const { return Pointer<flat::String>(3); }
  const QuantizationParameters *quantization() const { return Pointer<QuantizationParameters>(4); }
  bool is_variable() const { return Scalar<uint8_t>(5, 0) != 0; }
  bool is_sparse() const { return Field(6, 4) != nullptr; }
};

class Operator : public flat::Table {
 public:
  uint32_t opcode_index() const { return Scalar<uint32_t>(0, 0); }
  const flat::Vector<int32_t> *inputs() const { return Pointer<flat::Vector<int32_t>>(1); }
  const flat::Vector<int32_t> *outputs() const { return Pointer<flat::Vector<int32_t>>(2); }
  const flat::Table *builtin_options() const { return Pointer<flat::Table>(4); }
  const flat::Vector<uint8_t> *custom_options() const { return Pointer<flat::Vector<uint8_t>>(5); }
};

class OperatorCode : public flat::Table {
 public:
  int32_t deprecated_builtin_code() const { return Scalar<int8_t>(0, 0); }
  const flat::String *custom_code() const { return Pointer<flat::String>(1); }
  int32_t version() const { return Scalar<int32_t>(2, 1); }
  /* Old files have the operator in the deprecated field only, new ones in the new field or both. */
  BuiltinOperator builtin_code() const {
    const int32_t now = Scalar<int32_t>(3, 0), before = deprecated_builtin_code();
    return BuiltinOperator(now > before ? now : before);
  }
};

class SubGraph : public flat::Table {
 public:
  const flat::TableVector<Tensor> *tensors() const { return Pointer<flat::TableVector<Tensor>>(0); }
  const flat::Vector<int32_t> *inputs() const { return Pointer<flat::Vector<int32_t>>(1); }
  const flat::Vector<int32_t> *outputs() const { return Pointer<flat::Vector<int32_t>>(2); }
  const flat::TableVector<Operator> *operators() const {
    return Pointer<flat::TableVector<Operator>>(3);
  }
  const flat::String *name() const { return Pointer<flat::String>(4); }
};

class Buffer : public flat::Table {
 public:
  const flat::Vector<uint8_t> *data() const { return Pointer<flat::Vector<uint8_t>>(0); }
};

class Metadata : public flat::Table {
 public:
  const flat::String *name() const { return Pointer<flat::String>(0); }
  uint32_t buffer() const { return Scalar<uint32_t>(1, 0); }
};

class Model : public flat::Table {
 public:
  uint32_t version() const { return Scalar<uint32_t>(0, 0); }
  const flat::TableVector<OperatorCode> *operator_codes() const {
    return Pointer<flat::TableVector<OperatorCode>>(1);
  }
  const flat::TableVector<SubGraph> *subgraphs() const {
    return Pointer<flat::TableVector<SubGraph>>(2);
  }
  const flat::String *description() const { return Pointer<flat::String>(3); }
  const flat::TableVector<Buffer> *buffers() const { return Pointer<flat::TableVector<Buffer>>(4); }
  const flat::TableVector<Metadata> *metadata() const {
    return Pointer<flat::TableVector<Metadata>>(6);
  }
};

class Conv2DOptions : public flat::Table {
 public:
  Padding padding() const { return Padding(Scalar<int8_t>(0, 0)); }
  int32_t stride_w() const { return Scalar<int32_t>(1, 0); }
  int32_t stride_h() const { return Scalar<int32_t>(2, 0); }
  ActivationFunctionType fused_activation_function() const {
    return ActivationFunctionType(Scalar<int8_t>(3, 0));
  }
  int32_t dilation_w_factor() const { return Scalar<int32_t>(4, 1); }
  int32_t dilation_h_factor() const { return Scalar<int32_t>(5, 1); }
};

class SVDFOptions : public flat::Table {
 public:
  int32_t rank() const { return Scalar<int32_t>(0, 0); }
  ActivationFunctionType fused_activation_function() const {
    return ActivationFunctionType(Scalar<int8_t>(1, 0));
  }
};

class TransposeConvOptions : public flat::Table {
 public:
  Padding padding() const { return Padding(Scalar<int8_t>(0, 0)); }
  int32_t stride_w() const { return Scalar<int32_t>(1, 0); }
  int32_t stride_h() const { return Scalar<int32_t>(2, 0); }
  ActivationFunctionType fused_activation_function() const {
    return ActivationFunctionType(Scalar<int8_t>(3, 0));
  }
};

class DepthwiseConv2DOptions : public flat::Table {
 public:
  Padding padding() const { return Padding(Scalar<int8_t>(0, 0)); }
  int32_t stride_w() const { return Scalar<int32_t>(1, 0); }
  int32_t stride_h() const { return Scalar<int32_t>(2, 0); }
  int32_t depth_multiplier() const { return Scalar<int32_t>(3, 0); }
  ActivationFunctionType fused_activation_function() const {
    return ActivationFunctionType(Scalar<int8_t>(4, 0));
  }
  int32_t dilation_w_factor() const { return Scalar<int32_t>(5, 1); }
  int32_t dilation_h_factor() const { return Scalar<int32_t>(6, 1); }
};

class Pool2DOptions : public flat::Table {
 public:
  Padding padding() const { return Padding(Scalar<int8_t>(0, 0)); }
  int32_t stride_w() const { return Scalar<int32_t>(1, 0); }
  int32_t stride_h() const { return Scalar<int32_t>(2, 0); }
  int32_t filter_width() const { return Scalar<int32_t>(3, 0); }
  int32_t filter_height() const { return Scalar<int32_t>(4, 0); }
  ActivationFunctionType fused_activation_function() const {
    return ActivationFunctionType(Scalar<int8_t>(5, 0));
  }
};

class FullyConnectedOptions : public flat::Table {
 public:
  ActivationFunctionType fused_activation_function() const {
    return ActivationFunctionType(Scalar<int8_t>(0, 0));
  }
  int8_t weights_format() const { return Scalar<int8_t>(1, 0); }
};

class ConcatenationOptions : public flat::Table {
 public:
  int32_t axis() const { return Scalar<int32_t>(0, 0); }
  ActivationFunctionType fused_activation_function() const {
    return ActivationFunctionType(Scalar<int8_t>(1, 0));
  }
};

class PackOptions : public flat::Table {
 public:
  int32_t values_count() const { return Scalar<int32_t>(0, 0); }
  int32_t axis() const { return Scalar<int32_t>(1, 0); }
};

class UnpackOptions : public flat::Table {
 public:
  int32_t num() const { return Scalar<int32_t>(0, 0); }
  int32_t axis() const { return Scalar<int32_t>(1, 0); }
};

class StridedSliceOptions : public flat::Table {
 public:
  int32_t begin_mask() const { return Scalar<int32_t>(0, 0); }
  int32_t end_mask() const { return Scalar<int32_t>(1, 0); }
  int32_t ellipsis_mask() const { return Scalar<int32_t>(2, 0); }
  int32_t new_axis_mask() const { return Scalar<int32_t>(3, 0); }
  int32_t shrink_axis_mask() const { return Scalar<int32_t>(4, 0); }
  bool offset() const { return Scalar<uint8_t>(5, 0) != 0; }
};

class ResizeBilinearOptions : public flat::Table {
 public:
  bool align_corners() const { return Scalar<uint8_t>(2, 0) != 0; }
  bool half_pixel_centers() const { return Scalar<uint8_t>(3, 0) != 0; }
};

class ResizeNearestNeighborOptions : public flat::Table {
 public:
  bool align_corners() const { return Scalar<uint8_t>(0, 0) != 0; }
  bool half_pixel_centers() const { return Scalar<uint8_t>(1, 0) != 0; }
};

class SoftmaxOptions : public flat::Table {
 public:
  float beta() const { return Scalar<float>(0, 0.0f); }
};

class AddOptions : public flat::Table {
 public:
  ActivationFunctionType fused_activation_function() const {
    return ActivationFunctionType(Scalar<int8_t>(0, 0));
  }
};

class MulOptions : public flat::Table {
 public:
  ActivationFunctionType fused_activation_function() const {
    return ActivationFunctionType(Scalar<int8_t>(0, 0));
  }
};

class SubOptions : public flat::Table {
 public:
  ActivationFunctionType fused_activation_function() const {
    return ActivationFunctionType(Scalar<int8_t>(0, 0));
  }
};

class UnidirectionalSequenceLSTMOptions : public flat::Table {
 public:
  ActivationFunctionType fused_activation_function() const {
    return ActivationFunctionType(Scalar<int8_t>(0, 0));
  }
  float cell_clip() const { return Scalar<float>(1, 0.0f); }
  bool time_major() const { return Scalar<uint8_t>(3, 0) != 0; }
};

class LeakyReluOptions : public flat::Table {
 public:
  float alpha() const { return Scalar<float>(0, 0.0f); }
};

/* The model in a .tflite file that starts at `data`. */
inline const Model *GetModel(const void *data) {
  const uint8_t *bytes = static_cast<const uint8_t *>(data);
  return reinterpret_cast<const Model *>(bytes + flat::Load<uint32_t>(bytes));
}

/* Returns true if every offset that the accessors above follow stays inside the `size` bytes at `data`;
 * otherwise prints what is wrong with MicroPrintf. Call it before GetModel on an untrusted file. */
bool VerifyModel(const void *data, size_t size);

}  // namespace tflite
#endif
