/* The model: hello_world, y = sin(x), with one int8 input and output. */
#ifndef MODEL_H_
#define MODEL_H_

extern const unsigned char g_hello_world_model_data[];

#endif
