/*
 * conf.h: the settings of an instance, as listed in settings.def.
 *
 * A value comes from the environment, else from $DOUSHENG_HOME/dousheng.conf,
 * else it is the default.
 */
#ifndef DS_CONF_H
#define DS_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONF_TEXT_MAX 512

struct conf {
	char home[CONF_TEXT_MAX]; /* absolute path of the instance's folder */

#define TEXT(name, ...) char name[CONF_TEXT_MAX];
#define INT(name, ...) int64_t name;
#define BOOL(name, ...) bool name;
#include "base/settings.def"
#undef TEXT
#undef INT
#undef BOOL
};

struct conf_setting {
	const char *name; /* in the file */
	enum { CONF_TEXT, CONF_INT, CONF_BOOL } type;
	size_t offset;	     /* of the field in struct conf */
	const char *initial; /* default, as one would write it */
	int64_t min, max;    /* of an integer */
	const char *choices; /* of a text, "a|b"; NULL: any */
	const char *help;    /* what it does, for documents and the commented file */
};

/* The table; ends with a NULL name. */
extern const struct conf_setting conf_settings[];

/*
 * Fills c.  On a bad file or value: false, and why[size] holds a sentence that
 * names file, line and setting.
 */
bool conf_load(struct conf *c, char *why, size_t size);

/* The setting of this name, or NULL. */
const struct conf_setting *conf_find(const char *name);

#define CONF_ENV_MAX 64

/* The setting's environment variable, into out[CONF_ENV_MAX]. */
void conf_env(const struct conf_setting *s, char *out);

/* The value of a setting as one would write it, into out[size]. */
void conf_value(const struct conf *c, const struct conf_setting *s, char *out, size_t size);

/*
 * Where the servers are: what the settings say, or the private ones, whose
 * sockets lie in the instance's folder.  role: of a private database.
 */
void conf_database(const struct conf *c, const char *role, char *out, size_t size);
void conf_redis(const struct conf *c, char *out, size_t size);

#endif
