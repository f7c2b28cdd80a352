/* There is no heap, here as on the SoC, so that nothing is deleted; virtual destructors want these all
 * the same. */
#include <stddef.h>

void operator delete(void *) noexcept {}
void operator delete(void *, size_t) noexcept {}
