/*
 * conf.h: the settings of an instance, as listed in settings.def.
 *
 * A value comes from the environment, else from $DOUSHENG_HOME/dousheng.conf,
 * else the default is used.
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
	const char *name; /* in dousheng.conf */
	enum { CONF_TEXT, CONF_INT, CONF_BOOL } type;
	size_t offset;	     /* of the field in struct conf */
	const char *initial; /* the default, as written in dousheng.conf */
	int64_t min, max;    /* bounds of an integer */
	const char *choices; /* allowed values of a text, "a|b"; NULL: any */
	const char *help;    /* what it does, for documents and the commented file */
};

/* The table of settings. The last entry has a NULL name. */
extern const struct conf_setting conf_settings[];

/*
 * Loads all settings into c.  False for an unreadable file or an invalid value;
 * why[size] then names file, line and setting.
 */
bool conf_load(struct conf *c, char *why, size_t size);

/* The setting of this name, or NULL. */
const struct conf_setting *conf_find(const char *name);

#define CONF_ENV_MAX 64

/* Writes the setting's environment variable into out[CONF_ENV_MAX]. */
void conf_env(const struct conf_setting *s, char *out);

/* Writes the value of a setting into out[size], in the form of dousheng.conf. */
void conf_value(const struct conf *c, const struct conf_setting *s, char *out, size_t size);

/*
 * Writes the address of PostgreSQL and of Redis: the setting, or the socket of
 * the private server in the instance's folder.  role: the user of a private
 * database.
 */
void conf_database(const struct conf *c, const char *role, char *out, size_t size);
void conf_redis(const struct conf *c, char *out, size_t size);

#endif
