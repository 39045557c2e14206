"""A window of Debian's QtWebEngine 5.15 (Chromium 87); run by Debian's own Python, not ours."""

import sys

from PyQt5.QtCore import QUrl
from PyQt5.QtWebEngineWidgets import QWebEngineView
from PyQt5.QtWidgets import QApplication

app = QApplication(sys.argv)
view = QWebEngineView()
view.resize(1280, 900)
view.setUrl(QUrl("about:blank"))
view.show()
sys.exit(app.exec_())
