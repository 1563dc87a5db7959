"""S3: opens buckets, presigns URLs for direct access by clients, and uploads in parts.

obstore transfers the bytes. botocore finds credentials where Amazon's tools keep them (profiles, single sign-on,
instances) and signs what obstore cannot: uploads in parts.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import urllib3

from mlyard.artifacts.content import exactly
from mlyard.artifacts.paths import check_file_path
from mlyard.core import settings
from mlyard.core.errors import DoesNotExist, InvalidParameter, TemporarilyUnavailable
from mlyard.core.forks import cached
from mlyard.ports.artifacts import Part, SignedUrl, Unfinished
from mlyard.transport.connections import open_pool, proxy_of

_RETRIES = {"max_retries": 5, "retry_timeout": timedelta(seconds=60)}
# The arguments of MLFLOW_S3_UPLOAD_EXTRA_ARGS: boto3's names, and obstore's.
_EXTRA = {
    "ServerSideEncryption": "server_side_encryption",
    "SSEKMSKeyId": "sse_kms_key_id",
    "BucketKeyEnabled": "sse_bucket_key_enabled",
    "RequestPayer": "request_payer",
    "ChecksumAlgorithm": "checksum_algorithm",
}
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
# Of anything else obstore makes a panic, which is not an Exception.
_URL = re.compile(r"https?://([\w.\-]+|\[[\da-f:.]+\])(:(?P<port>\d{1,5}))?(/[\w.\-/]*)?", re.ASCII | re.IGNORECASE)
_CREDENTIALS_SECONDS = 900
_ENVIRONMENT = ("AWS_", "MLYARD_S3_", "MLFLOW_S3_", "MLYARD_BOTO", "MLFLOW_BOTO")
_PART_SECONDS = 3600
Environment = tuple[tuple[str, str], ...]


def bucket(name: str) -> Any:
    """The obstore of a bucket. It pools connections, so there is one for each set of environment variables."""
    return _bucket(name, _environment())


def _environment() -> Environment:
    return tuple(sorted((k, v) for k, v in os.environ.items() if k.startswith(_ENVIRONMENT)))


@cached(maxsize=64)
def _bucket(name: str, _: Environment) -> Any:
    from obstore.store import S3Store

    endpoint = _endpoint()
    config = {**_extra_args(), "region": _region()}
    if endpoint:
        config["endpoint"] = _with_bucket(endpoint, name) if _virtual() else endpoint
        config["virtual_hosted_style_request"] = _virtual()
    provider = None if _from_environment() else _Provider()
    return S3Store(
        name,
        config=config,  # type: ignore[arg-type]  # option names of obstore, chosen above
        client_options=_client_options(endpoint),
        retry_config=_RETRIES,  # type: ignore[arg-type]
        credential_provider=provider,
    )


def _endpoint() -> str:
    endpoint = settings.S3_ENDPOINT_URL.get() or next((os.environ[n] for n in _ENDPOINTS if os.environ.get(n)), "")
    if endpoint and not _is_url(endpoint):
        variables = ("MLYARD_S3_ENDPOINT_URL", "MLFLOW_S3_ENDPOINT_URL", *_ENDPOINTS)
        variable = next(name for name in variables if os.environ.get(name))
        raise InvalidParameter(
            f"{variable} is {endpoint!r}, which is not the URL of a server: write http://<host>:<port> or "
            "https://<host>."
        )
    return endpoint


def _is_url(text: str) -> bool:
    found = _URL.fullmatch(text)
    return found is not None and int(found["port"] or 80) < 65536


def _virtual() -> bool:
    return settings.S3_ADDRESSING_STYLE.get() == "virtual"


def _with_bucket(endpoint: str, name: str) -> str:
    scheme, _, rest = endpoint.partition("://")
    return f"{scheme}://{name}.{rest}"


def _region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _profile_region() or "us-east-1"


def _profile_region() -> str | None:
    return None if _from_environment() else _session().get_config_variable("region")


def _from_environment() -> bool:
    """Whether the environment has keys and does not name a profile."""
    return bool(os.environ.get("AWS_ACCESS_KEY_ID")) and not os.environ.get("AWS_PROFILE")


def _client_options(endpoint: str) -> Any:
    read_timeout = timedelta(seconds=settings.HTTP_REQUEST_TIMEOUT.get())
    options: dict[str, Any] = {
        "allow_http": endpoint.startswith("http://"),
        "allow_invalid_certificates": settings.S3_IGNORE_TLS.get(),
        "connect_timeout": timedelta(seconds=10),
        # Between two reads only: a whole transfer may last as long as it needs.
        "read_timeout": read_timeout,
        "timeout": timedelta(days=7),
    }
    authorities = os.environ.get("AWS_CA_BUNDLE")
    if authorities:
        options["root_certificate"] = Path(authorities).read_bytes()
    return options


def _extra_args() -> dict[str, Any]:
    text = settings.S3_UPLOAD_EXTRA_ARGS.get()
    if not text:
        return {}
    variable = "MLYARD_S3_UPLOAD_EXTRA_ARGS"
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise InvalidParameter(
            f'{variable} is {text!r}: expected a JSON object, such as {{"ServerSideEncryption": "AES256"}}.'
        )
    unknown = sorted(given.keys() - _EXTRA.keys())
    if unknown:
        raise InvalidParameter(f"{variable} contains {unknown[0]!r}, which is not supported: use {', '.join(_EXTRA)}.")
    return {_EXTRA[name]: value for name, value in given.items()}


def _session() -> Any:
    """A botocore session, which looks for credentials in all of Amazon's places."""
    import botocore.session

    return botocore.session.Session(profile=os.environ.get("AWS_PROFILE"))


class _Provider:
    """Credentials for obstore, renewed by botocore."""

    def __init__(self) -> None:
        self._credentials = _session().get_credentials()
        if self._credentials is None:
            raise InvalidParameter(
                "No S3 credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE."
            )

    def __call__(self) -> Any:
        frozen = self._credentials.get_frozen_credentials()
        return {
            "access_key_id": frozen.access_key,
            "secret_access_key": frozen.secret_key,
            "token": frozen.token,
            "expires_at": datetime.now(UTC) + timedelta(seconds=_CREDENTIALS_SECONDS),
        }


@cached(maxsize=8)
def _signer(_: Environment) -> Any:
    from botocore.config import Config

    endpoint = _endpoint() or None
    style = "virtual" if _virtual() else ("path" if endpoint else "auto")
    config = Config(signature_version="s3v4", s3={"addressing_style": style}, retries={"max_attempts": 5})
    verify = False if settings.S3_IGNORE_TLS.get() else None
    session = _session()
    return session.create_client("s3", endpoint_url=endpoint, region_name=_region(), config=config, verify=verify)


class _S3Files:
    """Keys below ``root`` of a bucket."""

    def __init__(self, name: str, root: str) -> None:
        self._name = name
        self._root = root

    def _key(self, path: str) -> str:
        return "/".join(part for part in (self._root, check_file_path(path)) if part)

    def _sign(self, action: str, seconds: float, **values: Any) -> SignedUrl:
        signer = _signer(_environment())
        url = signer.generate_presigned_url(action, Params={"Bucket": self._name, **values}, ExpiresIn=int(seconds))
        return SignedUrl(url)


class S3Direct(_S3Files):
    """ports.DirectAccess."""

    def presign_get(self, path: str, seconds: float) -> SignedUrl:
        """See ports.DirectAccess."""
        return self._sign("get_object", seconds, Key=self._key(path))

    def presign_put(self, path: str, seconds: float) -> SignedUrl:
        """See ports.DirectAccess."""
        return self._sign("put_object", seconds, Key=self._key(path))

    def presign_part(self, path: str, upload_id: str, number: int, seconds: float) -> SignedUrl:
        """See ports.DirectAccess."""
        return self._sign("upload_part", seconds, Key=self._key(path), UploadId=upload_id, PartNumber=number)


class S3Parts(_S3Files):
    """ports.PartedUploads."""

    def begin(self, path: str) -> str:
        """See ports.PartedUploads."""
        return str(self._call("create_multipart_upload", path, Key=self._key(path))["UploadId"])

    def put_part(self, path: str, upload_id: str, part: Part, content: Iterable[bytes]) -> str:
        """See ports.PartedUploads. Uses a presigned URL, so that the part can be streamed without being buffered."""
        signed = self._sign(
            "upload_part", _PART_SECONDS, Key=self._key(path), UploadId=upload_id, PartNumber=part.number
        )
        headers, body = (
            {"Content-Length": str(part.size)},
            exactly(content, part.size, f"Part {part.number} of {path!r}"),
        )
        try:
            answer = _pool(_environment(), proxy_of(signed.url)).request("PUT", signed.url, body=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise _no_answer(path, error) from None
        if answer.status == 404:
            raise _no_such_upload(path)
        if answer.status != 200:
            raise TemporarilyUnavailable(f"The object store answered {answer.status} to a part of {path!r}. Try again.")
        return str(answer.headers["ETag"])

    def complete(self, path: str, upload_id: str, tags: Mapping[int, str]) -> None:
        """See ports.PartedUploads."""
        parts = [{"PartNumber": number, "ETag": tag} for number, tag in sorted(tags.items())]
        key = self._key(path)
        self._call("complete_multipart_upload", path, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts})

    def abort(self, path: str, upload_id: str) -> None:
        """See ports.PartedUploads."""
        self._call("abort_multipart_upload", path, Key=self._key(path), UploadId=upload_id)

    def uploads(self) -> Sequence[Unfinished]:
        """See ports.PartedUploads."""
        prefix = f"{self._root}/" if self._root else ""
        found: list[Unfinished] = []
        after: dict[str, str] = {}
        while True:
            page = self._call("list_multipart_uploads", prefix, Prefix=prefix, **after)
            for upload in page.get("Uploads", []):
                begun_at = int(upload["Initiated"].timestamp() * 1000)
                found.append(Unfinished(upload["Key"][len(prefix) :], begun_at, upload["UploadId"]))
            if not page.get("IsTruncated"):
                return found
            after = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}

    def _call(self, action: str, path: str, **values: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(_signer(_environment()), action)(Bucket=self._name, **values)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code == "NoSuchUpload":
                raise _no_such_upload(path) from None
            raise InvalidParameter(f"The object store refused the upload of {path!r}: {code}.") from None
        except BotoCoreError as error:
            raise _no_answer(path, error) from None


def _no_such_upload(path: str) -> DoesNotExist:
    return DoesNotExist(f"There is no such upload of {path!r}: it was completed or aborted.")


def _no_answer(path: str, error: Exception) -> TemporarilyUnavailable:
    return TemporarilyUnavailable(
        f"The object store did not answer a request for {path!r} ({type(error).__name__}). Try again."
    )


@cached(maxsize=8)
def _pool(_: Environment, proxy: str | None) -> urllib3.PoolManager:
    """Connections for streamed parts. Redirects are not followed."""
    cert_reqs = "CERT_NONE" if settings.S3_IGNORE_TLS.get() else "CERT_REQUIRED"
    authorities = os.environ.get("AWS_CA_BUNDLE")
    timeout = urllib3.Timeout(connect=10, read=settings.HTTP_REQUEST_TIMEOUT.get())
    return open_pool(proxy, maxsize=40, retries=False, timeout=timeout, cert_reqs=cert_reqs, ca_certs=authorities)
