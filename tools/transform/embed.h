/* What others may ask the step embed. */
#ifndef QF_TRANSFORM_EMBED_H
#define QF_TRANSFORM_EMBED_H

/* The name of the vector that an opened step of the name "embed" fills. */
const char *qf_embed_step_vector(const void *state);

#endif
