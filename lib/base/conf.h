/*
 * conf.h: the settings of an instance.
 *
 * One table (conf.c) names them all, with default, bounds and a sentence.
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

	char database_url[CONF_TEXT_MAX];
	char redis_url[CONF_TEXT_MAX];
	char base_url[CONF_TEXT_MAX];
	char listen_address[CONF_TEXT_MAX];
	char tls_certificate[CONF_TEXT_MAX];
	char tls_key[CONF_TEXT_MAX];
	int64_t tls_port;
	int64_t hsts_s;
	char trusted_proxies[CONF_TEXT_MAX];
	int64_t client_timeout_s;
	int64_t connections_max;
	char language[CONF_TEXT_MAX];
	char message_policy[CONF_TEXT_MAX];
	char default_signature[CONF_TEXT_MAX];
	char log_level[CONF_TEXT_MAX];
	char log_format[CONF_TEXT_MAX];
	char log_to[CONF_TEXT_MAX];
	bool upload_sync;
	bool keep_original;
	bool sandbox;
	int64_t slow_ms;
	char ops_networks[CONF_TEXT_MAX];
	char otlp_endpoint[CONF_TEXT_MAX];
	char otlp_headers[CONF_TEXT_MAX];
	int64_t otlp_percent;
	char trace_networks[CONF_TEXT_MAX];
	int64_t disk_min_mb;
	int64_t queue_max_s;
	int64_t upload_max_mb;
	int64_t spool_max_mb;
	int64_t body_max_kb;
	int64_t video_max_seconds;
	int64_t video_max_side;
	int64_t video_max_gigapixels;
	int64_t video_kbps, key_frame_s, loudness_lufs;
	int64_t processing_max;
	int64_t account_max_mb;
	int64_t upload_hours;
	int64_t failed_days;
	int64_t rate_read;
	int64_t rate_register;
	int64_t rate_login;
	int64_t rate_publish;
	int64_t rate_write;
	int64_t login_delay_s;
	int64_t token_days;
	int64_t database_timeout_ms;
	int64_t redis_timeout_ms;
	int64_t redis_memory_mb;
	int64_t postgres_memory_mb;
	bool database_shared;
	int64_t transcode_processes;
	int64_t transcode_timeout_s;
	int64_t transcode_pace;
	int64_t transcode_memory_mb;
};

struct conf_setting {
	const char *name; /* in the file */
	const char *env;  /* in the environment */
	enum { CONF_TEXT, CONF_INT, CONF_BOOL } type;
	size_t offset;	     /* of the field in struct conf */
	const char *initial; /* default, as one would write it */
	int64_t min, max;    /* of an integer */
	const char *choices; /* of a text, "a|b"; NULL: any */
	const char *help;    /* one sentence */
};

/* The table; ends with a NULL name. */
extern const struct conf_setting conf_settings[];

/*
 * Fills c.  On a bad file or value: false, and why[size] holds a sentence that
 * names file, line and setting.
 */
bool conf_load(struct conf *c, char *why, size_t size);

/* The value of a setting as one would write it, into out[size]. */
void conf_value(const struct conf *c, const struct conf_setting *s, char *out, size_t size);

/*
 * Where the servers are: what the settings say, or the private ones, whose
 * sockets lie in the instance's folder.  role: of a private database.
 */
void conf_database(const struct conf *c, const char *role, char *out, size_t size);
void conf_redis(const struct conf *c, char *out, size_t size);

#endif
