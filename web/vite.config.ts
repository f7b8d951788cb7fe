import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = "http://127.0.0.1:8484";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/everkin/interfaces/page",
    emptyOutDir: true,
    // Data addresses for scripts and fonts are refused by the page's Content-Security-Policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: {
      "/api": server,
      "/avatars": server,
      "/media": server,
      "/socket.io": { target: server, ws: true },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
