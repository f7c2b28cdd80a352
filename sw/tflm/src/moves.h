/* Shared by the operators that move data: checks and loops. */
#ifndef CFUFORGE_MOVES_H
#define CFUFORGE_MOVES_H

#include "prepare_kernel.h"

namespace tflite {

/* A set of types. */
constexpr uint32_t TypeBit(TfLiteType type) { return 1u << type; }
constexpr uint32_t kCommonTypes = TypeBit(kTfLiteInt8) | TypeBit(kTfLiteInt16) |
                                  TypeBit(kTfLiteInt32) | TypeBit(kTfLiteFloat32);

/* Input or output `index` in Prepare, of one of `types` and not empty. If it is not, reports that and
 * returns null. */
const TfLiteTensor *InputOf(TfLiteContext *context, TfLiteNode *node, int index, uint32_t types);
const TfLiteTensor *OutputOf(TfLiteContext *context, TfLiteNode *node, int index, uint32_t types);

/* The `count` int32 values of input `index`, a constant; if it is not, reports that and returns null. */
const int32_t *ConstantOf(TfLiteContext *context, TfLiteNode *node, int index, const char *what,
                          int count);

/* An axis counted from 0; negative ones in the model count from the end. */
TfLiteStatus AxisOf(TfLiteContext *context, int32_t given, int rank, int *axis);

/* "input 1 must have ... along dimension 2": reports a dimension that is not as expected. */
TfLiteStatus CheckDim(TfLiteContext *context, const char *kind, int index,
                      const TfLiteTensor *tensor, int dimension, int32_t expected);
TfLiteStatus CheckRank(TfLiteContext *context, const char *kind, int index,
                       const TfLiteTensor *tensor, int expected);

/* The move of elements of `element` bytes along `count` axes, at most NN_MOVE_AXES, innermost last, in as
 * few and as long runs as possible. */
nn_move_params Move(int32_t element, const nn_move_axis *axes, int count);

/* The data of an operator that moves input 0, from byte `offset` on, to output 0. */
struct MoveData {
  nn_move_params move;
  int32_t offset;
};

/* Sets node->user_data to a MoveData, to be filled, and finds the tensors, of one of `types`, with 1 to
 * `most` dimensions. On errors, reports them and returns null. */
MoveData *NewMove(TfLiteContext *context, TfLiteNode *node, uint32_t types, int most,
                  const TfLiteTensor **input, const TfLiteTensor **output);

/* The last step of Prepare of a MoveData. */
TfLiteStatus PrepareMove(TfLiteContext *context, TfLiteNode *node);

/* Eval of a MoveData, and of any move. */
TfLiteStatus EvalMove(TfLiteContext *context, TfLiteNode *node);
TfLiteStatus MoveTensor(TfLiteContext *context, TfLiteNode *node, const nn_move_params &move,
                        int32_t offset);

/* The dims of input 0 and output 0 of a RESIZE of one of `types`: both have the same batches and
 * channels, the output the size that the constant input 1 says, and no size is above `most`. */
TfLiteStatus ResizeDims(TfLiteContext *context, TfLiteNode *node, uint32_t types, int32_t most,
                        nn_dims *input, nn_dims *output);

/* A tensor and its parts along an axis, in rows of bytes. */
struct Parts {
  int32_t rows;  /* the product of the dimensions before the axis */
  int32_t whole; /* bytes per row of the whole */
  int32_t count;
  struct {
    int32_t bytes; /* per row */
    int32_t kept, size; /* where what the kernel keeps for the part begins, and its bytes */
  } part[];
};

/* Sets node->user_data to Parts for `count` parts, filled except for `part`, from the shape of the whole
 * and the axis. Null if the arena is full. */
Parts *NewParts(TfLiteContext *context, TfLiteNode *node, const TfLiteTensor *whole, int axis,
                int count);

/* The last step of Prepare: `join` if the parts are the inputs. */
TfLiteStatus PrepareMoves(TfLiteContext *context, TfLiteNode *node, bool join);

/* Eval: from all inputs to output 0, and from input `from` to all outputs. */
TfLiteStatus JoinParts(TfLiteContext *context, TfLiteNode *node);
TfLiteStatus SplitParts(TfLiteContext *context, TfLiteNode *node, int from);

}  // namespace tflite
#endif
