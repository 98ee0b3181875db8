/*
 * keys.h: all key names in Redis.
 *
 * dousheng:epoch	   the epoch in force: a random word
 * EPOCH:{u:7}:card	   account 7 as a JSON fragment
 *
 * The part in braces is what a Redis cluster hashes, so all that belongs to
 * one user or one video lies on one node.
 */
#ifndef DS_KEYS_H
#define DS_KEYS_H

#include <stdint.h>

#define KEY_EPOCH "dousheng:epoch"
#define KEY_EPOCH_LEN 16
#define KEY_MAX 64

enum key_kind { KEY_USER_CARD };

struct key {
	char text[KEY_MAX];
	int len;
};

struct key key_make(const char *epoch, enum key_kind kind, int64_t id);

#endif
