#include "main_functions.h"

int main() {
  setup();
  for (int picture = 0; picture < 2; ++picture) loop();
  return 0;
}
