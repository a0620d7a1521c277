"""Google Cloud Storage, piece by piece; `storage.gcs` puts them together.

account    a service account by its key: tokens, narrower tokens, signatures
calls      requests to the store, and what its refusals mean
copies     copies the store makes itself
history    generations: deleted and brought back
links      signed URLs
uploads    streams, and uploads in parts
"""
