"""The pages of The Tram Gazette."""

from __future__ import annotations

from django.contrib.staticfiles.views import serve
from django.urls import path

from gazette import views

urlpatterns = [
    path("", views.home, name="home"),
    path("stops/<slug:slug>/", views.stop, name="stop"),
    # Enough for an example; a real site uses another server for static files.
    path("static/<path:path>", serve, {"insecure": True}),
]
