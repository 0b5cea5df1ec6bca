# The image of the sidecar: the published binary and what it needs for TLS and time zones.
#   dotnet publish src/MeliProxy.Sidecar -c Release -o artifacts/sidecar
#   docker build -t meliproxy .
#   docker run --rm -p 8080:8080 meliproxy --listen 'http://*:8080' --upstream http://your-service:5000
FROM debian:12-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libssl3 tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system meliproxy
COPY artifacts/sidecar/meliproxy artifacts/sidecar/libe_sqlite3.so /usr/local/bin/
USER meliproxy
EXPOSE 8080
ENTRYPOINT ["meliproxy", "run"]
# Inside a container, loopback is the container's own; the admin listener stays on it.
CMD ["--listen", "http://*:8080"]
