"""How what programs sign in with is kept; people's passwords have Django's own ways."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class RandomSecretHasher(PBKDF2PasswordHasher):
    """For secrets of ours, too long and random to be guessed however fast one tries.

    A slow hash would protect nothing, and cost each sign-in to notebooks 0.3 s.
    """

    algorithm = "random_secret"
    iterations = 1
