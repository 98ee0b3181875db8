/*
 * params.c: FastCGI parameters and a body, through the dispatcher and every
 * handler.  fake.h has the checks of replies and statements.
 *
 * The input: four bytes for the database's behaviour, then the request.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "fake.h"
#include "routes.h"

/* The body in a file, as nginx passes large ones. */
static int
spool(struct input *in, char *parameter, size_t size)
{
	const char *blank = in->n > 0 ? memmem(in->p, in->n, "\n\n", 2) : NULL;
	int fd = memfd_create("body", 0);
	size_t n = blank == NULL ? 0 : in->n - (size_t)(blank + 2 - in->p);

	CLAIM(fd >= 0 && (n == 0 || write(fd, blank + 2, n) == (ssize_t)n));
	in->n -= n;
	snprintf(parameter, size, "REQUEST_BODY_FILE=/proc/self/fd/%d", fd);
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake fake = { .length = 10, .body_file = NULL };
	struct input in = { (const char *)data, size };
	const char *extra[2] = { NULL, NULL };
	char file[64];
	unsigned mood;
	struct reply reply;
	int fd = -1;

	fake.seed = take_byte(&in) | take_byte(&in) << 8;
	mood = take_byte(&in);
	fake.fails = take_byte(&in) % 6;
	fake.no_upload = mood & 1;
	if (mood & 2) {
		fd = spool(&in, file, sizeof(file));
		extra[0] = fake.body_file = file;
	}
	fake_ask(&fake, extra, &in, &reply);
	if (fd >= 0)
		close(fd);
	reply_release(&reply);
	return 0;
}
