// Ghostery's part in pages: which classes and ids there are, and what is to be hidden.
import { injectCosmetics } from "@ghostery/adblocker-webextension-cosmetics";

injectCosmetics(window, true);
