"""Why something is not done, in the words the person reads in JupyterLab.

A refusal's docstring is its English message; `french` says the same. Fields are data.

    403 ReadOnlyDrive NotAllowed SessionOver NoCredentials   404 NoSuchDrive NoSuchFile
    409 Changed AlreadyThere UploadBroken         413 TooBig
    400 BadName BadRequest BadEncoding            503 StoreDown PlatformDown
"""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ClassVar, Concatenate, ParamSpec, Protocol, TypeVar

from obstore import exceptions
from tornado import web


class Refusal(Exception):
    """What was asked for cannot be done."""

    status: ClassVar[int] = 400
    # A phrase JupyterLab knows by heart and reacts to.
    reason: ClassVar[str | None] = None
    french: ClassVar[str] = "Ce qui est demandé ne peut pas être fait."

    def __init__(self, **fields: str) -> None:
        super().__init__(fields)
        self.fields = fields

    def message(self, language: str) -> str:
        text = self.french if language == "fr" else type(self).__doc__ or ""
        return text.format(**self.fields)


class ReadOnlyDrive(Refusal):
    """The drive {drive} is read-only for you, so nothing was changed in it. Keep your work with “Save As” in your own files."""

    status = 403
    french = "L’espace {drive} est en lecture seule pour vous : rien n’y a été modifié. Gardez votre travail avec « Enregistrer sous » dans vos propres fichiers."


class NotAllowed(Refusal):
    """The store does not let you do this with “{path}”. Your access may just have changed: reload the file list."""

    status = 403
    french = "Le stockage ne vous permet pas cette opération sur « {path} ». Vos droits viennent peut-être de changer : actualisez la liste des fichiers."


class SessionOver(Refusal):
    """You no longer have access to this workspace: {message}"""

    status = 403
    french = "Vous n’avez plus accès à cet espace de travail : {message}"


class NoCredentials(Refusal):
    """The platform gives this session no access to the drives: {message}"""

    status = 403
    french = "La plateforme ne donne à cette session aucun accès aux espaces de fichiers : {message}"


class NoSuchDrive(Refusal):
    """There is no drive {drive} here, or you no longer have access to it."""

    status = 404
    french = "Il n’y a pas d’espace {drive} ici, ou vous n’y avez plus accès."


class NoSuchFile(Refusal):
    """There is no “{path}”. It may have been moved or deleted."""

    status = 404
    french = "« {path} » n’existe pas. Le fichier a peut-être été déplacé ou supprimé."


class Changed(Refusal):
    """“{path}” was changed by someone else since you opened it. Your version is still here, unsaved: save again to choose between the two."""

    status = 409
    french = "« {path} » a été modifié par quelqu’un d’autre depuis que vous l’avez ouvert. Votre version est toujours là, non enregistrée : enregistrez à nouveau pour choisir entre les deux."


class AlreadyThere(Refusal):
    """“{path}” already exists; nothing was overwritten."""

    status = 409
    french = "« {path} » existe déjà ; rien n’a été écrasé."


class UploadBroken(Refusal):
    """The upload of “{path}” was interrupted. Start it again; nothing of it was kept."""

    status = 409
    french = "L’envoi de « {path} » a été interrompu. Recommencez-le ; rien n’en a été gardé."


class TooBig(Refusal):
    """“{path}” is too big to open here ({size} MB; the limit is {limit} MB). Read it from a notebook by its address (Copy path), or download it."""

    status = 413
    french = "« {path} » est trop gros pour être ouvert ici ({size} Mo ; la limite est de {limit} Mo). Lisez-le dans un notebook par son adresse (Copier le chemin), ou téléchargez-le."


class BadName(Refusal):
    """“{path}” cannot be the name of a file in a drive: {why}."""

    french = "« {path} » ne peut pas être le nom d’un fichier d’un espace : {why}."


class BadRequest(Refusal):
    """This request cannot be understood: {why}."""

    french = "Cette requête est incompréhensible : {why}."


class NotADirectory(Refusal):
    """“{path}” is not a folder."""

    reason = "bad type"
    french = "« {path} » n’est pas un dossier."


class NotAFile(Refusal):
    """“{path}” is a folder, not a file."""

    reason = "bad type"
    french = "« {path} » est un dossier, pas un fichier."


class BadEncoding(Refusal):
    """“{path}” is not text in UTF-8."""

    reason = "bad format"
    french = "« {path} » n’est pas du texte en UTF-8."


class BadNotebook(Refusal):
    """“{path}” is not a notebook that can be read: {why}"""

    french = "« {path} » n’est pas un notebook lisible : {why}"


class IntoItself(Refusal):
    """A folder cannot be put into itself."""

    french = "Un dossier ne peut pas être mis dans lui-même."


class DrivesStay(Refusal):
    """A drive as a whole cannot be moved, renamed, copied or deleted here."""

    status = 403
    french = "Un espace de fichiers entier ne peut être ni déplacé, ni renommé, ni copié, ni supprimé ici."


class NoEmptyFolders(Refusal):
    """The drive {drive} keeps no empty folders: a folder appears with its first file."""

    french = "L’espace {drive} ne garde pas de dossier vide : un dossier apparaît avec son premier fichier."


class StoreDown(Refusal):
    """The file store does not answer. Your work is still here, unsaved: try again in a moment."""

    status = 503
    french = "Le stockage des fichiers ne répond pas. Votre travail est toujours là, non enregistré : réessayez dans un instant."


class PlatformDown(Refusal):
    """The platform does not answer, so your access to the drive could not be checked. Your work is still here, unsaved: try again in a moment."""

    status = 503
    french = "La plateforme ne répond pas, votre accès à l’espace de fichiers n’a donc pas pu être vérifié. Votre travail est toujours là, non enregistré : réessayez dans un instant."


_MEANINGS: dict[type[Exception], type[Refusal]] = {
    FileNotFoundError: NoSuchFile,
    exceptions.PermissionDeniedError: NotAllowed,
    exceptions.UnauthenticatedError: NotAllowed,
    exceptions.PreconditionError: Changed,
    exceptions.AlreadyExistsError: AlreadyThere,
}


class Answer(web.HTTPError):
    """A refusal on its way to JupyterLab."""

    @property
    def log_message(self) -> str | None:
        # Tornado doubles every "%", which JupyterLab would show in names of files.
        return self.get_message()


def refusal_of(error: Exception, path: str) -> Refusal:
    """What an error of the object store means to the person."""
    for kind, meaning in _MEANINGS.items():
        if isinstance(error, kind):
            return meaning(path=path)
    # Listings and bulk deletions wrap the store's answer into a generic error.
    text = str(error)
    if "403 Forbidden" in text or "AccessDenied" in text:
        return NotAllowed(path=path)
    if "404 Not Found" in text:
        return NoSuchFile(path=path)
    return StoreDown()


@contextmanager
def store_errors(path: str) -> Iterator[None]:
    """Within, what obstore raises about `path` becomes a Refusal."""
    try:
        yield
    except (exceptions.BaseError, FileNotFoundError) as error:
        raise refusal_of(error, path) from error
    except ValueError as error:
        # obstore refuses some names before it asks the store.
        if "Could not parse path" not in str(error):
            raise
        raise BadName(path=path, why="« . », « .. », « // »") from error


class Speaker(Protocol):
    @property
    def language(self) -> str:
        """`en` or `fr`."""


P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=Speaker)


def answering(
    method: Callable[Concatenate[S, P], Coroutine[None, None, T]],
) -> Callable[Concatenate[S, P], Coroutine[None, None, T]]:
    """A Refusal raised by the method leaves it as an answer in the person's language."""

    @wraps(method)
    async def answered(speaker: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(speaker, *args, **kwargs)
        except Refusal as refusal:
            raise answer(refusal, speaker.language) from refusal

    return answered


def answer(refusal: Refusal, language: str) -> Answer:
    return Answer(refusal.status, refusal.message(language), reason=refusal.reason)
