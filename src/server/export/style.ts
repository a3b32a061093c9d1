/** How an exported page looks: for reading, in light and dark, on a screen of any width and on paper. */
export const STYLE = `
:root{--ink:#1c1e21;--soft:#646a73;--line:#e2e4e8;--paper:#fff;--code:#f5f6f8;--prompt:#eef3ff;--edge:#3b6fe0;--add:#e6f6ea;--add-ink:#12602b;--del:#fdebec;--del-ink:#8f1d24}
@media (prefers-color-scheme:dark){:root{--ink:#e4e6ea;--soft:#979da8;--line:#2e3238;--paper:#16181c;--code:#1f2227;--prompt:#1c2538;--edge:#6f9bff;--add:#16301f;--add-ink:#8fd8a5;--del:#381c1f;--del-ink:#f2a2a8}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:50rem;margin:0 auto;padding:2.5rem 1.25rem 5rem}
header{border-bottom:1px solid var(--line);margin-bottom:2rem;padding-bottom:1.5rem}
h1{font-size:1.6rem;line-height:1.3;margin:0 0 1rem;overflow-wrap:anywhere}
h2,h3,h4{line-height:1.3;margin:1.6em 0 .5em}h2{font-size:1.25rem}h3{font-size:1.1rem}h4{font-size:1rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.25rem;margin:0;font-size:.875rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.turn{display:flex;align-items:center;gap:1rem;margin:2.5rem 0 1.25rem;color:var(--soft);font-size:.8125rem}
.turn::before,.turn::after{content:"";flex:1;border-top:1px solid var(--line)}
article{overflow-wrap:anywhere;margin:1rem 0}
article>:first-child{margin-top:0}article>:last-child{margin-bottom:0}
.prompt{background:var(--prompt);border-left:3px solid var(--edge);border-radius:0 .5rem .5rem 0;padding:.9rem 1.1rem}
.prompt p{white-space:pre-wrap}
.file{text-decoration:underline dotted}
.work{margin:.35rem 0;font-size:.875rem;color:var(--soft)}
p.work{padding-left:1.1rem}
summary{cursor:pointer;overflow-wrap:anywhere}
summary:hover .title{color:var(--ink)}
.title{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.8125rem}
.note{color:var(--soft);margin-left:.5rem}
details[open]{border-left:2px solid var(--line);padding-left:1rem;margin:.75rem 0 1rem}
details[open]>summary{margin-left:-1rem;margin-bottom:.5rem}
.path{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.8125rem;margin:.75rem 0 .25rem;overflow-wrap:anywhere}
pre{background:var(--code);color:var(--ink);border-radius:.5rem;padding:.8rem 1rem;overflow-x:auto;font-size:.8125rem;line-height:1.5;max-height:40rem}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
:not(pre)>code{background:var(--code);border-radius:.3rem;padding:.1em .35em;font-size:.875em}
.diff span{display:inline-block;min-width:100%}
.diff .add{background:var(--add);color:var(--add-ink)}.diff .del{background:var(--del);color:var(--del-ink)}.diff .at{color:var(--soft)}
blockquote{border-left:3px solid var(--line);margin:1em 0;padding-left:1rem;color:var(--soft)}
table{border-collapse:collapse;display:block;overflow-x:auto;font-size:.9rem}
th,td{border:1px solid var(--line);padding:.35rem .7rem;text-align:left}
img{max-width:100%;border-radius:.5rem}
a{color:var(--edge)}
hr{border:0;border-top:1px solid var(--line);margin:1.5rem 0}
@media print{main{max-width:none;padding:0}pre{max-height:none;white-space:pre-wrap}}
`
