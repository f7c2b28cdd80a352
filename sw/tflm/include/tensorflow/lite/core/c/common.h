/* TFLM's own place of c/common.h. */
#include "tensorflow/lite/c/common.h"
