/* frame.h: a reply as FastCGI records (FastCGI 1.0, 3.3), sent in one write. */
#ifndef DS_FRAME_H
#define DS_FRAME_H

#include <stdbool.h>

#include "http/reply.h"

/*
 * Sends HTTP header, body and the end of the request to a blocking socket.
 * False if the connection is broken.
 */
bool frame_send(int fd, int request_id, const struct reply *reply);

#endif
