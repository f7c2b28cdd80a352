/* Helpers for kernels that compute several outputs at once, in registers.
 *
 * NN_INLINE   a function that is compiled into its callers, where its block sizes are constants.
 * NN_UNROLL   before a loop over a block: no loop is left, and the block's arrays become registers.
 * NN_HOLD     after a step of an unrolled loop: keeps the compiler from mixing the steps, which
 *             would need more registers than there are.
 */
#ifndef CFUFORGE_NN_BLOCKING_H
#define CFUFORGE_NN_BLOCKING_H

#define NN_INLINE static inline __attribute__((always_inline))
#define NN_HOLD(value) __asm__ volatile("" : "+r"(value) : : "memory")
#ifdef __clang__
#define NN_UNROLL _Pragma("clang loop unroll(full)")
#else
#define NN_UNROLL _Pragma("GCC unroll 8")
#endif

#endif
