# One image for every role: `tiffin run`, `tiffin run --only webhooks`, `tiffin run --only jobs`, `tiffin demo`.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/tiffin
ENV PATH=/opt/tiffin/bin:$PATH
WORKDIR /app
COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt
COPY . .
RUN pip install --no-deps --no-build-isolation --editable . && python -m compileall -q core bot webhooks

FROM python:3.11-slim
# A user without a shell or a home that can be written; everything that lasts is under /data.
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin tiffin && install -d -o tiffin -g tiffin -m 700 /data
COPY --from=build /opt/tiffin /opt/tiffin
COPY --from=build /app /app
ENV PATH=/opt/tiffin/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MPLCONFIGDIR=/tmp \
    HOST=0.0.0.0 \
    PORT=8080 \
    TIFFIN_DATA=/data
USER tiffin
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
# A process that serves no HTTP (`--only jobs`) is started with this check switched off.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health/live', timeout=4)"]
ENTRYPOINT ["tiffin"]
CMD ["run"]
