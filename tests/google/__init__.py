"""Google, as far as the tests need it and it can be had on one machine.

    fake-gcs-server   holds buckets and objects, and speaks the JSON API
    door              stands before it and refuses what Google would refuse: no token or a
                      narrower one, a condition that does not hold, a signature that is
                      wrong; speaks of the XML API what browsers and obstore use
    tokens            gives access tokens for signed assertions (OAuth 2.0, RFC 7523) and
                      narrower ones for those (RFC 8693, Credential Access Boundaries)

fake-gcs-server takes any request from anybody and ignores conditions. The door and the
tokens are fakes of ours, written to Google's documentation; `test_google` holds them to
Google's own clients.
"""
