/* world.c: see world.h. */
#include <fcntl.h>
#include <libpq-fe.h>
#include <openssl/hmac.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

#define TOLD 6 /* of each kind */

struct world world;

static _Atomic int64_t counts[VIOLATIONS], asked;
static const char *const names[] = { "failed", "own", "stale", "hidden", "different" };

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "stress: %s: %s\n", what, why);
	exit(2);
}

void
world_open(void)
{
	const char *port = getenv("DOUSHENG_PORT");
	char path[512];
	int fd;

	world.home = getenv("DOUSHENG_HOME");
	if (world.home == NULL || port == NULL)
		die("the environment", "DOUSHENG_HOME and DOUSHENG_PORT are not set");
	world.port = (int)strtol(port, NULL, 10);
	snprintf(path, sizeof(path), "%s/keys/token", world.home);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	world.key_len = fd < 0 ? 0 : (int)read(fd, world.key, sizeof(world.key));
	close(fd);
	if (world.key_len <= 0)
		die(path, "cannot be read");
}

PGconn *
world_database(void)
{
	char url[512];
	PGconn *db;

	snprintf(url, sizeof(url), "host=%s/run/postgres dbname=dousheng user=dousheng",
		 world.home);
	db = PQconnectdb(url);
	if (PQstatus(db) != CONNECTION_OK)
		die("database", PQerrorMessage(db));
	return db;
}

int64_t
world_number(PGconn *db, const char *format, ...)
{
	char sql[4096];
	int64_t number = 0;
	PGresult *res;
	va_list args;

	va_start(args, format);
	vsnprintf(sql, sizeof(sql), format, args);
	va_end(args);
	res = PQexec(db, sql);
	if (PQresultStatus(res) != PGRES_TUPLES_OK && PQresultStatus(res) != PGRES_COMMAND_OK)
		die(sql, PQerrorMessage(db));
	if (PQntuples(res) > 0)
		number = strtoll(PQgetvalue(res, 0, 0), NULL, 10);
	PQclear(res);
	return number;
}

static size_t
base64url(const void *data, size_t n, char *out)
{
	size_t len = (size_t)EVP_EncodeBlock((unsigned char *)out, data, (int)n), i;

	while (len > 0 && out[len - 1] == '=')
		out[--len] = '\0';
	for (i = 0; i < len; i++)
		out[i] = out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i];
	return len;
}

void
world_token(int64_t user, char out[TOKEN_MAX])
{
	static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int mac_len = 0;
	char payload[96];
	size_t n;
	int len = snprintf(payload, sizeof(payload), "{\"exp\":%lld,\"iat\":%lld,\"sub\":\"%lld\"}",
			   (long long)time(NULL) + 259200, (long long)time(NULL), (long long)user);

	n = base64url(header, sizeof(header) - 1, out);
	out[n++] = '.';
	n += base64url(payload, (size_t)len, out + n);
	HMAC(EVP_sha256(), world.key, world.key_len, (unsigned char *)out, n, mac, &mac_len);
	out[n++] = '.';
	base64url(mac, mac_len, out + n);
}

void
violated(enum violation kind, const char *format, ...)
{
	char text[1024];
	va_list args;

	if (atomic_fetch_add(&counts[kind], 1) >= TOLD)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "violation (%s): %s\n", names[kind], text);
}

int64_t
violations(enum violation kind)
{
	return counts[kind];
}

void
count_operation(void)
{
	atomic_fetch_add(&asked, 1);
}

int64_t
operations(void)
{
	return asked;
}
