/* How a program aborts. */
#ifndef TENSORFLOW_LITE_KERNELS_OP_MACROS_H_
#define TENSORFLOW_LITE_KERNELS_OP_MACROS_H_

#include "tensorflow/lite/micro/micro_log.h"

/* A trap: on the SoC, it ends the run and reports the place. */
#define TFLITE_ABORT __builtin_trap()
#ifdef NDEBUG
#define TFLITE_ASSERT_FALSE (static_cast<void>(0))
#else
#define TFLITE_ASSERT_FALSE TFLITE_ABORT
#endif

#define TF_LITE_FATAL(text)   \
  do {                        \
    MicroPrintf("%s", text);  \
    TFLITE_ABORT;             \
  } while (0)
#define TF_LITE_ASSERT(condition)                        \
  do {                                                   \
    if (!(condition)) TF_LITE_FATAL(#condition " is not so"); \
  } while (0)

#endif
