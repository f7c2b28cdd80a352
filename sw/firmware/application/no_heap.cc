/* There is no heap, here as on the SoC, and nothing is ever deleted; but virtual destructors refer to these
 * functions. */
#include <stddef.h>

void operator delete(void *) noexcept {}
void operator delete(void *, size_t) noexcept {}
