"""Flask-Admin over Peewee models and a folder of files, with its forms' CSRF tokens."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.fileadmin import FileAdmin
from flask_admin.contrib.peewee import ModelView
from flask_admin.form import SecureForm
from peewee import CharField, DateField, ForeignKeyField, Model, SqliteDatabase, TextField

from detector.flask import Detector
from e2e.support.apps.twice import serve_wsgi

database = SqliteDatabase(None, check_same_thread=False)


class Author(Model):
    """An author."""

    name = CharField()

    class Meta:
        """Where it is kept."""

        database = database

    def __str__(self) -> str:
        return str(self.name)


class Story(Model):
    """A story."""

    title = CharField()
    text = TextField()
    day = DateField()
    author = ForeignKeyField(Author)

    class Meta:
        """Where it is kept."""

        database = database


class StoryView(ModelView):  # type: ignore[misc]
    """The pages of stories, with the usual options of owners."""

    form_base_class = SecureForm
    column_searchable_list = (Story.title,)
    column_filters = (Story.title, Story.day)
    can_view_details = True


def make(files: Path) -> Flask:
    """Return the app of an editorial office."""
    app = Flask(__name__)
    app.secret_key = "one key for both, plain and not"
    admin = Admin(app, name="Office")
    admin.add_view(StoryView(Story))
    admin.add_view(ModelView(Author))
    admin.add_view(FileAdmin(str(files), name="Files"))
    return app


def main(folder: Path) -> None:
    """Create the data and serve the office."""
    files = folder / "files"
    files.mkdir()
    (files / "masthead.txt").write_text("The Lamp Room\n")
    database.init(str(folder / "office.db"))
    database.create_tables([Author, Story])
    author: Any = Author.create(name="E. Calder")
    for number in range(1, 31):
        Story.create(title=f"Story {number}", text="Fog.", day=f"2026-01-{number}", author=author)
    database.close()
    plain, ours = make(files), make(files)
    Detector(ours)
    serve_wsgi(plain, ours)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
