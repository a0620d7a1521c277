"""What the hub learns about a person when they open notebooks."""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator


class Claims(OAuth2Validator):  # type: ignore[misc] # the toolkit ships no types
    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, str]:
        person = request.user
        return {
            "preferred_username": person.handle,
            "name": person.name,
            "email": person.email,
            "locale": person.speaks,
        }
