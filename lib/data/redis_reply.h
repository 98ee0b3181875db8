/* redis_reply.h: a reply of Redis, as redis_receive() returns it. */
#ifndef DS_REDIS_REPLY_H
#define DS_REDIS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct redis_reply {
	enum { REDIS_NIL, REDIS_TEXT, REDIS_STATUS, REDIS_ERROR, REDIS_NUMBER, REDIS_ARRAY } type;
	const char *text; /* of a string, status or error: len bytes */
	size_t len;
	int64_t number;
	const struct redis_reply *elements; /* of an array: n elements */
	size_t n;
};

/* Is it the error of a command for another type of value? */
static inline bool
redis_wrong_type(const struct redis_reply *reply)
{
	static const char word[] = "WRONGTYPE";
	size_t n = sizeof(word) - 1, i = 0;

	if (reply->type != REDIS_ERROR || reply->len < n)
		return false;
	while (i < n && reply->text[i] == word[i])
		i++;
	return i == n;
}

#endif
