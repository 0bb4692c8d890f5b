# machilink: one static executable. `make help` lists what can be made.
# Layers, flags and gates live here; third-party libraries in packaging/deps.
MODE  ?= release
BUILD ?= build
O     := $(BUILD)/$(MODE)
GEN   := $(BUILD)/gen

.DEFAULT_GOAL := all
include packaging/deps/deps.mk

# ---- tool chain -----------------------------------------------------------
TOOLCHAIN.release := musl
TOOLCHAIN.dynamic := gcc
TOOLCHAIN.debug   := gcc
TOOLCHAIN.asan    := gcc
TOOLCHAIN.tsan    := gcc
TC     := $(TOOLCHAIN.$(MODE))
CC.musl := musl-gcc
CC.gcc  := gcc
CC     := $(CC.$(TC))
DEPS   := $(DEPS.$(TC))

STD   := -std=c11 -D_GNU_SOURCE
WARN  := -Wall -Wextra -Werror -Wshadow -Wpointer-arith -Wcast-qual \
         -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
         -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wimplicit-fallthrough \
         -Wswitch-enum -fno-common
OPT.debug   := -O1 -g3 -fno-omit-frame-pointer
OPT.asan    := $(OPT.debug) -fsanitize=address,undefined -fno-sanitize-recover=all
OPT.tsan    := $(OPT.debug) -fsanitize=thread
OPT.release := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
               -ffunction-sections -fdata-sections
OPT.dynamic := $(OPT.release)
# the static program's memcpy and its like: appliance/base/octets.h
OPT.release += -DOCTETS_FOR_LIBC
LINK.dynamic := -Wl,--gc-sections -Wl,-z,relro,-z,now
LINK.release := -static -Wl,--gc-sections -Wl,-z,relro,-z,now
# malloc of the release; the others have the sanitizer's or the system's own
HEAP.release := -ljemalloc
VERSION := $(shell sed -n 's/^\#\# \[\([0-9.]*\)\].*/\1/p' CHANGELOG.md 2>/dev/null | head -1)

# ---- the architecture: folder -> folders it may include ---------------------
LIBS := base json store trust xml http xroad signer backup acme notice plan oidc opendata monitor
ROLES := server center adapter link console
USES.base    :=
USES.json    := base
USES.store   := base trust
USES.odbc    := base
USES.trust   := base
USES.xml     := base trust
USES.http    := base trust json
USES.xroad   := base trust xml json
USES.signer  := base trust
USES.backup  := base json store trust
USES.acme    := base json trust http
USES.notice  := base json trust http
USES.plan    := base json
USES.oidc    := base json trust http acme
USES.opendata := base json store
USES.monitor := base json store trust http
USES.server  := $(LIBS)
USES.center  := $(LIBS)
USES.adapter := $(LIBS)
USES.link    := $(LIBS)
USES.console := $(LIBS)
USES.cli     := $(LIBS) $(ROLES)
USES.lab     := $(LIBS)
USES.main    := base signer $(ROLES) cli lab
# what a folder is linked with in its tests: everything below it
CLOSE = $(sort $(1) $(foreach d,$(USES.$(1)),$(call CLOSE,$(d))))
# third party: header prefix -> its one folder
SEAM := mbedtls/:trust psa/:trust jansson.h:json yaml.h:json sqlite3.h:store libpq-fe.h:store sql.h:odbc sqlext.h:odbc \
        libxml/:xml zlib.h:xroad civetweb.h:http curl/:http
THIRD.json  := -ljansson -lyaml
THIRD.store := -lsqlite3 -lpq -lpgcommon -lpgport
# --wrap: appliance/trust/tls_meter.c
THIRD.trust := -Wl,--wrap=mbedtls_ssl_read,--wrap=mbedtls_ssl_write,--wrap=mbedtls_ssl_handshake \
               -lmbedtls -lmbedx509 -lmbedcrypto
THIRD.xml   := -lxml2
THIRD.http  := -lcurl -lmbedtls -lmbedx509 -lmbedcrypto
THIRD.xroad := -lz

FOLDERS := $(LIBS) $(ROLES) cli lab
src     = $(wildcard appliance/$(1)/*.c)
objs    = $(patsubst %.c,$(O)/%.o,$(call src,$(1)))
folder  = $(basename $(word 2,$(subst /, ,$(1))))
faces   = $(patsubst %,-iquote appliance/%,$(1) $(USES.$(1)))
upper   = $(shell echo $(1) | tr a-z A-Z)

.PHONY: all dynamic run test soak check bench format format-check seams sizes bans tidy asan \
        tsan fuzz unit clean help web install test-tools
all: $(O)/machilink

help:
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

# ---- generated sources ------------------------------------------------------
SCHEMAS := $(notdir $(wildcard sqlite/*))
GENSQL  := $(patsubst %,$(GEN)/%_sql.c,$(SCHEMAS))
.PRECIOUS: $(GEN)/%_sql.h
$(GEN)/%_sql.c $(GEN)/%_sql.h &: packaging/embed/sql.pl sqlite/%/*.sql
	@mkdir -p $(GEN)
	@perl packaging/embed/sql.pl $* $(GEN)

# CP932 for appliance/base/cp932.c, from Debian's `locales`
CHARMAPS ?= /usr/share/i18n/charmaps
$(GEN)/cp932_table.h: packaging/embed/cp932.pl
	@mkdir -p $(GEN)
	@perl $< $(CHARMAPS)/WINDOWS-31J.gz $@
$(O)/appliance/base/cp932.o $(BUILD)/tidy/appliance/base/cp932.ok: $(GEN)/cp932_table.h

# downloads are tried twice
AGAIN  := packaging/deps/again
ONLINE := packaging/deps/online
NPM_CI := npm ci --no-audit --no-fund --loglevel=error --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=4000
WEBSRC := $(shell find web -path web/node_modules -prune -o -type f -print 2>/dev/null)
WEBOUT := $(BUILD)/web
$(WEBOUT)/.done: $(WEBSRC)
	@echo "  web"
	@cd web && ([ node_modules/.package-lock.json -nt package-lock.json ] || ../$(AGAIN) $(NPM_CI))
	@cd web && OUT="$(abspath $(WEBOUT))" npm run --silent build
	@touch $@
web: $(WEBOUT)/.done  ## build the web pages

$(GEN)/assets.S $(GEN)/assets_table.c &: packaging/embed/assets.pl $(WEBOUT)/.done
	@mkdir -p $(GEN)
	@perl packaging/embed/assets.pl $(WEBOUT) $(GEN)

# ---- compiling --------------------------------------------------------------
# Objects appear by rename, so parallel makes in one tree do not see halves.
FLAGS = $(STD) $(WARN) $(OPT.$(MODE)) -isystem $(DEPS)/include -DVERSION='"$(VERSION)"'

$(O)/appliance/%.o: appliance/%.c $(patsubst %.c,%.h,$(GENSQL))
	@mkdir -p $(@D)
	@echo "  cc  $<"
	@$(CC) $(FLAGS) -MMD -MP -MF $@.d.$$$$ -MT $@ -DIN_$(call upper,$(call folder,$<))=1 \
	  $(call faces,$(call folder,$<)) -iquote $(GEN) -c -o $@.$$$$ $< && \
	  mv -f $@.d.$$$$ $(@:.o=.d) && mv -f $@.$$$$ $@

$(O)/gen/%.o: $(GEN)/%.c
	@mkdir -p $(@D)
	@$(CC) $(FLAGS) -Wno-overlength-strings -iquote appliance/store -iquote appliance/http \
	  -iquote appliance/base -iquote $(GEN) -c -o $@.$$$$ $< && mv -f $@.$$$$ $@
$(O)/gen/%.o: $(GEN)/%.S
	@mkdir -p $(@D)
	@$(CC) -I$(GEN) -c -o $@.$$$$ $< && mv -f $@.$$$$ $@

# civetweb is compiled with our TLS glue (design section 7)
$(O)/civetweb.c: $(DEPS)/src/civetweb/civetweb.c packaging/embed/civetweb.pl
	@mkdir -p $(@D)
	@perl packaging/embed/civetweb.pl $< $@.$$$$ && mv -f $@.$$$$ $@
$(O)/civetweb.o: $(O)/civetweb.c appliance/http/civetweb.mk appliance/http/civetweb_tls.inl
	@echo "  cc  civetweb"
	@$(CC) -O2 -g $(filter -fsanitize% -fno-sanitize%,$(OPT.$(MODE))) -w -D_GNU_SOURCE \
	  $(CIVETWEB_FLAGS) -iquote appliance/http -iquote appliance/trust -iquote appliance/base \
	  -I$(DEPS)/include -I$(DEPS)/src/civetweb -c -o $@.$$$$ $< && mv -f $@.$$$$ $@
include appliance/http/civetweb.mk

SQLOBJ := $(patsubst $(GEN)/%.c,$(O)/gen/%.o,$(GENSQL))
ASSETOBJ := $(O)/gen/assets.o $(O)/gen/assets_table.o
extra = $(if $(filter store,$(1)),$(SQLOBJ)) $(if $(filter http,$(1)),$(O)/civetweb.o)
link_objs = $(foreach d,$(call CLOSE,$(1)),$(call objs,$(d)) $(call extra,$(d)))
third_of = $(foreach d,xroad xml http trust store json,$(if $(filter $(d),$(call CLOSE,$(1))),$(THIRD.$(d))))

$(O)/machilink: $(O)/appliance/main.o $(foreach d,$(FOLDERS),$(call objs,$(d))) $(SQLOBJ) $(ASSETOBJ) $(O)/civetweb.o
	@echo "  ld  $@"
	@$(CC) $(OPT.$(MODE)) $(LINK.$(MODE)) -o $@.$$$$ $^ -L$(DEPS)/lib $(call third_of,cli) \
	  $(HEAP.$(MODE)) -lm -lpthread && $(if $(filter release dynamic,$(MODE)),strip $@.$$$$ &&) mv -f $@.$$$$ $@

# The ODBC companion is dynamically linked, with the system's C library: a
# static program cannot load drivers. Its own package; wants unixodbc-dev.
ODBC_SRC := $(wildcard appliance/odbc/*.c appliance/base/*.c)
ODBC     := $(BUILD)/odbc/machilink-odbc
$(ODBC): $(ODBC_SRC) $(GEN)/cp932_table.h $(wildcard appliance/odbc/*.h appliance/base/*.h appliance/base/*.def)
	@mkdir -p $(@D)
	@echo "  cc  $@"
	@gcc $(STD) $(WARN) -O2 -g -fPIE -pie -fstack-protector-strong -DVERSION='"$(VERSION)"' \
	  -DIN_ODBC=1 -DIN_BASE=1 -iquote appliance/odbc -iquote appliance/base -iquote $(GEN) -Wl,-z,relro,-z,now \
	  -o $@.$$$$ $(ODBC_SRC) -lodbc -lpthread && mv -f $@.$$$$ $@
odbc: $(ODBC)  ## the companion for databases with an ODBC driver
odbc-deb odbc-rpm: odbc-%: $(ODBC)  ## the companion as a package, in build/odbc
	@packaging/odbc/package $* $(ODBC) $(VERSION) $(BUILD)/odbc
.PHONY: odbc odbc-deb odbc-rpm

# ---- tests ------------------------------------------------------------------
UNIT  := $(patsubst %.c,$(O)/%,$(wildcard test/*/*_test.c))
FUZZ  := $(patsubst %.c,$(O)/%,$(wildcard test/fuzz/*_fuzz.c))
BLACK := $(wildcard test/*/*.t)
tdir   = $(word 2,$(subst /, ,$(1)))
# what the tests of one folder share: its other sources
kit    = $(patsubst %.c,$(O)/%.o,$(filter-out %_test.c,$(wildcard test/$(1)/*.c)))

$(O)/test/%.o: test/%.c
	@mkdir -p $(@D)
	@$(CC) $(FLAGS) -MMD -MP -MF $@.d.$$$$ -MT $@ -iquote test \
	  $(call faces,$(if $(filter fuzz,$(call tdir,$<)),cli,$(call tdir,$<))) -iquote $(GEN) -c -o $@.$$$$ $< && \
	  mv -f $@.d.$$$$ $(@:.o=.d) && mv -f $@.$$$$ $@

.SECONDEXPANSION:
$(UNIT): $(O)/%_test: $(O)/%_test.o $(O)/test/tap.o $$(call kit,$$(call tdir,$$*)) $$(call link_objs,$$(call tdir,$$*))
	@echo "  ld  $@"
	@$(CC) $(OPT.$(MODE)) $(LINK.$(MODE)) -o $@.$$$$ $(filter %.o,$^) -L$(DEPS)/lib \
	  $(call third_of,$(call tdir,$*)) $(HEAP.$(MODE)) -lm -lpthread && mv -f $@.$$$$ $@
# what a fuzz target is linked with: its folder, where that is not below server
fuzzed = $(or $(notdir $(filter test/fuzz/adapter,$(1))),$(if $(filter test/fuzz/tracker,$(1)),link),$(if $(filter test/fuzz/setting,$(1)),console),server)
$(FUZZ): $(O)/%_fuzz: $(O)/%_fuzz.o $(O)/test/fuzz/driver.o $(O)/test/tap.o $$(call link_objs,$$(call fuzzed,$$*))
	@echo "  ld  $@"
	@$(CC) $(OPT.$(MODE)) $(LINK.$(MODE)) -o $@.$$$$ $(filter %.o,$^) -L$(DEPS)/lib \
	  $(call third_of,$(call fuzzed,$*)) $(HEAP.$(MODE)) -lm -lpthread && mv -f $@.$$$$ $@

# Other people's tools and peers, from npm and PyPI. What cannot be had now is
# asked for at the next run; the tests that want it skip.
TOOLS := test/node_modules/.package-lock.json $(BUILD)/test-venv/.done
test/node_modules/.package-lock.json: test/package-lock.json
	@$(ONLINE) && (cd test && ../$(AGAIN) $(NPM_CI)) && touch $@ || echo "  npm has nothing for us: some tests will skip"
$(BUILD)/test-venv/.done: test/requirements.txt
	@$(ONLINE) && python3 -m venv --clear $(@D) && $(AGAIN) $(@D)/bin/python -m pip install --quiet --disable-pip-version-check \
	  --retries 2 --timeout 30 -r $< && touch $@ || echo "  PyPI has nothing for us: some tests will skip"
test-tools: $(TOOLS)  ## what tests want from npm and PyPI
unit: $(UNIT) $(FUZZ)  ## build the unit tests and fuzz replays
test: $(O)/machilink $(UNIT) $(FUZZ) $(TOOLS) $(if $(wildcard /usr/include/sql.h),$(ODBC))  ## run everything a newcomer should see pass
	@MACHILINK=$(abspath $(O)/machilink) MODE=$(MODE) BUILD_DIR=$(abspath $(O)) \
	  CC="$(CC)" DEPS_PREFIX=$(DEPS) prove -j2 --timer -e '' $(UNIT) $(FUZZ); \
	  units=$$?; MACHILINK=$(abspath $(O)/machilink) MODE=$(MODE) BUILD_DIR=$(abspath $(O)) \
	  DEPS_PREFIX=$(DEPS) prove --timer -v $(BLACK) && exit $$units
# Where the machine has no Japanese font, one is fetched for the pictures alone.
FONTS := $(BUILD)/fonts
FONT  := noto-sans-jp
$(FONTS)/.done:
	@mkdir -p $(FONTS)
	@fc-list :lang=ja | grep -q . || { npm install --prefix $(FONTS)/npm --no-audit --no-fund --loglevel=error @fontsource/$(FONT)@5.3.0 && \
	  cp $(FONTS)/npm/node_modules/@fontsource/$(FONT)/files/$(FONT)-japanese-[47]00-normal.woff2 $(FONTS)/ && rm -r $(FONTS)/npm; }
	@touch $@
screenshots: $(O)/machilink $(FONTS)/.done  ## pictures of the main pages, into web/pictures
	@MACHILINK=$(abspath $(O)/machilink) MACHILINK_FONTS=$(abspath $(FONTS)) perl test/web/screenshots.pl web/pictures
.PHONY: screenshots
asan:  ## the same tests under AddressSanitizer and UBSan
	@$(MAKE) MODE=asan test
# Survival over real processes: `make test` runs a short form of the same files.
SOAK := $(wildcard test/lab/survive*.t) test/lab/body.t test/console/schemathesis.t test/lab/diskfull.t
soak: $(O)/machilink $(TOOLS)  ## kill -9, outages and bad input, in full (minutes)
	@MACHILINK_SOAK=1 MACHILINK=$(abspath $(O)/machilink) BUILD_DIR=$(abspath $(O)) prove --timer -v $(SOAK)
tsan:  ## unit tests under ThreadSanitizer
	@$(MAKE) MODE=tsan unit && prove -e '' $(patsubst $(O)/%,$(BUILD)/tsan/%,$(UNIT))
bench: $(O)/machilink  ## primitives of this machine and what we reach
	@$(O)/machilink bench --save $(BUILD)/bench.json

dynamic:  ## build/dynamic/machilink: the release with the system's C library, which loads PKCS#11 modules
	@$(MAKE) MODE=dynamic
run: $(O)/machilink  ## build, then a whole network on this machine
	@$(O)/machilink lab --dir run
install: $(O)/machilink  ## DESTDIR=... PREFIX=/usr
	install -D -m 0755 $(O)/machilink $(DESTDIR)$(or $(PREFIX),/usr)/bin/machilink

# ---- gates ------------------------------------------------------------------
CFILES := $(shell git ls-files -co --exclude-standard 'appliance/*.[ch]' 'test/*.[ch]' 2>/dev/null)
check: format-check seams sizes bans heads tidy  ## format, seams, sizes, bans, static analysis
format:
	@clang-format -i $(CFILES)
format-check:
	@clang-format --dry-run --Werror $(CFILES)
seams:
	@bad=0; for s in $(SEAM); do h=$${s%%:*} d=$${s##*:}; \
	  grep -rlE "^[ 	]*#[ 	]*include[ 	]*[<\"]$$h" appliance --include='*.[ch]' | grep -v "^appliance/$$d/" \
	  && { echo "  $$h belongs to $$d/ only"; bad=1; }; done; \
	  grep -rnE '^[ 	]*#[ 	]*include[ 	]*"[^"]*/' appliance --include='*.[ch]' && bad=1; \
	  find appliance -name '*.h' -printf '%f\n' | sort | uniq -d | sed 's/$$/: this header name is used twice/' | grep . && bad=1; exit $$bad
sizes:
	@ctags --languages=C --c-kinds=f --fields=+ne -f - -R appliance | \
	 sed -n 's/^\([^\t]*\)\t\([^\t]*\)\t.*line:\([0-9]*\).*end:\([0-9]*\).*/\1 \2 \3 \4/p' | \
	 awk '{n=$$4-$$3+1; if(n>60){print $$2": "$$1" is "n" lines"; bad=1}} END{exit bad}'
	@wc -l $(filter appliance/%.c appliance/%.h,$(CFILES)) | awk '$$1>600 && $$2!="total"{print $$2": "$$1" lines"; bad=1} END{exit bad}'
BANNED := strcpy strcat strncpy strncat sprintf vsprintf strtok gets atoi atol gmtime localtime ctime mktemp rand system popen alloca
bans:
	@bad=0; for f in $(BANNED); do grep -rnE "(^|[^A-Za-z0-9_])$$f[ 	]*\(" appliance --include='*.[ch]' && { echo "  $$f is banned"; bad=1; }; done; exit $$bad
heads:
	@bad=0; for f in $(filter %.c %.h,$(CFILES)); do head -10 $$f | grep -qE '^( \*|/\*) .*[a-z]{3,}.* ' || { echo "  $$f: no sentence in its first lines"; bad=1; }; done; exit $$bad
TIDY := -*,clang-analyzer-*,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier,-bugprone-narrowing-conversions,-bugprone-implicit-widening-of-multiplication-result,-bugprone-assignment-in-if-condition,-bugprone-branch-clone,readability-redundant-declaration
tidy: $(patsubst %.c,$(BUILD)/tidy/%.ok,$(wildcard appliance/*.c appliance/*/*.c))
$(BUILD)/tidy/%.ok: %.c $(patsubst %.c,%.h,$(GENSQL))
	@mkdir -p $(@D)
	@clang-tidy --quiet --warnings-as-errors='*' --checks='$(TIDY)' $< -- $(STD) -isystem $(DEPS.gcc)/include \
	  -DVERSION='""' -DIN_$(call upper,$(call folder,$<))=1 $(call faces,$(call folder,$<)) -iquote $(GEN) 2>/dev/null && touch $@
clean:  ## remove build/
	@rm -rf $(BUILD)

-include $(shell find $(O) -name '*.d' 2>/dev/null)
