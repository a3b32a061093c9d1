/** Draws the page's PNG icons from its SVG: for installing, for phones, and one that survives being cut to a circle. */
import { readFileSync, writeFileSync } from 'node:fs'
import { openBrowser } from '../test/harness/browser.ts'

const FOLDER = 'src/web/public/icons'
const ICONS = [
  { file: 'icon-192.png', size: 192, scale: 1, isFilled: false },
  { file: 'icon-512.png', size: 512, scale: 1, isFilled: false },
  { file: 'icon-maskable-512.png', size: 512, scale: 0.8, isFilled: true },
  { file: 'apple-touch-icon.png', size: 180, scale: 0.9, isFilled: true },
]

const svg = readFileSync(`${FOLDER}/icon.svg`, 'utf8')
const browser = await openBrowser()
for (const { file, size, scale, isFilled } of ICONS) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  const inset = (size * (1 - scale)) / 2
  await page.setContent(
    `<style>body{margin:0;${isFilled ? 'background:#0f172a' : ''}} svg{position:absolute;inset:${inset}px;width:${size * scale}px;height:${size * scale}px}</style>${svg}`,
  )
  writeFileSync(`${FOLDER}/${file}`, await page.screenshot({ omitBackground: !isFilled }))
  await page.close()
}
await browser.close()
