# The whole toolbox. Each target installs what it lacks (Debian packages as root; else one line says what to install).
CONFIG ?= Release
DATA   ?=
CHECK  ?=
NAME   ?=
SEEDS  ?=
RID    ?= linux-x64
ARTIFACTS := artifacts
VERSION       ?= $(shell sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
ARCHITECTURES ?=
PACKAGES      ?=

export DOTNET_CLI_TELEMETRY_OPTOUT=1
export DOTNET_NOLOGO=1
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

.PHONY: demo test bench package format build agent

build:
	dotnet build EdgeFleet.sln -c $(CONFIG) -v q

# The main job as a story: a control plane and three boards as processes of their own.
demo:
	dotnet build provisioning/demo/EdgeFleet.Demo -c $(CONFIG) -v q
	dotnet provisioning/demo/EdgeFleet.Demo/bin/$(CONFIG)/net10.0/edgefleet-demo.dll $(if $(CHECK),--check) $(if $(DATA),--data "$(DATA)")

# Units, stores, and journeys over real processes with the agent as it ships (NativeAOT), for both architectures.
test:
	@provisioning/tools/need gcc:gcc zlib1g-dev:/usr/include/zlib.h clang:clang gcc-aarch64-linux-gnu:aarch64-linux-gnu-gcc libc6-dev-arm64-cross:/usr/aarch64-linux-gnu/include/stdio.h qemu-user-static:qemu-aarch64-static mandoc:mandoc systemd:systemd-analyze postgresql:/usr/lib/postgresql/*/bin/initdb ffmpeg:ffmpeg mosquitto:/usr/sbin/mosquitto gstreamer1.0-tools:gst-launch-1.0 gstreamer1.0-plugins-base:/usr/lib/*/gstreamer-1.0/libgstvideotestsrc.so curl:curl faketime:faketime docker-compose:docker-compose
	$(MAKE) --no-print-directory agent RID=linux-x64
	$(MAKE) --no-print-directory agent RID=linux-arm64
	provisioning/tools/arm64-root $(CURDIR)/$(ARTIFACTS)/arm64-root
	dotnet build EdgeFleet.sln -c $(CONFIG) -v q
	EDGEFLEET_TEST_AGENT_ARM64=$(CURDIR)/$(ARTIFACTS)/agent/linux-arm64/edgefleet-agent EDGEFLEET_TEST_ARM64_ROOT=$(CURDIR)/$(ARTIFACTS)/arm64-root \
	EDGEFLEET_TEST_AGENT=$(CURDIR)/$(ARTIFACTS)/agent/linux-x64/edgefleet-agent dotnet test --solution EdgeFleet.sln -c $(CONFIG) --no-build --max-parallel-test-modules 1

# One benchmark: prints its figures, and last "NAME: ... ok" or "NAME: ... short".
bench:
	@test -n "$(NAME)" || { echo "make bench NAME=x, where x is one of: $$(cd tests/EdgeFleet.Benchmarks && ls -d */ | grep -v -e bin -e obj -e results | tr -d / | tr '\n' ' ')"; exit 2; }
	@provisioning/tools/need gcc:gcc zlib1g-dev:/usr/include/zlib.h
	@[ "$(NAME)" != tuf ] || { provisioning/tools/need nodejs:node npm:npm faketime:faketime && npm ci --silent --prefix tests/EdgeFleet.Benchmarks/Tuf/judge; }
	@[ "$(NAME)" != delta ] || provisioning/tools/need zstd:zstd xdelta3:xdelta3 bsdiff:bsdiff time:/usr/bin/time
	@[ "$(NAME)" = tuf ] || [ "$(NAME)" = delta ] || $(MAKE) --no-print-directory agent RID=linux-x64
	dotnet build tests/EdgeFleet.Benchmarks -c $(CONFIG) -v q
	EDGEFLEET_TEST_AGENT=$(CURDIR)/$(ARTIFACTS)/agent/linux-x64/edgefleet-agent dotnet tests/EdgeFleet.Benchmarks/bin/$(CONFIG)/net10.0/EdgeFleet.Benchmarks.dll $(NAME) $(SEEDS)

# What boards and servers install: Debian packages in artifacts/deb, the same bytes for the same commit. Less: ARCHITECTURES=arm64 PACKAGES=edgefleet-agent.
package:
	@provisioning/tools/need gcc:gcc clang:clang gcc-aarch64-linux-gnu:aarch64-linux-gnu-gcc libc6-dev-arm64-cross:/usr/aarch64-linux-gnu/include/stdio.h zlib1g-dev:/usr/include/zlib.h dpkg-dev:dpkg-deb
	provisioning/deb/package "$(VERSION)" $(CURDIR)/$(ARTIFACTS)/deb "$(ARCHITECTURES)" "$(PACKAGES)"

format:
	dotnet format EdgeFleet.sln

# gcc links for this machine; clang is needed only to link for another.
agent:
	dotnet publish agent/EdgeFleet.Agent -c $(CONFIG) -r $(RID) -v q -o $(ARTIFACTS)/agent/$(RID) $(if $(filter linux-x64,$(RID)),-p:CppCompilerAndLinker=gcc)
