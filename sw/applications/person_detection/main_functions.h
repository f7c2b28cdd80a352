/* The application in two parts: setup, called once, and loop, called repeatedly. */
#ifndef MAIN_FUNCTIONS_H_
#define MAIN_FUNCTIONS_H_

#ifdef __cplusplus
extern "C" {
#endif

void setup();
void loop();

#ifdef __cplusplus
}
#endif
#endif
