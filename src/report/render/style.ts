/** The page's one style sheet. */
export const STYLE = `
:root{--ink:#1c2024;--soft:#5b6470;--ground:#fcfbf8;--card:#ffffff;--line:#e2ded5;--accent:#1f6473;--warn:#fff4e0}
@media (prefers-color-scheme:dark){:root{--ink:#e8e6e1;--soft:#a5abb3;--ground:#15181b;--card:#1d2125;--line:#363c43;--accent:#7cc5cf;--warn:#3a2f1b}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
header,main{max-width:1240px;margin:0 auto;padding:0 24px}
header{padding-top:48px}
h1{font-size:clamp(28px,4vw,42px);line-height:1.15;margin:0 0 8px;letter-spacing:-.015em}
h2{font-size:22px;margin:0 0 12px}
h3{font-size:17px;margin:0 0 2px;overflow-wrap:anywhere}
.lead{font-size:18px;color:var(--soft);margin:0 0 24px;overflow-wrap:anywhere}
section{margin:0 0 44px}
section:focus{outline:none}
.warnings{background:var(--warn);border-radius:10px;padding:16px 20px}
.findings ul,.warnings ul{margin:0;padding-left:20px}
.findings li{margin:4px 0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,360px),1fr));gap:20px}
article{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px;min-width:0}
article svg{width:100%;height:auto;display:block}
.note{color:var(--soft);font-size:14px;margin:4px 0 10px;max-width:80ch}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:13px;width:100%;font-variant-numeric:tabular-nums}
th{font-weight:600;color:var(--soft);text-align:right;padding:4px 8px;white-space:nowrap}
td{text-align:right;padding:4px 8px;border-top:1px solid var(--line);white-space:nowrap}
th:first-child,td.name{text-align:left}
td.name{max-width:170px;overflow:hidden;text-overflow:ellipsis}
.controls{display:flex;flex-wrap:wrap;gap:12px;align-items:center;margin-bottom:6px}
select,button{font:inherit;font-size:15px;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:6px 10px;max-width:100%}
button{cursor:pointer}
button:hover{border-color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
#matrix [data-cell]{cursor:pointer}
#matrix [data-cell]:focus{outline:none}
#matrix [data-cell]:focus-visible rect:first-of-type,#matrix [data-cell][aria-pressed=true] rect:first-of-type{stroke:var(--ink);stroke-width:3}
.match{display:grid;grid-template-columns:minmax(150px,200px) 1fr;gap:16px;border-top:1px solid var(--line);padding:16px 0}
.match p{margin:0 0 4px}
.photos{display:flex;flex-wrap:wrap;gap:14px}
figure{margin:0}
figure svg{display:block;border-radius:8px;max-width:100%;height:auto}
figcaption{font-size:12px;color:var(--soft);max-width:240px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.key{display:inline-block;width:22px;height:0;border-top:3px solid;vertical-align:middle;margin-right:6px}
.key.a{border-color:#ff8a1f}.key.b{border-color:#36c2ff;border-top-style:dashed}
.numbers{display:flex;flex-wrap:wrap;gap:8px 28px;margin:8px 0 16px;padding:0;list-style:none;font-variant-numeric:tabular-nums}
.numbers b{display:block;font-size:20px;font-weight:600}
.numbers span{color:var(--soft);font-size:13px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;font-size:13px}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
@media (max-width:640px){header,main{padding-left:16px;padding-right:16px}.match{grid-template-columns:1fr}dl{grid-template-columns:1fr}dt{margin-top:6px}}
@media print{.controls{display:none}body{background:#fff;color:#000}section{break-inside:avoid-page}}
`;
