import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0006_resume_uploads")]

    operations = [
        migrations.AlterField(
            model_name="indexentry",
            name="drive",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="files.drive",
            ),
        ),
    ]
