"""The plugin on a real WordPress behind nginx: which pages have the tag, and what goes wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from detector.testing.machine import free_port, missing
from tests.support.deployed import nginx
from tests.support.serving import Tag
from tests.support.silent import silent
from tests.support.wordpress import ARTICLE, WordPress, tag_of

PLUGIN = "wp-content/plugins/adblock-detector"
WELL = ["All is well: the server answers, visitors get the script, and the home page has the tag."]
SITES = '[sites.{name}]\nsecret = "another secret of another site"\nhosts = ["{host}"]\n'
BARE = "<?php /* Theme Name: Bare */ ?><!doctype html><title>Bare</title><p>Bare, but readable."


PHP = """location / {{ try_files $uri $uri/ /index.php?$args; }}
location ~ \\.php$ {{ include /etc/nginx/fastcgi_params; fastcgi_param HTTP_HOST $http_host;
  fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
  fastcgi_param PHP_ADMIN_VALUE "disable_functions=curl_init,curl_exec";
  fastcgi_pass unix:{folder}/site/php.sock; }}"""
SERVERS = f"""server {{{{ listen PORT0; root {{folder}}/site/www; index index.php; {PHP} }}}}
server {{{{ listen PORT1; root {{folder}}/site/www; index index.php;
  location ~* \\.(js|png)$ {{{{ expires 1h; }}}} {PHP} }}}}"""
MOVED = "<?php add_filter( 'pre_option_home', function () { return 'http://127.0.0.%d:%d'; } );"


class PageTag(Tag):
    """The tag of a page of WordPress."""

    def __init__(self, page: str) -> None:
        self.src, self.token = tag_of(page)
        self.folder = self.src.rpartition("/")[0]


@pytest.fixture(scope="module")
def paper() -> Iterator[WordPress]:
    """Start the newspaper once."""
    with WordPress() as started:
        yield started


@pytest.fixture(scope="module")
def editor(paper: WordPress) -> str:
    """Log the editor in, once."""
    return paper.log_in("editor")


@pytest.fixture(scope="module")
def plain(paper: WordPress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    """Run another nginx that passes nothing on itself, before a PHP without cURL; yield its ports.

    The second one has a location for scripts and pictures, as many sites do.
    """
    servers = SERVERS.format(folder=paper.folder)
    with nginx(tmp_path_factory.mktemp("plain"), servers, 2) as ports:
        yield ports


@contextmanager
def home(paper: WordPress, port: int, last: int = 1) -> Iterator[None]:
    """Move the site to another address."""
    file = paper.write("wp-content/mu-plugins/home.php", MOVED % (last, port))
    try:
        yield
    finally:
        file.unlink()


def fresh(paper: WordPress) -> str:
    """Return a page that no cache has."""
    page = paper.get("/?s=ferry")
    assert page.status == 200
    return page.text


@pytest.fixture(autouse=True)
def as_before(paper: WordPress) -> Iterator[None]:
    """Undo what a test changes in the settings; no test leaves an error in PHP's log."""
    before = paper.settings()
    yield
    paper.set(**before)
    assert paper.errors() == ""


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/page/2/",
        ARTICLE,
        "/brief/week-to-2026-05-30/",
        "/section/town/",
        "/author/imogen-calloway/",
        "/?s=ferry",
        "/2026/06/",
    ],
)
def test_pages_with_one_tag(paper: WordPress, path: str) -> None:
    """Readers' pages exist, and have one tag."""
    page = paper.get(path)
    assert (page.status, page.tags) == (200, 1), page.text[:2000]


def test_pages_without_a_tag(paper: WordPress, editor: str) -> None:
    """Log-in, 404, feeds, REST, oEmbed, previews and admin pages have none."""
    number = paper.php("return get_page_by_path('night-ferry', OBJECT, 'post')->ID;")
    story = f"http%3A%2F%2F127.0.0.1%3A{paper.port}{ARTICLE.replace('/', '%2F')}"
    for path, cookies, status, text in (
        ("/wp-login.php", "", 200, "Log In"),
        ("/no/such/page/", "", 404, "That page has sailed"),
        ("/feed/", "", 200, "<rss"),
        (f"{ARTICLE}feed/", "", 200, "<rss"),
        (f"/wp-json/wp/v2/posts/{number}", "", 200, "night-ferry"),
        (f"/wp-json/oembed/1.0/embed?url={story}", "", 200, "rich"),
        (f"{ARTICLE}embed/", "", 200, "wp-embed"),
        ("/robots.txt", "", 200, "Disallow"),
        ("/wp-sitemap.xml", "", 200, "sitemapindex"),
        (f"{ARTICLE}?preview=true", editor, 200, "night ferry"),
        ("/wp-admin/", editor, 200, "Dashboard"),
        (f"/wp-admin/post.php?post={number}&action=edit", editor, 200, "night ferry"),
    ):
        page = paper.get(path, cookies)
        assert (page.status, page.tags) == (status, 0), path
        assert text in page.text, path
    previews = "?customize_changeset_uuid=&customize_theme=wrenmouth&customize_messenger_channel=p"
    assert paper.get(f"/{previews}-0", editor).tags == 0


def test_previews_by_members_who_are_looked_at(paper: WordPress, editor: str) -> None:
    """Members who are looked at have the tag on pages, and not in previews."""
    assert paper.get(ARTICLE, editor).tags == 0
    paper.set(members=True)
    assert paper.get(ARTICLE, editor).tags == 1
    assert paper.get(f"{ARTICLE}?preview=true", editor).tags == 0
    paper.set(ad_free=["administrator"])
    assert paper.get(ARTICLE, editor).tags == 0
    assert paper.get(ARTICLE, paper.log_in("reader")).tags == 1


def test_the_page_cache(paper: WordPress) -> None:
    """nginx keeps readers' pages with their tag, and never a member's page."""
    path = "/harbour/oyster-beds/"
    reader = paper.log_in("reader")
    assert paper.get(path, reader).headers["x-cache"] == "BYPASS"
    first, second = paper.get(path), paper.get(path)
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("MISS", "HIT")
    assert second.text == first.text and first.tags == 1
    assert "Log out" in paper.get(path, reader).text


def test_a_view_is_counted(paper: WordPress) -> None:
    """The page's tag leads to the detector, through nginx, and the address is the visitor's."""
    PageTag(paper.get(ARTICLE).text).visit(paper.port, paper.host, "01234567890123456789")


def test_all_is_well(paper: WordPress, editor: str) -> None:
    """The settings page finds nothing to complain about."""
    assert paper.test_it(editor) == WELL


def test_settings_are_for_administrators(paper: WordPress) -> None:
    """A subscriber cannot open the settings."""
    reader = paper.log_in("reader")
    page = paper.get("/wp-admin/options-general.php?page=adblock-detector", reader)
    assert page.status == 403


def test_through_php_without_curl(paper: WordPress, editor: str, plain: list[int]) -> None:
    """WordPress passes the folder on by itself, also in a PHP that has no cURL."""
    paper.set(php=True)
    paper.write("curl.php", "<?php echo function_exists( 'curl_init' ) ? 'with' : 'without';")
    assert paper.get("/curl.php", port=plain[0]).text == "without"
    PageTag(fresh(paper)).visit(plain[0], paper.host, "01234567890123456788")
    with home(paper, plain[0]):
        assert paper.test_it(editor) == WELL
    paper.set(php=False)
    assert paper.get(PageTag(fresh(paper)).src, port=plain[0]).status == 404


def test_a_location_of_scripts_is_in_the_way(
    paper: WordPress, editor: str, plain: list[int]
) -> None:
    """Where the web server answers 404 for our script itself, the settings ask for its lines."""
    paper.set(php=True)
    with home(paper, plain[1]):
        (said,) = paper.test_it(editor)
    assert "(HTTP 404): give the web server the lines below." in said


def test_the_server_is_away(paper: WordPress, editor: str, plain: list[int]) -> None:
    """Pages are as always; requests for our folder get 503, and the settings say what is wrong."""
    before = fresh(paper)
    script = PageTag(before).src
    address = f"http://127.0.0.1:{free_port()}"
    paper.set(server=address, php=True)
    assert fresh(paper) == before
    assert paper.get(script, port=plain[0]).status == 503
    (said,) = paper.test_it(editor)
    assert said.startswith(f'No "detector serve" answers at {address} (')


def test_the_server_is_slow(paper: WordPress, editor: str, plain: list[int]) -> None:
    """A server that accepts and never answers is asked once, and not again for a while."""
    before = fresh(paper)
    script = PageTag(before).src
    with silent() as (port, asked):
        paper.set(server=f"http://127.0.0.1:{port}", php=True)
        assert fresh(paper) == before
        assert [paper.get(script, port=plain[0]).status for _ in range(3)] == [503] * 3
        assert asked() == 1
        (said,) = paper.test_it(editor)
    assert said.startswith('No "detector serve" answers at')


def test_another_sites_key(paper: WordPress, editor: str, tmp_path: Path) -> None:
    """A key of another secret leaves the page readable, and the settings name the site."""
    config = tmp_path / "sites.toml"
    config.write_text(SITES.format(name="gazette", host="127.0.0.1"))
    paper.set(key=paper.key(config, "gazette"))
    page = paper.get("/?s=ferry")
    assert (page.status, page.tags) == (200, 1)
    (said,) = paper.test_it(editor)
    assert 'another secret than the one the server has for the site "gazette"' in said


def test_a_host_that_the_server_does_not_know(paper: WordPress, editor: str) -> None:
    """The settings name the host that is missing in `hosts`."""
    with home(paper, paper.port, 2):
        said = paper.test_it(editor)
    assert 'add "127.0.0.2" to hosts in sites.toml' in said[0]


def test_the_plugin_twice(paper: WordPress, editor: str) -> None:
    """A second copy does nothing; a pasted tag beside the plugin is named."""
    copy = paper.www / "wp-content/mu-plugins"
    shutil.copytree(paper.www / PLUGIN, copy / "again")
    loader = paper.write(
        "wp-content/mu-plugins/again.php", "<?php require __DIR__ . '/again/adblock-detector.php';"
    )
    try:
        assert paper.get("/?s=ferry").tags == 1
        assert paper.test_it(editor) == WELL
        loader.write_text("<?php add_action( 'wp_head', 'Adblock_Detector\\\\print_tag', 1 );")
        assert paper.get("/?s=ferry").tags == 2
        (said,) = paper.test_it(editor)
        assert "the tag more than once" in said
    finally:
        loader.unlink()
        shutil.rmtree(copy / "again")


def test_a_theme_without_wp_head(paper: WordPress, editor: str) -> None:
    """Its page is as it was, and the settings say what is missing."""
    paper.write("wp-content/themes/bare/index.php", BARE)
    paper.write("wp-content/themes/bare/style.css", "/* Theme Name: Bare */")
    paper.php("switch_theme('bare'); return 1;")
    try:
        page = paper.get("/?s=ferry")
        assert (page.status, page.tags) == (200, 0)
        assert page.text == "<!doctype html><title>Bare</title><p>Bare, but readable."
        (said,) = paper.test_it(editor)
        assert "The home page has no tag: its theme must call wp_head()" in said
    finally:
        paper.php("switch_theme('wrenmouth'); return 1;")


@pytest.mark.parametrize("theme", ["twentytwentyone", "twentytwentythree"])
def test_themes_of_wordpress(paper: WordPress, editor: str, theme: str) -> None:
    """In WordPress' own themes, of templates and of blocks, the tag is the first script."""
    if not (paper.www / "wp-content/themes" / theme).exists():
        missing(f"The theme is missing: scripts/setup does it (Debian: wordpress-theme-{theme})")
    paper.php("switch_theme($given[0]); return 1;", theme)
    try:
        for path in ("/?s=ferry", f"{ARTICLE}?fresh", "/section/town/?fresh", "/page/2/?fresh"):
            page = paper.get(path)
            assert (page.status, page.tags) == (200, 1), path
            first, second = re.findall(r"<script[^>]*>", page.text)[:2]
            assert "nowprocket" in first and PageTag(page.text).src in second
            assert "wrenmouth" not in page.text.partition("</head>")[0]
        assert paper.get("/no/such/page/").tags == 0
        assert paper.test_it(editor) == WELL
    finally:
        paper.php("switch_theme('wrenmouth'); return 1;")
