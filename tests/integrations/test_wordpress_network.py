"""The plugin on a network of WordPress sites under sub-folders."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.serving import Tag
from tests.support.wordpress import WordPress, tag_of
from tests.support.wordpress_network import BELOW, Network, network

WELL = ["All is well: the server answers, visitors get the script, and the home page has the tag."]


class PageTag(Tag):
    """The tag of a page of WordPress."""

    def __init__(self, page: str) -> None:
        self.src, self.token = tag_of(page)
        self.folder = self.src.rpartition("/")[0]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Start the network once."""
    with WordPress() as paper, network(paper, tmp_path_factory.mktemp("network")) as started:
        yield started


@pytest.mark.parametrize("below", ["", BELOW])
def test_each_site_has_its_own_tag(sites: Network, below: str) -> None:
    """Each site has its own key, its folder below its own path, and passes its views on."""
    page = sites.paper.get(f"{below}/", port=sites.port, host=sites.host)
    assert (page.status, page.tags) == (200, 1), page.text[:2000]
    found = PageTag(page.text)
    assert found.folder.rpartition("/")[0] == below
    found.visit(sites.port, sites.host, f"0123456789012345678{len(below)}")
    assert sites.paper.errors() == ""


def test_the_settings_name_the_path(sites: Network) -> None:
    """Each site has its own settings page, which names the path that a wrong key lacks."""
    editor = sites.paper.log_in("editor", sites.port, sites.host)

    def said() -> list[str]:
        return sites.paper.test_it(editor, sites.port, sites.host, BELOW)

    assert said() == WELL
    change = (
        "switch_to_blog(2); $had = get_option('adblock_detector');"
        "update_option('adblock_detector', array('key' => $given[0]) + $had); return 1;"
    )
    sites.php(change, sites.keys[0])
    try:
        assert 'write mount = "/de" into sites.toml' in said()[0]
    finally:
        sites.php(change, sites.keys[1])
    assert said() == WELL


def test_uninstalling_cleans_every_site(sites: Network) -> None:
    """Uninstalling removes the settings of all sites of the network."""
    count = (
        "$found = 0; foreach (array(1, 2) as $blog) { switch_to_blog($blog);"
        " $found += (int) (false !== get_option('adblock_detector')); restore_current_blog(); }"
        " return $found;"
    )
    assert sites.php(count) == 2
    sites.php(
        "define('WP_UNINSTALL_PLUGIN', 1);"
        " require WP_PLUGIN_DIR . '/adblock-detector/uninstall.php'; return 1;"
    )
    assert sites.php(count) == 0
