"""Conda's packages and their counterparts on PyPI.

Conda packages anything, and PyPI has unrelated projects under the names of many libraries (``pandoc``, ``yaml``,
``tk``). So a name is looked up on PyPI only if it is known to be a Python package.
"""

from __future__ import annotations

import re

# Conda names these after the language or the project, PyPI after the importable module.
_OTHER_NAMES = {
    "brotli-python": "brotli",
    "dask-core": "dask",
    "docker-py": "docker",
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "opencv": "opencv-python",
    "psycopg2": "psycopg2-binary",  # like conda's, it brings libpq; PyPI's psycopg2 needs a compiler
    "py-opencv": "opencv-python",
    "py-xgboost": "xgboost",
    "pyarrow-core": "pyarrow",
    "pyqt": "PyQt5",
    "pytables": "tables",
    "python-flatbuffers": "flatbuffers",
    "python-graphviz": "graphviz",
    "python-lmdb": "lmdb",
    "python-xxhash": "xxhash",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "ruamel-yaml": "ruamel.yaml",
    "tensorflow-gpu": "tensorflow",
    "uvicorn-standard": "uvicorn[standard]",
}
# Parts of other packages, and conda's own tools: Python packages that are not on PyPI, or are something else there.
_CONDA_ONLY = frozenset(
    """
    anaconda anaconda-client anaconda-navigator anaconda-project conda conda-build conda-env conda-package-handling
    keras-base menuinst navigator-updater numpy-base python-abi python.app pytorch-mutex tensorflow-base
    tensorflow-eigen tensorflow-mkl
    """.split()  # noqa: SIM905 - a list of names is easier to read and to extend without quotes
)
# Libraries and programs that are not Python. Needed for names without a telling build string.
_OTHER_LANGUAGES = frozenset(
    """
    arrow-cpp aws-c-common binutils blas blosc boost-cpp bzip2 c-ares c-compiler ca-certificates cairo clang cmake
    compilers cuda cuda-toolkit cuda-version cudatoolkit cudnn curl cxx-compiler dbus double-conversion eigen expat
    ffmpeg fftw fontconfig freetype fribidi gcc gdal-bin geos gettext gflags gfortran giflib git glib glog gmp
    gnutls go graphite2 graphviz gsl gst-plugins-base gstreamer gxx harfbuzz hdf4 hdf5 icu intel-openmp jasper
    java-jdk jpeg jq krb5 lame lcms2 ld_impl_linux-64 leptonica lerc llvm-openmp lz4-c lzo m2w64-gcc-libs make maven
    mkl mpc mpfr mpich msys2-conda-epoch nccl ncurses nettle ninja-base nodejs nomkl nspr nss openblas openh264
    openjdk openjpeg openmp openmpi openssl orc pandoc pango patchelf pcre pcre2 perl pixman pkg-config poppler
    postgresql proj qt qt-main qt-webengine r-base re2 readline ruby rust sed snappy sqlite swig sysroot_linux-64
    tbb tesseract tk tzdata ucrt unixodbc utf8proc vc vs2015_runtime wget x264 x265 xz yaml yaml-cpp zeromq zlib
    zlib-ng zstd
    """.split()  # noqa: SIM905 - a list of names is easier to read and to extend without quotes
)
_OTHER_PREFIXES = ("_", "lib", "r-", "xorg-", "font-ttf-", "fonts-", "gcc_", "gxx_", "binutils_", "__")
_PYTHON_LIBS = {"libcst", "libclang", "librosa", "libsass", "libtmux"}
_PYTHON_BUILD = re.compile(r"(^|_)py[\dh_]|^pyh")
_HASHED_BUILD = re.compile(r"(^|_)h[0-9a-f]{5,}")


def pypi_name(name: str, build: str | None) -> str | None:
    """The name on PyPI of a conda package; None if it is not there.

    The build string decides if there is one: conda names the Python version in it (``py38_0``, ``pyh9f0ad1d_0``).
    """
    plain = re.sub(r"[-_.]+", "-", name).lower()
    if plain in {re.sub(r"[-_.]+", "-", each) for each in _CONDA_ONLY}:
        return None
    is_python = _is_python(name.lower(), build or "")
    return _OTHER_NAMES.get(plain, name) if is_python else None


def _is_python(name: str, build: str) -> bool:
    if _PYTHON_BUILD.search(build):
        return True
    if _HASHED_BUILD.search(build) or name in _OTHER_LANGUAGES:
        return False
    return name in _PYTHON_LIBS or not name.startswith(_OTHER_PREFIXES)
