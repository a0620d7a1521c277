import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Deletions, whose undo lasted as long as a toast, go without being carried over.

    What they hid can still be brought back: the trash finds it in the store itself.
    """

    dependencies = [
        ("files", "0003_keep_an_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("move", "move"),
                            ("copy", "copy"),
                            ("delete", "delete"),
                            ("undo", "undo"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("stopped", "stopped"),
                            ("failed", "failed"),
                        ],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("may_replace", models.BooleanField(default=False)),
                ("is_small", models.BooleanField(default=True)),
                ("found", models.BigIntegerField(null=True)),
                ("done", models.BigIntegerField(default=0)),
                ("left", models.BigIntegerField(default=0)),
                ("problem", models.CharField(blank=True, max_length=80)),
                ("started_at", models.DateTimeField(auto_now_add=True)),
                ("stop_asked_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "drive",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="files.drive",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "target_drive",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="files.drive",
                    ),
                ),
                (
                    "undoes",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="undone_by",
                        to="files.change",
                    ),
                ),
            ],
            options={
                "ordering": ("-started_at",),
            },
        ),
        migrations.CreateModel(
            name="ChangedPath",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("source", models.CharField(max_length=1024)),
                (
                    "target",
                    models.CharField(blank=True, db_index=True, max_length=1024),
                ),
                ("reached", models.TextField(blank=True)),
                ("is_done", models.BooleanField(default=False)),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="paths",
                        to="files.change",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="ChangedChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("entries", models.JSONField()),
                ("reaches", models.TextField(null=True)),
                ("is_done", models.BooleanField(default=False)),
                ("is_undone", models.BooleanField(default=False)),
                (
                    "path",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chunks",
                        to="files.changedpath",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.DeleteModel(
            name="Deletion",
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                fields=["drive", "-started_at"], name="files_chang_drive_i_6352b6_idx"
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "running"])),
                fields=["state"],
                name="changes_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["move", "copy", "delete", "undo"])),
                name="change_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["waiting", "running", "done", "stopped", "failed"])
                ),
                name="change_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "undo"), ("undoes", None), _connector="XOR"
                ),
                name="change_undoes_or_not",
            ),
        ),
        migrations.AddIndex(
            model_name="changedpath",
            index=models.Index(fields=["source"], name="files_chang_source_58c553_idx"),
        ),
    ]
