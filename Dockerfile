# mlspec in an image of its own: `docker run --rm -v "$PWD:/work" mlspec run`.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package mlspec

FROM debian:bookworm-slim
# `--changed-since` asks git, also about a folder that belongs to whoever mounted it.
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory /work
COPY --from=build /src/target/release/mlspec /usr/local/bin/mlspec
RUN useradd --create-home --uid 1000 mlspec
USER 1000
WORKDIR /work
ENTRYPOINT ["mlspec"]
CMD ["--help"]
