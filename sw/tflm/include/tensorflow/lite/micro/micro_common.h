/* The registration of an operator. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_COMMON_H_
#define TENSORFLOW_LITE_MICRO_MICRO_COMMON_H_

#include "tensorflow/lite/c/common.h"

/* Builtin options need no parser here: they are read in place in the model (TfLiteNode::builtin_data). */
struct TFLMRegistration {
  /* Called once, before Prepare; returns node->user_data. For a custom operator `buffer` is its
   * custom_options; for a builtin operator it is node->builtin_data and `length` is 0. */
  void *(*init)(TfLiteContext *context, const char *buffer, size_t length);
  void (*free)(TfLiteContext *context, void *buffer);
  /* Prepare: checks everything that can be wrong, and computes what Eval needs. */
  TfLiteStatus (*prepare)(TfLiteContext *context, TfLiteNode *node);
  /* Eval: computes the outputs. */
  TfLiteStatus (*invoke)(TfLiteContext *context, TfLiteNode *node);
  int32_t builtin_code; /* tflite::BuiltinOperator */
  const char *custom_name;
};

#endif
