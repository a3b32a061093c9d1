/** Builds the page: `src/web` to `dist/web`, no address outside of the hub, no inline script or style. */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: 'src/web',
  publicDir: 'public',
  plugins: [react()],
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    // zod's schemas come along with the protocol; all of it is some 160 KB on the way.
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
  },
})
