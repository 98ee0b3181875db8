# dousheng: short videos on your own server.
#
#   make up      install missing packages, build, and start an instance
#   make down    stop the instance
#   make status  list its services
#   make reload  apply new programs and settings
#   make rotate  replace the key that signs tokens (NOW=1: also end all logins)
#   make doctor  check the instance and the machine, and suggest remedies
#   make fsck    compare files and database, and repair them (CHECK=1: only compare)
#   make docs    update the generated parts of the documents and static/openapi.yaml
#   make check   lint and the tests that take minutes (T="t/api t/web/feed.bats": these files)
#   make check-all  all tests (DEV=1: with sanitizers)
#   make distro  RELEASE=trixie: run make check on that release of Debian (T=...: these tests)
#   make clean   remove what was built
#
#   make bench          measure throughput and latency
#   make bench-hot-row  10,000 likes on one video, also with servers killed
#   make scale          measure with a million users (SCALE=0.1: with a tenth of that)
#   make fuzz           libFuzzer on the parsers of untrusted input, TIME (60) seconds each
#   make stress         the cache under concurrent writes, for TIME (60) seconds
#   make test-lease-mutation   stress with a delay, with leases (must pass) and without (must fail)
#   make soak           the mixed load of an app, for TIME (600) seconds
#   make fault          break and repair each part under load
#
# DOUSHENG_HOME (var) and DOUSHENG_PORT (8080) choose the instance.  DEV=1 builds with the address and
# undefined-behaviour sanitizers, HOOKS=1 with hooks for fault injection (lib/base/hooks.h).
# DOUSHENG_WEB=no leaves the web client out.

CC	?= gcc
# libjwt with GnuTLS verifies a token twice as fast as with OpenSSL 3.
JWT	:= $(shell pkg-config --exists libjwt-gnutls && echo libjwt-gnutls || echo libjwt)
PKGS	= libpq hiredis json-c $(JWT) libcrypto icu-i18n
CSTD	= -std=gnu11 -D_GNU_SOURCE
WARN	= -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	  -Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla

ifdef DEV
OUT	= build/dev$(if $(HOOKS),-hooks)
OPT	= -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
else
OUT	= build/$(if $(HOOKS),hooks,release)
OPT	= -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
endif

# libFuzzer and its sanitizers: t/fuzz.
ifdef FUZZ
CC	= clang
OUT	= build/fuzz
OPT	= -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
	  -fno-sanitize-recover=all
endif

# Warnings are errors in check, check-all, lint and fault, but not in an installation, because an untested compiler
# may have new ones.  Objects compiled with a warning (its text is in NAME.o.warned) are then recompiled.
STRICT	?= $(strip $(filter check check-all lint fault,$(MAKECMDGOALS)) $(DEV))
ifneq ($(STRICT),)
WARN	+= -Werror
WARNED	:= $(patsubst %.warned,%,$(shell find $(OUT) -name '*.o.warned' 2>/dev/null))
$(WARNED): always
endif
export STRICT

# Prefix of a compiler command: stores its warnings in TARGET.warned.
COMPILE	= said=$@.warned; rm -f "$$said"; compile() { \
	"$$@" 2>"$$said"; status=$$?; cat "$$said" >&2; \
	[ -s "$$said" ] || rm -f "$$said"; return $$status; }; compile

ifdef HOOKS
CPPFLAGS += -DTEST_HOOKS
endif

CFLAGS	?= $(OPT)
CPPFLAGS += $(CSTD) $(WARN) -Ilib -I$(OUT)/gen $(LIB_CFLAGS)
LIB_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LDLIBS	:= $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lfcgi -lscrypt -lseccomp -lm

LIB	= $(patsubst lib/%.c,$(OUT)/lib/%.o,$(wildcard lib/*/*.c)) $(OUT)/gen/statements.o
FCGI	= $(patsubst fcgi/%.c,$(OUT)/fcgi/%.o,$(wildcard fcgi/*.c))
GEN	= $(OUT)/gen/statements.h $(OUT)/gen/version.h
SQL	= $(sort $(wildcard sql/*.sql))
SCHEMA	= $(sort $(wildcard sql/schema/[0-9]*_*.sql))
JOBS	= $(patsubst jobs/%.c,$(OUT)/bin/%,$(wildcard jobs/*.c))
UNIT	= $(patsubst t/unit/%.c,$(OUT)/unit/%,$(wildcard t/unit/*.c))
BENCH	= $(OUT)/bench/empty $(OUT)/bench/cold
SCALE_PROGRAMS = $(OUT)/bench/rows $(OUT)/bench/latency
FUZZERS	= $(addprefix $(OUT)/fuzz/,form multipart integer utf8 token password json container \
	  params tus)
ALLOC	= $(if $(DEV),,$(OUT)/alloc/alloc)
STRESS_PARTS = http world model check chaos verify tally
STRESS	= $(OUT)/stress/stress $(OUT)/stress/hot_row $(OUT)/stress/load
DRIVER	= $(OUT)/driver/driver
COMMA	= ,
WRAPPED	= $(addprefix -Wl$(COMMA)--wrap=,$(WRAP))
PROGRAMS = $(OUT)/bin/worker $(JOBS)

export BIN = $(CURDIR)/$(OUT)/bin
export OUT DEV

all: $(PROGRAMS) web

# Skipped with a message if npm is not available.
web:
	@static/app/make-web

$(OUT)/bin/worker: $(FCGI) $(OUT)/lib.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(OUT)/bin/export: LDLIBS += -lcurl

$(JOBS): $(OUT)/bin/%: $(OUT)/jobs/%.o $(OUT)/lib.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Unit tests are linked with fcgi/, except main.o.
# They may replace functions of other modules (--wrap).
$(OUT)/unit/viewer_set: WRAP = db_run db_clear db_rows db_get_int cache_put cache_replace
$(OUT)/unit/db_retries: WRAP = PQconnectdbParams PQstatus PQfinish PQsetNoticeProcessor \
	  PQerrorMessage PQsocket PQisBusy PQsendPrepare PQsendQueryPrepared PQgetResult \
	  PQresultStatus PQresultErrorField PQresultErrorMessage PQclear PQntuples PQfnumber \
	  PQgetisnull PQgetlength PQgetvalue
$(UNIT): $(OUT)/unit/%: $(OUT)/t/unit/%.o $(filter-out %/main.o,$(FCGI)) $(OUT)/lib.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $(WRAPPED) -o $@ $^ $(LDLIBS)

$(OUT)/bench/empty: $(OUT)/t/bench/empty.o $(OUT)/fcgi/loop.o $(OUT)/fcgi/frame.o $(OUT)/lib.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(OUT)/bench/rows: $(OUT)/t/bench/rows.o
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lm

$(OUT)/bench/latency: $(OUT)/t/bench/latency.o $(OUT)/t/stress/http.o
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(OUT)/bench/cold: $(OUT)/t/bench/cold.o $(OUT)/t/stress/http.o
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lhiredis

# Replaces malloc(), so it cannot be combined with a sanitizer.
$(OUT)/alloc/alloc: WRAP = jwt_encode_str jwt_decode
$(OUT)/alloc/alloc: $(OUT)/t/alloc/alloc.o $(OUT)/t/alloc/heap.o $(OUT)/t/alloc/world.o \
		$(filter-out %/main.o,$(FCGI)) $(OUT)/lib.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) $(WRAPPED) -o $@ $^ $(LDLIBS)

# Fuzz targets are linked with the product; WRAP lists the functions that they replace.
$(OUT)/fuzz/password: WRAP = libscrypt_check
$(OUT)/fuzz/params $(OUT)/fuzz/tus: $(OUT)/t/fuzz/fake.o
$(OUT)/fuzz/params $(OUT)/fuzz/tus: WRAP = db_run db_clear db_rows db_is_null db_column \
	  db_get_int db_get_bool db_get_text libscrypt_hash libscrypt_check
$(FUZZERS): $(OUT)/fuzz/%: $(OUT)/t/fuzz/%.o $(filter-out %/main.o,$(FCGI)) $(OUT)/lib.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) -fsanitize=fuzzer $(LDFLAGS) $(WRAPPED) \
		-o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS)

# Clients that share no code with the product.
$(STRESS): $(OUT)/stress/%: $(OUT)/t/stress/%.o $(patsubst %,$(OUT)/t/stress/%.o,$(STRESS_PARTS))
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lpq -ljson-c -lcrypto -lpthread

# What a bats file asks instead of curl, jq and psql.
$(DRIVER): $(patsubst %.c,$(OUT)/%.o,$(wildcard t/driver/*.c))
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lpq -ljson-c -lpthread

$(OUT)/lib.a: $(LIB)
	@rm -f $@
	@echo "  AR  $@"
	@ar rcs $@ $^

$(OUT)/%.o: %.c $(GEN)
	@mkdir -p $(@D)
	@echo "  CC  $<"
	@$(COMPILE) $(CC) $(CPPFLAGS) -Ifcgi $(CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/gen/%.o: $(OUT)/gen/%.c $(GEN)
	@$(COMPILE) $(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# Files generated from a list of files are generated in each run, because a removed file changes no
# timestamp.  They are written only if their content changes.
WRITE	= cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(OUT)/gen/statements.h $(OUT)/gen/statements.c: $(OUT)/gen/statements.%: always
	@mkdir -p $(@D)
	@awk -v out=$* -f sql/statements.awk $(SQL) >$@.new
	@$(WRITE)

$(OUT)/gen/version.h: always
	@mkdir -p $(@D)
	@echo '#define SCHEMA_VERSION $(words $(SCHEMA))' >$@.new
	@$(WRITE)

$(OUT)/gen/build.h: always
	@mkdir -p $(@D)
	@echo '#define BUILD_VERSION "'"$$(git describe --always --tags --dirty 2>/dev/null || echo unknown)"'"' >$@.new
	@$(WRITE)

$(OUT)/fcgi/metrics.o $(OUT)/jobs/export.o: $(OUT)/gen/build.h

unit: $(UNIT)

# Targets that install packages call make again, because pkg-config is asked when make starts.
up:
	@spawn/packages
	@+$(MAKE) --no-print-directory all
	@spawn/up

down status doctor:
	@spawn/$@

reload: all
	@spawn/$@

fsck:
	@spawn/$@ $(if $(CHECK),check)

rotate:
	@spawn/rotate-secret $(if $(NOW),now)

check: test-programs
	@t/check $(T)

# REST=1: only what make check leaves out.
check-all: test-programs
	@+$(if $(DEV),,$(MAKE) --no-print-directory FUZZ=1 fuzzers)
	@ALL=$(if $(REST),rest,1) t/check

test-programs:
	@spawn/packages check
	@+$(MAKE) -s --no-print-directory all unit $(DRIVER) $(STRESS) $(OUT)/bench/rows $(ALLOC)

# If the user is not root, t/distro/run asks before it installs anything.
distro:
	@[ "$$(id -u)" != 0 ] || spawn/packages distro
	@t/distro/run "$(RELEASE)" $(T)

fault:
	@spawn/packages check
	@+$(MAKE) --no-print-directory all unit $(DRIVER) $(STRESS)
	@RECOVERY_MS=5000 t/check $(or $(T),t/fault)

docs: $(GEN) $(PROGRAMS)
	@t/openapi/fill write
	@t/docs write

lint: $(GEN) $(PROGRAMS)
	@t/lint

bench:
	@spawn/packages check
	@+$(MAKE) --no-print-directory all $(BENCH)
	@t/bench/run
	@t/bench/transcode

scale:
	@spawn/packages check
	@+$(MAKE) --no-print-directory all $(SCALE_PROGRAMS)
	@t/bench/scale $(SCALE)
fuzz:
	@spawn/packages check
	@+$(MAKE) --no-print-directory FUZZ=1 fuzzers
	@KEEP=1 t/fuzz/run $(or $(TIME),60)

fuzzers: $(FUZZERS)

stress: all $(DRIVER) $(STRESS)
	@t/stress/run stress $(TIME)

bench-hot-row: all $(DRIVER) $(STRESS)
	@t/stress/run hot-row

soak: all $(DRIVER) $(STRESS)
	@t/stress/soak $(or $(TIME),600)

test-lease-mutation:
	@+$(MAKE) --no-print-directory HOOKS=1 all build/hooks/stress/stress
	@BIN=$(CURDIR)/build/hooks/bin OUT=build/hooks t/stress/run lease-mutation $(TIME)

clean:
	rm -rf build static/app/node_modules

always:

.PHONY: always all web unit up down status reload doctor rotate fsck check check-all test-programs distro docs fault lint bench scale fuzz fuzzers stress bench-hot-row soak test-lease-mutation clean
.DELETE_ON_ERROR:
.SECONDARY:

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
