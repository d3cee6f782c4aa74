#
# make run       installs what is missing, builds, starts nginx and sfu-worker
# make test      installs what is missing, builds, runs every test
# make install   module, worker, sample configuration, systemd unit
#
# Nothing here knows a source file by name: whatever lies in worker/*/ is the
# worker, *_test.c next to it are its unit tests and *_fuzz.c its fuzz targets.
# Those of nginx's module test what of it knows nginx's headers only.

BUILD ?= build
SFU_DEPS_DIR ?= $(CURDIR)/build/deps
DESTDIR ?=
prefix ?= /usr
sysconfdir ?= $(if $(filter /usr,$(prefix)),/etc,$(prefix)/etc)
moduledir ?= $(prefix)/lib/nginx/modules
unitdir ?= $(prefix)/lib/systemd/system
export SFU_DEPS_DIR

VERSION := $(shell sed -n 's/^\#define SFU_VERSION "\(.*\)"/\1/p' include/sfu_version.h)

# make V=1 shows the commands
V ?= 0
Q := $(if $(filter 0,$(V)),@,)
MAKEFLAGS += --no-print-directory

CC ?= gcc
CLANG ?= clang
PROVE ?= prove

# empty unless the dependencies are there; "make deps" installs them
PKGS := nice openssl jansson usrsctp sqlite3
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

# the quicker way to seal packets, where Debian has it; "make IPSEC_MB=0" without
IPSEC_MB ?= $(shell printf '\043include <intel-ipsec-mb.h>\nint main(void)\n{ return 0; }\n' | \
    $(CC) -xc -o /dev/null - -lIPSec_MB 2>/dev/null && echo 1 || echo 0)
IPSEC_MB := $(IPSEC_MB)

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
    -Wmissing-prototypes -Wpointer-arith -Wno-missing-field-initializers
CFLAGS ?= -O2 -g
# hidden: a shared library would take a function of ours for its own if it has
# one of that name, and usrsctp exports all that it has
CFLAGS_ALL = -std=c17 -D_GNU_SOURCE -pthread -fvisibility=hidden \
    $(WARNINGS) $(CFLAGS) \
    -Iworker -Iinclude -I$(SFU_DEPS_DIR)/libsrtp2/include $(PKG_CFLAGS)
CFLAGS_ALL += $(if $(filter 1,$(IPSEC_MB)),-DSFU_IPSEC_MB)
LIBS := $(SFU_DEPS_DIR)/libsrtp2/lib/libsrtp2.a $(PKG_LIBS) -lnanomsg -lanl -pthread \
    $(if $(filter 1,$(IPSEC_MB)),-lIPSec_MB)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all \
    -fno-omit-frame-pointer

TESTS_SRC := $(wildcard worker/*/*_test.c)
FUZZ_SRC := $(wildcard worker/*/*_fuzz.c)
TEST_SUPPORT := $(filter-out $(TESTS_SRC) $(FUZZ_SRC), $(wildcard worker/test/*.c))
BENCH_SRC := $(wildcard worker/*/*_bench.c)
# each is linked with the files of its name: a_test.c with a.c and a_*.c
NGX_TESTS_SRC := $(wildcard ngx_sfu_module/*/*_test.c ngx_sfu_module/api/*/*_test.c)
NGX_FUZZ_SRC := $(wildcard ngx_sfu_module/*/*_fuzz.c ngx_sfu_module/api/*/*_fuzz.c)
WORKER_SRC := $(filter-out %_test.c %_fuzz.c %_bench.c worker/test/% worker/studio/% \
    worker/load/% $(if $(filter 1,$(IPSEC_MB)),,%_ipsec_mb.c), \
    $(wildcard worker/*/*.c))
# the load generator: a program of its own, on the worker's libraries
LOAD_SRC := $(filter-out %_test.c %/main.c, $(wildcard worker/load/*.c))
LOAD_LIBS = -lcurl -lm

# one set of objects for each way of building
OBJ := $(BUILD)/obj
ASAN := $(BUILD)/asan
FUZZ := $(BUILD)/fuzz

MODULE := $(BUILD)/ngx_http_sfu_module.so

.PHONY: all deps deps-test worker module load run test test-unit test-fuzz \
    test-system test-browser install clean fuzz asan bench \
    bench-quick bench-loop
.SECONDARY:
.DELETE_ON_ERROR:

all: deps
	@$(MAKE) worker module load

deps:
	@conf/dev/deps.sh run

deps-test:
	@conf/dev/deps.sh test

worker: $(BUILD)/sfu-worker
	@:

module: $(MODULE)
	@:


# the worker

$(OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/sfu-worker: $(OBJ)/worker/main.o $(OBJ)/libworker.a
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LIBS)


# the load generator

load: $(BUILD)/sfu-load
	@:

$(BUILD)/sfu-load: $(LOAD_SRC:%.c=$(OBJ)/%.o) $(OBJ)/worker/load/main.o $(OBJ)/libworker.a
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(LOAD_LIBS) $(LIBS)


# nginx's module, dynamic, against Debian's nginx-dev

MODULE_SRC := $(shell find ngx_sfu_module 2>/dev/null -name '*.[ch]') \
    $(wildcard include/*.h) config

$(MODULE): $(MODULE_SRC) conf/dev/module.sh
	@conf/dev/module.sh $(abspath $(BUILD)) >$(BUILD)/module.log 2>&1 || \
	    { cat $(BUILD)/module.log; exit 1; }


# unit tests, under AddressSanitizer and UndefinedBehaviorSanitizer

WRAP := $(foreach f,malloc calloc realloc aligned_alloc strdup strndup, \
    -Wl,--wrap=$(f))

$(ASAN)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -O1 $(SANITIZE) -MMD -MP -c -o $@ $<

$(ASAN)/libworker.a: $(WORKER_SRC:%.c=$(ASAN)/%.o)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(ASAN)/libload.a: $(LOAD_SRC:%.c=$(ASAN)/%.o)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(ASAN)/worker/load/%_test: $(ASAN)/worker/load/%_test.o $(TEST_SUPPORT:%.c=$(ASAN)/%.o) \
    $(ASAN)/libload.a $(ASAN)/libworker.a
	$(Q)$(CC) $(CFLAGS_ALL) $(SANITIZE) $(WRAP) -o $@ $^ $(LOAD_LIBS) $(LIBS)

$(ASAN)/%_test: $(ASAN)/%_test.o $(TEST_SUPPORT:%.c=$(ASAN)/%.o) $(ASAN)/libworker.a
	$(Q)$(CC) $(CFLAGS_ALL) $(SANITIZE) $(WRAP) -o $@ $^ $(LIBS)

$(BUILD)/sfu-worker-asan: $(ASAN)/worker/main.o $(ASAN)/libworker.a
	$(Q)$(CC) $(CFLAGS_ALL) $(SANITIZE) -o $@ $^ $(LIBS)

$(BUILD)/sfu-load-asan: $(ASAN)/worker/load/main.o $(ASAN)/libload.a $(ASAN)/libworker.a
	$(Q)$(CC) $(CFLAGS_ALL) $(SANITIZE) -o $@ $^ $(LOAD_LIBS) $(LIBS)

asan: $(BUILD)/sfu-worker-asan $(BUILD)/sfu-load-asan
	@:

test-unit: $(TESTS_SRC:%.c=$(ASAN)/%) $(NGX_TESTS_SRC:%.c=$(ASAN)/%)
	$(PROVE) --exec worker/test/apart.sh $(TESTS_SRC:%.c=$(ASAN)/%) $(NGX_TESTS_SRC:%.c=$(ASAN)/%)


# the same of nginx's module, with nginx's headers, which are the build's

NGX_TREE := $(BUILD)/nginx-dev
NGX_CFLAGS = -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror \
    -Wno-unused-parameter -Wno-sign-compare $(CFLAGS) \
    $(addprefix -isystem $(NGX_TREE)/,src/core src/event src/event/modules \
        src/os/unix objs) \
    -Iworker -Iinclude $(addprefix -I,$(wildcard ngx_sfu_module/*/ ngx_sfu_module/api/*/)) \
    $(PKG_CFLAGS)
ngx_subject = $(filter-out %_test.c %_fuzz.c,$(wildcard $(1).c $(1)_*.c)) \
    $(wildcard $(dir $(1))*.h)

.SECONDEXPANSION:

$(ASAN)/ngx_sfu_module/%_test: ngx_sfu_module/%_test.c \
    $$(call ngx_subject,ngx_sfu_module/$$*) $(TEST_SUPPORT:%.c=$(ASAN)/%.o) \
    $(ASAN)/libworker.a | $(MODULE)
	@mkdir -p $(@D)
	$(Q)$(CC) $(NGX_CFLAGS) -O1 $(SANITIZE) $(WRAP) -o $@ $(filter-out %.h,$^) \
	    $(LIBS) -lwslay

$(FUZZ)/ngx_sfu_module/%_fuzz: ngx_sfu_module/%_fuzz.c \
    $$(call ngx_subject,ngx_sfu_module/$$*) | $(MODULE)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(NGX_CFLAGS) -O1 -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=all -o $@ $(filter-out %.h,$^) \
	    $(PKG_LIBS) -lwslay


# fuzz targets: "make fuzz FUZZ_SECONDS=600" for long, a few seconds in tests

FUZZ_SECONDS ?= 60

$(FUZZ)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(filter-out -Wno-clobbered,$(CFLAGS_ALL)) -O1 \
	    -fsanitize=fuzzer-no-link,address,undefined \
	    -fno-sanitize-recover=all -MMD -MP -c -o $@ $<

$(FUZZ)/libworker.a: $(WORKER_SRC:%.c=$(FUZZ)/%.o)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(FUZZ)/%_fuzz: $(FUZZ)/%_fuzz.o $(FUZZ)/libworker.a
	$(Q)$(CLANG) $(CFLAGS_ALL) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS)

fuzz: $(FUZZ_SRC:%.c=$(FUZZ)/%) $(NGX_FUZZ_SRC:%.c=$(FUZZ)/%)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) worker/test/fuzz.sh $^

test-fuzz:
	@FUZZ_SHORT=20000 $(MAKE) fuzz FUZZ_SECONDS=5


# figures, never tests: docs/performance.md

$(OBJ)/libworker.a: $(WORKER_SRC:%.c=$(OBJ)/%.o)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/%_bench: $(OBJ)/worker/media/%_bench.o $(OBJ)/worker/test/client.o $(OBJ)/libworker.a
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $^ $(LIBS)

# beside Janus and a bare loop, server and generator on a core each
bench bench-quick:
	@conf/dev/deps.sh bench
	@$(MAKE) worker load module $(BUILD)/bench-raw $(BUILD)/bench-signal
	@t/bench/bench.pl --build $(BUILD) $(if $(filter %-quick,$@),--quick) \
	    $(BENCH_OPTIONS)

bench-loop: $(BUILD)/fanout_bench $(BUILD)/loops_bench
	@for n in 1 10 50 200; do $(BUILD)/fanout_bench $$n 5; done
	$(BUILD)/loops_bench

$(BUILD)/bench-signal: $(patsubst %.c,$(OBJ)/%.o,$(wildcard t/bench/signal/*.c)) \
    $(OBJ)/worker/load/histogram.o
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $^ -lm

$(OBJ)/t/bench/signal/%.o: CFLAGS_ALL += -It/bench

$(BUILD)/bench-raw: $(patsubst %.c,$(OBJ)/%.o,$(wildcard t/bench/*.c)) $(OBJ)/libworker.a
	$(Q)$(CC) $(CFLAGS_ALL) -o $@ $^ $(LIBS)


# the whole system

test-system: worker module load $(BUILD)/bench-raw $(BUILD)/bench-signal
	$(PROVE) -j2 -It/lib t/*.t

test-browser: worker module
	t/browser/run.sh

test: deps-test
	@$(MAKE) -j$(shell nproc) worker module load asan \
	    $(TESTS_SRC:%.c=$(ASAN)/%) $(FUZZ_SRC:%.c=$(FUZZ)/%) \
	    $(NGX_TESTS_SRC:%.c=$(ASAN)/%) $(NGX_FUZZ_SRC:%.c=$(FUZZ)/%)
	@$(MAKE) test-unit
	@$(MAKE) test-fuzz
	@$(MAKE) test-system
	@$(MAKE) test-browser

install: worker module load
	install -d $(DESTDIR)$(prefix)/bin $(DESTDIR)$(moduledir) \
	    $(DESTDIR)$(sysconfdir)/sfu $(DESTDIR)$(unitdir) \
	    $(DESTDIR)$(prefix)/share/sfu/html $(DESTDIR)$(prefix)/share/doc/sfu
	install -m 755 $(BUILD)/sfu-worker $(BUILD)/sfu-load $(DESTDIR)$(prefix)/bin/
	install -m 644 $(MODULE) $(DESTDIR)$(moduledir)/
	for f in conf/*.conf; do \
	    to=$(DESTDIR)$(sysconfdir)/sfu/$$(basename $$f); \
	    [ ! -e $$to ] || to=$$to.new; \
	    install -m 644 $$f $$to || exit 1; \
	done
	sed 's|@PREFIX@|$(prefix)|; s|@SYSCONFDIR@|$(sysconfdir)|' \
	    conf/sfu-worker.service >$(DESTDIR)$(unitdir)/sfu-worker.service
	cp -R conf/html/. $(DESTDIR)$(prefix)/share/sfu/html/
	install -m 644 README.md CHANGES LICENSE docs/*.md \
	    $(DESTDIR)$(prefix)/share/doc/sfu/

run: all
	@exec conf/dev/run.sh

clean:
	rm -rf $(filter-out $(BUILD)/deps $(BUILD)/run,$(wildcard $(BUILD)/*))

-include $(shell find $(BUILD) -name '*.d' -not -path '*/deps/*' 2>/dev/null)
