// Builds the pages into $OUT (build/web); no inline script or style, so that
// the strict content security policy holds; relative addresses, so that they
// work below a path of a reverse proxy.
import { defineConfig } from "vite";
import { help } from "./plugins/help";
import { weight } from "./plugins/weight";

export default defineConfig({
  base: "./",
  plugins: [help(new URL("help", import.meta.url).pathname), weight(150 * 1024)],
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    outDir: process.env.OUT ?? "../build/web",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 800,
  },
});
