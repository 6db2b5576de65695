# The whole pipeline in an image: Python, the locked packages, fonts with Chinese characters.
#   docker build --tag involution .
#   docker run --rm --volume "$PWD/results:/involution/results" involution snakemake --cores all
FROM python:3.12-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-noto-cjk fonts-dejavu git make \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /involution
COPY requirements.lock pyproject.toml ./
RUN python -m pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN python -m pip install --no-cache-dir --no-deps --no-build-isolation --editable .

# Caches go where any user of the image may write.
ENV PYTHONUTF8=1 XDG_CACHE_HOME=/tmp/cache MPLCONFIGDIR=/tmp/matplotlib
CMD ["snakemake", "--cores", "all"]
