/* trace.c: see trace.h. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/text.h"
#include "obs/trace.h"

#define DIGITS "0123456789abcdef"

/* Is text n hexadecimal digits, not all of them 0? */
static bool
is_id(const char *text, size_t n)
{
	return strspn(text, DIGITS) >= n && strspn(text, "0") < n;
}

bool
trace_is_id(const char *text)
{
	return strlen(text) == TRACE_ID_LEN && is_id(text, TRACE_ID_LEN);
}

/* 00-<32 digits>-<16 digits>-<2 digits>: the dashes are at 2, 35 and 52. */
bool
trace_read(struct trace *t, const char *text)
{
	size_t len = strlen(text);

	if (len < TRACE_PARENT_LEN || strspn(text, DIGITS) != 2 || memcmp(text, "ff", 2) == 0)
		return false;
	if (memcmp(text, "00", 2) == 0 ? len != TRACE_PARENT_LEN
				       : len > TRACE_PARENT_LEN && text[TRACE_PARENT_LEN] != '-')
		return false;
	if (text[2] != '-' || text[35] != '-' || text[52] != '-' || !is_id(text + 3, 32) ||
	    !is_id(text + 36, 16) || strspn(text + 53, DIGITS) < 2)
		return false;
	memset(t, 0, sizeof(*t));
	memcpy(t->id, text + 3, TRACE_ID_LEN);
	memcpy(t->parent, text + 36, TRACE_SPAN_LEN);
	t->sampled = ((strchr(DIGITS, text[54]) - DIGITS) & 1) != 0;
	return true;
}

bool
trace_sampled_by_id(const char id[TRACE_ID_LEN + 1], unsigned int percent)
{
	return strtoull(id + TRACE_ID_LEN - 8, NULL, 16) * 100 < (uint64_t)percent << 32;
}

void
trace_write(const struct trace *t, char out[TRACE_PARENT_LEN + 1])
{
	memcpy(out, "00-", 3);
	memcpy(out + 3, t->id, TRACE_ID_LEN);
	out[35] = '-';
	memcpy(out + 36, t->span, TRACE_SPAN_LEN);
	memcpy(out + 52, t->sampled ? "-01" : "-00", 4);
}

/* splitmix64 (Steele et al., 2014): ids must be unique; they need not be unpredictable. */
static uint64_t
next(uint64_t *state)
{
	uint64_t z;

	if (*state == 0 && getrandom(state, sizeof(*state), 0) != sizeof(*state))
		*state = (uint64_t)time_monotonic_us();
	z = *state += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

void
trace_new_span(uint64_t *state, char out[TRACE_SPAN_LEN + 1])
{
	uint64_t id = next(state) | 1; /* not all zeros */
	int i;

	for (i = TRACE_SPAN_LEN; i-- > 0; id >>= 4)
		out[i] = DIGITS[id & 15];
	out[TRACE_SPAN_LEN] = '\0';
}

void
trace_new_id(uint64_t *state, char out[TRACE_ID_LEN + 1])
{
	trace_new_span(state, out);
	trace_new_span(state, out + TRACE_SPAN_LEN);
}
