from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0007_index_outlives_drives")]

    operations = [
        migrations.RemoveIndex(model_name="indexentry", name="entry_by_words"),
        migrations.AddIndex(
            model_name="indexentry",
            index=models.Index(
                fields=["drive", "words", "id"],
                include=["folder_words"],
                name="entry_by_words",
            ),
        ),
        # An index is read alone only where the table was tidied since.
        migrations.RunSQL(
            "ALTER TABLE files_indexentry SET ("
            "autovacuum_vacuum_scale_factor = 0.02,"
            " autovacuum_vacuum_insert_scale_factor = 0.02)",
            "ALTER TABLE files_indexentry RESET ("
            "autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor)",
        ),
    ]
