/* The types that operators and the interpreter share, under TensorFlow Lite's names. */
#ifndef TENSORFLOW_LITE_C_COMMON_H_
#define TENSORFLOW_LITE_C_COMMON_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum TfLiteStatus { kTfLiteOk = 0, kTfLiteError = 1 } TfLiteStatus;

typedef enum {
  kTfLiteNoType = 0,
  kTfLiteFloat32 = 1,
  kTfLiteInt32 = 2,
  kTfLiteUInt8 = 3,
  kTfLiteInt64 = 4,
  kTfLiteString = 5,
  kTfLiteBool = 6,
  kTfLiteInt16 = 7,
  kTfLiteComplex64 = 8,
  kTfLiteInt8 = 9,
  kTfLiteFloat16 = 10,
  kTfLiteFloat64 = 11,
  kTfLiteComplex128 = 12,
  kTfLiteUInt64 = 13,
  kTfLiteResource = 14,
  kTfLiteVariant = 15,
  kTfLiteUInt32 = 16,
  kTfLiteUInt16 = 17,
  kTfLiteInt4 = 18,
  kTfLiteBFloat16 = 19,
} TfLiteType;

const char *TfLiteTypeGetName(TfLiteType type);

/* The layout of a flatbuffer's vector, so that shapes and index lists are used in place. */
typedef struct TfLiteIntArray {
  int size;
  int data[];
} TfLiteIntArray;

typedef struct TfLiteFloatArray {
  int size;
  float data[];
} TfLiteFloatArray;

typedef enum { kTfLiteNoQuantization = 0, kTfLiteAffineQuantization = 1 } TfLiteQuantizationType;

typedef struct {
  float scale;
  int32_t zero_point;
} TfLiteQuantizationParams;

/* One scale for the tensor, or one per index of dimension `quantized_dimension`. With several scales all
 * zero points are 0: the loader refuses others. */
typedef struct {
  const TfLiteFloatArray *scale;
  int32_t quantized_dimension;
} TfLiteAffineQuantization;

typedef struct {
  TfLiteQuantizationType type;
  TfLiteAffineQuantization affine; /* valid for kTfLiteAffineQuantization */
} TfLiteQuantization;

typedef union {
  void *data;
  char *raw;
  const char *raw_const;
  int8_t *int8;
  uint8_t *uint8;
  int16_t *i16;
  uint16_t *ui16;
  int32_t *i32;
  uint32_t *u32;
  int64_t *i64;
  uint64_t *u64;
  float *f;
  double *f64;
  bool *b;
} TfLitePtrUnion;

typedef enum {
  kTfLiteMemNone = 0,
  kTfLiteMmapRo = 1,  /* a constant, read in the model */
  kTfLiteArenaRw = 2, /* planned: lives from the operator that writes it to the last reader */
  kTfLiteArenaRwPersistent = 3, /* a variable: lives as long as the interpreter */
} TfLiteAllocationType;

/* A tensor with all its properties, as seen by Prepare and the application. */
typedef struct TfLiteTensor {
  TfLiteType type;
  TfLitePtrUnion data;
  TfLiteIntArray *dims; /* in the model; non-const only for compatibility with TFLM */
  TfLiteQuantizationParams params; /* the first scale and zero point; 0 if none */
  TfLiteQuantization quantization;
  TfLiteAllocationType allocation_type;
  bool is_variable;
  size_t bytes;
  const char *name;
} TfLiteTensor;

/* A tensor with only what Eval needs. */
typedef struct TfLiteEvalTensor {
  TfLitePtrUnion data;
  TfLiteIntArray *dims;
  TfLiteType type;
} TfLiteEvalTensor;

#define kTfLiteOptionalTensor (-1)

typedef struct TfLiteNode {
  const TfLiteIntArray *inputs;
  const TfLiteIntArray *outputs;
  void *user_data; /* what init returned, or Prepare set */
  /* For init and Prepare only, null in Eval: what Eval needs of them belongs into user_data. */
  const void *builtin_data; /* the operator's options in the model, e.g. tflite::Conv2DOptions */
  const void *custom_initial_data;
  int custom_initial_data_size;
} TfLiteNode;

typedef struct TfLiteContext {
  void *impl_; /* a tflite::MicroContext */
  void *(*AllocatePersistentBuffer)(struct TfLiteContext *context, size_t bytes);
  TfLiteStatus (*RequestScratchBufferInArena)(struct TfLiteContext *context, size_t bytes,
                                              int *buffer_index);
  void *(*GetScratchBuffer)(struct TfLiteContext *context, int buffer_index);
  TfLiteEvalTensor *(*GetEvalTensor)(const struct TfLiteContext *context, int tensor_index);
  /* Reports an error, formatted as by printf, after the operator's name and index. */
  void (*ReportError)(struct TfLiteContext *context, const char *format, ...);
} TfLiteContext;

#define TF_LITE_KERNEL_LOG(context, ...) (context)->ReportError((context), __VA_ARGS__)

#define TF_LITE_ENSURE_MSG(context, condition, ...) \
  do {                                              \
    if (!(condition)) {                             \
      TF_LITE_KERNEL_LOG((context), __VA_ARGS__);   \
      return kTfLiteError;                          \
    }                                               \
  } while (0)

#define TF_LITE_ENSURE(context, condition) \
  TF_LITE_ENSURE_MSG(context, condition, "%s is not so (%s:%d)", #condition, __FILE__, __LINE__)

#define TF_LITE_ENSURE_EQ(context, a, b)                                                     \
  TF_LITE_ENSURE_MSG(context, (a) == (b), "%s is %d, not %s = %d (%s:%d)", #a, (int)(a), #b, \
                     (int)(b), __FILE__, __LINE__)

#define TF_LITE_ENSURE_TYPES_EQ(context, a, b)                    \
  TF_LITE_ENSURE_MSG(context, (a) == (b), "%s is %s, not %s", #a, \
                     TfLiteTypeGetName((TfLiteType)(a)), TfLiteTypeGetName((TfLiteType)(b)))

#define TF_LITE_ENSURE_STATUS(expression)                 \
  do {                                                    \
    const TfLiteStatus ensure_status = (expression);      \
    if (ensure_status != kTfLiteOk) return ensure_status; \
  } while (0)
#define TF_LITE_ENSURE_OK(context, expression) TF_LITE_ENSURE_STATUS(expression)

#ifdef __cplusplus
}
#endif
#endif
