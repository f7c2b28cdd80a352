/* Sigmoid and hyperbolic tangent on int16, by interpolation in a table, as in TensorFlow Lite Micro.
 *
 * nn_sigmoid_q15      1 / (1 + exp(-x)) in Q0.15 of x in Q3.12.
 * nn_tanh_q15         tanh(x) in Q0.15 of x in Q3.12 * 2^shift; shift -31..14.
 *
 * tanh(x) is 2 * sigmoid(2x) - 1. x is counted in points: 24 are 1.0 for the sigmoid, 48 for the tangent.
 */
#ifndef CFUFORGE_NN_SIGMOID_Q15_H
#define CFUFORGE_NN_SIGMOID_Q15_H

#include <stdint.h>

/* 1 / (1 + exp(-i / 24)) in Q0.16; some are 1 more than the rounded value. */
static const uint16_t sigmoid_points[256] = {
    32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149,
    40794, 41432, 42064, 42688, 43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369,
    47911, 48443, 48964, 49475, 49975, 50464, 50942, 51409, 51865, 52311, 52745, 53169,
    53581, 53983, 54374, 54755, 55125, 55485, 55834, 56174, 56503, 56823, 57133, 57433,
    57724, 58007, 58280, 58544, 58800, 59048, 59288, 59519, 59743, 59959, 60168, 60370,
    60565, 60753, 60935, 61110, 61279, 61441, 61599, 61750, 61896, 62036, 62172, 62302,
    62428, 62549, 62666, 62778, 62886, 62990, 63090, 63186, 63279, 63368, 63454, 63536,
    63615, 63691, 63765, 63835, 63903, 63968, 64030, 64090, 64148, 64204, 64257, 64308,
    64357, 64405, 64450, 64494, 64536, 64576, 64614, 64652, 64687, 64721, 64754, 64786,
    64816, 64845, 64873, 64900, 64926, 64950, 64974, 64997, 65019, 65039, 65060, 65079,
    65097, 65115, 65132, 65149, 65164, 65179, 65194, 65208, 65221, 65234, 65246, 65258,
    65269, 65280, 65291, 65301, 65310, 65319, 65328, 65337, 65345, 65352, 65360, 65367,
    65374, 65381, 65387, 65393, 65399, 65404, 65410, 65415, 65420, 65425, 65429, 65433,
    65438, 65442, 65445, 65449, 65453, 65456, 65459, 65462, 65465, 65468, 65471, 65474,
    65476, 65479, 65481, 65483, 65485, 65488, 65489, 65491, 65493, 65495, 65497, 65498,
    65500, 65501, 65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513,
    65514, 65515, 65516, 65517, 65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522,
    65523, 65523, 65524, 65524, 65525, 65525, 65526, 65526, 65526, 65527, 65527, 65528,
    65528, 65528, 65529, 65529, 65529, 65529, 65530, 65530, 65530, 65530, 65531, 65531,
    65531, 65531, 65531, 65532, 65532, 65532, 65532, 65532, 65532, 65533, 65533, 65533,
    65533, 65533, 65533, 65533, 65533, 65534, 65534, 65534, 65534, 65534, 65534, 65534,
    65534, 65534, 65534, 65535,
};

/* The sigmoid of `points`, 0 or more, with that many fractional bits, in Q0.16 with as many extra bits. */
static inline int32_t nn_between_points(int32_t points, int32_t bits) {
  const uint16_t *const at = sigmoid_points + (points >> bits);
  const int32_t rest = points & ((1 << bits) - 1);
  return (at[0] << bits) + rest * (at[1] - at[0]);
}

/* The sigmoid is odd around 1/2, but for the rounding: of -points, (2 - upper + half - 1) >> 10 = (~upper + half) >> 10
 * + 1.0. x has 16 bits, whose points are fewer than 255. */
static inline int32_t nn_sigmoid_q15(int32_t x) {
  const int32_t points = 3 * x, sign = points >> 31, half = 1 << 9;
  const int32_t upper = nn_between_points((points ^ sign) - sign, 9);
  return (((upper ^ sign) + half) >> 10) + (sign & 1 << 15);
}

static inline int32_t nn_tanh_q15(int32_t x, int32_t shift) {
  const int32_t round = shift < 0 ? 1 << (-shift - 1) : 0;
  const int32_t points = shift < 0 ? (3 * x + round) >> -shift : 3 * x * (1 << shift);
  const int32_t sign = points >> 31, size = (points ^ sign) - sign, half = 1 << 7;
  const int32_t upper = size >> 8 >= 255 ? 0xffff << 8 : nn_between_points(size, 8);
  return (((upper - (1 << 23)) ^ sign) + half) >> 8;
}

#endif
