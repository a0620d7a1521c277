"""What the island of uploads says, as `islands/upload/words.ts` names it."""

from django.utils.translation import gettext


def words() -> dict[str, str]:
    return {
        "of": gettext("{sent} of {total}"),
        "left": gettext("{time} left"),
        "waiting": gettext("waiting"),
        "more_waiting": gettext("and {count} more waiting"),
        "checking": gettext("comparing with what is there already"),
        "paused": gettext("paused"),
        "lost": gettext("no connection; goes on by itself"),
        "silent": gettext("the line is silent; waits, and goes on by itself"),
        "down": gettext("the storage does not answer; goes on by itself"),
        "signed_out": gettext("you are signed out; what has arrived is kept"),
        "sign_in": gettext("Sign in and go on"),
        "asking": gettext("there is a file of this name already"),
        "done": gettext("uploaded: {size} stored, verified"),
        "same": gettext("there already, the same: {size}"),
        "skipped": gettext("skipped"),
        "failed": gettext("Could not upload."),
        "incomplete": gettext("The storage has less of it than was sent. Try again."),
        "unreadable": gettext(
            "The file on your computer was changed, moved or cannot be read. Choose it again."
        ),
        "full": gettext(
            "The storage is full. What has arrived is kept. Make room, then try again."
        ),
        "altered": gettext(
            "What arrived is not what was sent, several times over: something on the way alters it. Try another network."
        ),
        "expired": gettext("The storage refuses it. Reload the page and try again."),
        "taken": gettext("Somebody else uses this name at the moment. Try again."),
        "not_accepted": gettext(
            "The storage does not accept this name. There may be a folder of the same name."
        ),
        "pause": gettext("Pause"),
        "resume": gettext("Resume"),
        "cancel": gettext("Cancel"),
        "again": gettext("Try again"),
        "dismiss": gettext("Dismiss"),
        "pause_all": gettext("Pause all"),
        "resume_all": gettext("Resume all"),
        "cancel_all": gettext("Cancel all"),
        "files_of": gettext("{done} of {count} files"),
        "all_done": gettext("Files uploaded: {count} ({size} stored, verified)."),
        "some_failed": gettext("Not uploaded: {count}."),
        "reading": gettext("Reading the folder: {count} files"),
        "started": gettext("Uploading {count}."),
        "clash_title": gettext("“{name}” is there already"),
        "clash_there": gettext("There: {size}, changed {when}"),
        "clash_yours": gettext("Yours: {size}, changed {when}"),
        "clash_kept": gettext("What you replace stays as an earlier version."),
        "clash_lost": gettext(
            "This bucket keeps no versions: what you replace is gone for good."
        ),
        "clash_type": gettext("To replace it for good, type “{name}”"),
        "clash_only": gettext(
            "Yours has arrived under this name and cannot be given another: the bucket keeps no versions. To keep both, skip it, rename the file that is there, then resume."
        ),
        "clash_all": gettext("Do the same for all others"),
        "replace": gettext("Replace"),
        "keep_both": gettext("Keep both"),
        "skip": gettext("Skip"),
        "refused_title": gettext("Names that cannot be stored: {count}"),
        "refused_more": gettext("and {count} more"),
        "go_on": gettext("Send the others: {count}"),
        "stop": gettext("Send nothing"),
        "not_the_file": gettext(
            "This is another file: the one that was begun has {size}."
        ),
    }
