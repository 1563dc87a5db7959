"""PostgreSQL, an S3 server and mlyard on this machine: for `make stack`, and in parts for the tests."""
