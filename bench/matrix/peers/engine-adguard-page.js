// AdGuard's part in pages.
import "@adguard/tswebextension/content-script";
