"""The servers under test, named by the environment as for the commands themselves.

WEAVIATE_URL, WEAVIATE_GRPC_URL, QDRANT_URL, QDRANT_GRPC_URL, and the keys WEAVIATE_API_KEY and
QDRANT_API_KEY.  Nothing here knows whether a real server or the sandbox answers.
"""

import os
import warnings
from urllib.parse import urlsplit

import httpx
from qdrant_client import QdrantClient

with warnings.catch_warnings(record=True):
    # A library below this client warns about another one at import, on every start.
    import weaviate
    from weaviate.classes.init import AdditionalConfig, Auth, Timeout

WEAVIATE_URL = os.environ.get("WEAVIATE_URL", "http://127.0.0.1:8080").rstrip("/")
QDRANT_URL = os.environ.get("QDRANT_URL", "http://127.0.0.1:6333").rstrip("/")


def _beside(url, grpc_url, default_port):
    """Host and port of the gRPC service that belongs to an HTTP address."""
    parts = urlsplit(grpc_url or "")
    return parts.hostname or urlsplit(url).hostname, parts.port or default_port


def weaviate_grpc():
    return _beside(WEAVIATE_URL, os.environ.get("WEAVIATE_GRPC_URL"), 50051)


def qdrant_grpc():
    return _beside(QDRANT_URL, os.environ.get("QDRANT_GRPC_URL"), 6334)


def weaviate_client():
    """A connected official Weaviate client; the caller closes it."""
    http = urlsplit(WEAVIATE_URL)
    grpc_host, grpc_port = weaviate_grpc()
    key = os.environ.get("WEAVIATE_API_KEY")
    return weaviate.connect_to_custom(
        http_host=http.hostname, http_port=http.port or 8080,
        http_secure=http.scheme == "https",
        grpc_host=grpc_host, grpc_port=grpc_port, grpc_secure=http.scheme == "https",
        auth_credentials=Auth.api_key(key) if key else None,
        additional_config=AdditionalConfig(timeout=Timeout(init=10, query=120, insert=120)))


def weaviate_rest():
    """A plain HTTP client for what the official one does not hand out: raw beacons and dates."""
    key = os.environ.get("WEAVIATE_API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=WEAVIATE_URL, headers=headers, timeout=120)


def qdrant_client(prefer_grpc=True):
    """An official Qdrant client.  Over gRPC, for there vectors come back as bits, not as text."""
    _, grpc_port = qdrant_grpc()
    warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
    return QdrantClient(url=QDRANT_URL, grpc_port=grpc_port, prefer_grpc=prefer_grpc, timeout=120,
                        api_key=os.environ.get("QDRANT_API_KEY"), check_compatibility=False)
