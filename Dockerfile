# Templater beside a proxy. `dotnet publish src/Templater.Cli` first (with -r linux-arm64 for that architecture), then
#   docker build -t templater:1 .
# With the proxy's own image below it, Templater checks a configuration with the very nginx or haproxy that will read it:
#   docker build -t templater:1-nginx --build-arg PROXY_IMAGE=nginx:1.30 .
# Any glibc base with libssl3, CA certificates and tzdata will do; no shell is needed.
ARG BASE_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled-extra
ARG PROXY_IMAGE=${BASE_IMAGE}
FROM ${PROXY_IMAGE}

# amd64 or arm64; BuildKit sets it, the classic builder needs --build-arg TARGETARCH=amd64.
ARG TARGETARCH

# /config, /certs, /webroot 0755, /state 0700, /run/templater 1777, and /data/{config,output,certs} as in Dotege, of 65532: named volumes inherit it, so a non-root Templater can write at once.
ADD artifacts/publish/${TARGETARCH}/directories.tar /
COPY artifacts/publish/${TARGETARCH}/templater artifacts/publish/${TARGETARCH}/libMonoPosixHelper.so /usr/local/bin/

USER 65532:65532
STOPSIGNAL SIGTERM
# Engines before 25 do not know --start-interval: remove it there.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s CMD ["templater", "healthcheck"]
ENTRYPOINT ["templater"]
CMD ["run"]
