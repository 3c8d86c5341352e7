/** The page's one style sheet. */
const LIGHT = `--ink:#1d2126;--soft:#59616b;--ground:#faf8f4;--card:#ffffff;--line:#ddd8ce;--accent:#12606e;--warn:#fdf0d5;--warnline:#c98a16;--a:#b54708;--b:#0b63b5;--good:#0f6b4f;--bad:#a3341f;color-scheme:light`;
const DARK = `--ink:#eceae5;--soft:#a9b0b8;--ground:#14171a;--card:#1b1f23;--line:#3d444c;--accent:#7fd0da;--warn:#33290f;--warnline:#d9a441;--a:#ff9d4d;--b:#63b8ff;--good:#4cc99a;--bad:#ff9280;color-scheme:dark`;

export const STYLE = `
:root{${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
:root[data-theme=light]{${LIGHT}}
:root[data-theme=dark]{${DARK}}
*{box-sizing:border-box}
html{scroll-padding-top:64px;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-kerning:normal}
.wrap{max-width:1720px;margin:0 auto;padding:0 clamp(16px,3vw,48px)}
.top{padding:clamp(24px,4vw,52px) 0 20px}
.brand{margin:0 0 6px;font-size:13px;font-weight:700;letter-spacing:.09em;text-transform:uppercase;color:var(--accent)}
h1{font-size:clamp(27px,4.2vw,46px);line-height:1.12;margin:0 0 10px;letter-spacing:-.02em;overflow-wrap:anywhere;text-wrap:balance}
h2{font-size:clamp(21px,2.2vw,27px);line-height:1.25;margin:0 0 10px;letter-spacing:-.01em;overflow-wrap:anywhere}
h3{font-size:18px;line-height:1.35;margin:26px 0 6px;overflow-wrap:anywhere}
h4{font-size:15px;line-height:1.4;margin:0;overflow-wrap:anywhere}
p{margin:0 0 12px;max-width:90ch;overflow-wrap:anywhere}
.lead{font-size:clamp(16px,1.5vw,19px);color:var(--soft);margin:0}
a{color:var(--accent);text-underline-offset:3px;text-decoration-thickness:1px}
section{margin:0 0 52px}
section section{margin:0}
main.wrap{padding-top:32px}
main:focus{outline:none}
footer.wrap{padding-top:8px;padding-bottom:40px;color:var(--soft);font-size:14px}
nav{position:sticky;top:0;z-index:5;background:var(--ground);border-block:1px solid var(--line)}
.bar{display:flex;align-items:center;gap:16px}
nav ul{position:relative;display:flex;flex:1;min-width:0;gap:4px;margin:0;padding:0;list-style:none;overflow-x:auto;scrollbar-width:none}
nav li{flex:none}
nav a{display:block;padding:13px 12px 11px;color:var(--soft);text-decoration:none;font-weight:600;font-size:15px;border-bottom:2px solid transparent}
nav a:hover{color:var(--ink)}
nav a[aria-current]{color:var(--ink);border-color:var(--accent)}
.skip{position:absolute;left:-9999px;top:8px;background:var(--card);padding:8px 14px;z-index:9}
.skip:focus{left:12px}
.soft{color:var(--soft);font-weight:400}
.note{color:var(--soft);font-size:14.5px;margin:2px 0 12px;max-width:86ch}
.warnings{background:var(--warn);border-left:4px solid var(--warnline);border-radius:4px;padding:14px 20px;margin-bottom:36px}
.warnings h2{font-size:17px;margin-bottom:4px}
.warnings ul{margin:0;padding-left:18px}
li,bdi{overflow-wrap:anywhere}
.care{color:var(--ink)}
.care.box{background:var(--warn);border-left:4px solid var(--warnline);border-radius:4px;padding:8px 14px;max-width:none}
.problem{color:var(--bad);font-weight:600}
.findings{list-style:none;margin:0 0 20px;padding:0;display:grid;gap:12px}
.findings li{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px 18px;max-width:1100px}
.findings p{margin:0;font-size:16.5px}
.findings details{margin-top:6px;font-size:14px}
.words{margin:14px 0 24px}.words>summary{margin-bottom:12px;width:max-content;max-width:100%}
.verdict{display:inline-block;font-size:12px;font-weight:700;letter-spacing:.04em;text-transform:uppercase;border:1.5px solid;border-radius:4px;padding:0 7px;margin-right:8px;color:var(--soft)}
.holds .verdict{color:var(--good)}.fails .verdict{color:var(--bad)}
summary{cursor:pointer;color:var(--accent)}
.controls{display:flex;flex-wrap:wrap;gap:10px 18px;align-items:center;margin:4px 0 10px}
label{font-size:14.5px;color:var(--soft);max-width:100%}
select,button{font:inherit;font-size:15px;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:6px;padding:6px 10px;max-width:100%}
label select{margin-left:4px;max-width:min(100%,560px)}
.check{display:inline-flex;align-items:center;gap:6px}
textarea{display:block;width:100%;max-width:900px;font:13px/1.5 ui-monospace,monospace;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:6px;padding:10px;margin-top:4px}
progress{accent-color:var(--accent);vertical-align:middle}
input[type=checkbox]{accent-color:var(--accent);width:17px;height:17px}
button{cursor:pointer}
button:hover,select:hover{border-color:var(--accent)}
.quiet{font-size:13.5px;padding:3px 9px;color:var(--soft);background:none}
.quiet:hover{color:var(--ink)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.figure,figure{margin:0;min-width:0}
.figure+.lead{margin:26px 0 0}
.stage{position:relative}
.scroll{overflow-x:auto}
.tall{max-height:480px;overflow:auto}
.stage .scroll>svg{display:block}
.figure figcaption{display:flex;flex-wrap:wrap;gap:4px 18px;align-items:baseline;justify-content:space-between;margin-top:8px;max-width:1100px}
.figure figcaption .note{flex:1 1 420px;margin:0}
.figure+.controls,.besides+details{margin-top:16px}
.tools{display:flex;gap:6px;flex:none;flex-wrap:wrap}
.reach [data-cell],.reach [data-key]{cursor:pointer}
.reach [data-cell]:focus,.reach [data-key]:focus{outline:none}
.reach [data-cell]:hover .ground,.reach [data-cell]:focus .ground,.reach [data-key]:hover .ground,.reach [data-key]:focus-visible .ground{stroke:var(--ink);stroke-width:2}
.reach .chosen .ground{stroke:var(--ink);stroke-width:3}
.reach [data-cell]:focus-visible .ground,.reach [data-key]:focus-visible .ground{stroke:var(--ink);stroke-width:3.5}
.reach [data-key]:focus-visible circle{stroke:var(--ink);stroke-width:2.5}
.band{transition:stroke-opacity .12s}
.band.lit{stroke-opacity:.85}
.band.dim{stroke-opacity:.08}
.tip{position:absolute;z-index:8;transform:translate(-50%,-100%);width:max-content;max-width:260px;background:var(--card);border:1px solid var(--line);border-radius:8px;box-shadow:0 6px 24px rgb(0 0 0/.18);padding:9px 12px;font-size:13.5px;line-height:1.4;pointer-events:none;overflow-wrap:anywhere}
.tip.below{transform:translate(-50%,0)}
.tip p{margin:0 0 3px}.tip b{font-size:17px}
.tiphead{font-weight:600}.tipmore{color:var(--soft)}
.ridge{display:inline-block;width:13px;height:13px;border:2px solid var(--a);border-radius:3px;vertical-align:-2px}
.opened:not(:empty){border-top:2px solid var(--accent);margin-top:28px;padding-top:8px}
.celltitle{font-size:20px;margin-top:14px}
.key{font-weight:600;color:inherit}
.key.a{color:var(--a)}.key.b{color:var(--b)}
.line{display:inline-block;width:24px;border-top:3px solid;vertical-align:4px;margin:0 3px}
.line.a{border-color:#ff8a1f}.line.b{border-color:#35a4e8;border-top-style:dashed}
.numbers{display:flex;flex-wrap:wrap;gap:10px 30px;margin:10px 0 20px;padding:0;list-style:none;font-variant-numeric:tabular-nums}
.numbers b{display:block;font-size:20px;font-weight:600;line-height:1.25}
.explained{display:inline-block}
.term{font:inherit;color:inherit;background:none;border:0;border-radius:2px;padding:0;cursor:help;text-align:inherit;text-decoration:underline dotted;text-decoration-thickness:1px;text-underline-offset:3px}
.numbers .term{color:var(--soft);font-size:13.5px}
.meaning{display:none;position:fixed;z-index:9;width:max-content;max-width:300px;background:var(--card);color:var(--ink);border:1px solid var(--line);border-radius:8px;box-shadow:0 6px 24px rgb(0 0 0/.18);padding:9px 12px;font-size:13.5px;font-weight:400;line-height:1.45;white-space:normal;text-align:left}
.meaning.open{display:block}
.besides{display:grid;grid-template-columns:minmax(0,1.1fr) minmax(0,1fr);gap:20px 44px;align-items:start}
.best{min-width:0}
.best h3{margin-top:0}
table.free{width:auto;max-width:100%}
.best th{white-space:normal}
.best,.card{--name:5em}
.best td.spread{white-space:normal}.spread span{white-space:nowrap}
.best td,.best th{padding-inline:5px}
.beside{display:grid;gap:26px;min-width:0}
.doubtful td{color:var(--soft)}
.mark{font-size:12px;color:var(--soft);border:1px solid var(--line);border-radius:4px;padding:0 5px;margin-left:4px}
th.name{text-align:left}
.split{display:grid;grid-template-columns:minmax(260px,420px) minmax(0,1fr);gap:36px;align-items:start}
.aside{position:sticky;top:64px;min-width:0}
.aside h4{margin-bottom:8px}
.main{min-width:0}
.pair{border-top:1px solid var(--line);padding:14px 0 18px}
.pair header{display:flex;flex-wrap:wrap;gap:2px 18px;align-items:baseline;margin-bottom:8px}
.facts{display:flex;flex-wrap:wrap;gap:0 16px;list-style:none;margin:0;padding:0;font-size:14px;color:var(--soft);font-variant-numeric:tabular-nums}
.facts b{color:var(--ink);font-size:16px}
.groups{display:flex;flex-wrap:wrap;gap:12px 22px}
.group{min-width:0}
.groupname{margin:0 0 3px;font-size:12.5px;font-weight:600;color:var(--soft)}
.photos{display:flex;flex-wrap:wrap;gap:8px}
.photo{--r:1.33;width:calc(var(--h,112px)*var(--r));max-width:100%;min-width:0}
.photo svg{display:block;width:100%;height:auto;border-radius:4px;background:var(--line)}
.photo img{display:block;width:100%;height:auto;border-radius:4px;background:var(--line)}.photo img.chosen{outline:3px solid var(--a)}
.photo .frame{line-height:0}
.photo figcaption{font-size:12px;color:var(--soft);overflow:hidden;text-overflow:ellipsis;white-space:nowrap;line-height:1.5;font-variant-numeric:tabular-nums;min-height:18px}
.twin{display:grid;gap:6px}
.crops .photo,.duo .photo{width:150px}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;margin:2px 0 12px;padding:0;font-size:14px;color:var(--soft)}
.swatch{display:inline-block;width:22px;height:13px;border-radius:2px;vertical-align:-1px;margin-right:3px;border:1.5px solid var(--soft);background:#e9e4d8}
.swatch.a{background:#d07c2e;border-color:#ff8a1f}.swatch.b{background:#3f8fbc;border:1.5px dashed #35c4ff}.swatch.none{background:#3d3b38;border-color:#3d3b38}
.groups.wide{gap:12px 14px;flex-wrap:wrap}.groups.wide .group{flex:var(--s) 1 0;min-width:46px}.groups.wide .group:first-child{flex:1 1 100%}
.rdx{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,520px),1fr));gap:22px 30px}
.rdx .photo{--h:96px}
.rdx .note{margin:0 0 6px}
.fill{flex-wrap:nowrap}
.fill .photo{flex:var(--r) 1 0;width:auto}
.heroes{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:22px}
.hero{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 18px 4px;min-width:0}
.hero h3{margin-top:0}
.hero .pair{border:0;padding-top:0}
.waiting{min-height:170px}
.thumbs{display:flex;flex-wrap:wrap;gap:22px;list-style:none;margin:0;padding:0}
.thumbs a{display:block;width:168px;text-decoration:none;font-size:14px;line-height:1.35}
.thumb{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:17px;margin-bottom:6px}
.thumbs a:hover .thumb{border-color:var(--accent)}
.thumb svg{display:block;border-radius:3px;width:132px;height:auto}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:20px;margin-top:26px}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;min-width:0}
.card h3{margin-top:0}
.card td,.card th{padding-inline:4px}
.card th:first-child,.card td.name{padding-left:0}
.apart{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 10px}
.apart>*{min-width:0}
.dot{vertical-align:-1px}
table{border-collapse:collapse;font-size:13.5px;font-variant-numeric:tabular-nums;width:100%}
th{font-weight:600;color:var(--soft);text-align:right;padding:4px 8px;white-space:nowrap}
td{text-align:right;padding:4px 8px;border-top:1px solid var(--line);white-space:nowrap}
th:first-child,td.name{text-align:left}
td.name{white-space:normal;overflow-wrap:anywhere;min-width:var(--name,6em)}
td.name:first-child{min-width:var(--name,10em)}
.crumbs{margin:0 0 4px;font-size:14px}
.stepper{margin-left:16px}.stepper a{margin-right:10px}
.names{font-size:17px}
.strip{margin-bottom:14px}
.row{display:flex;align-items:flex-start;gap:10px;margin:0 -5px;padding:5px 5px 8px}
.stop{flex:0 0 148px;min-width:0;font-size:13px}
.stop p{margin:3px 0 0;line-height:1.35}
.stop .photo{width:148px}
.stop.here{outline:2px solid var(--a);outline-offset:2px;border-radius:4px}
.shelf{margin-bottom:26px}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(46%,216px),1fr));gap:14px;list-style:none;margin:0;padding:0}
.tile{display:block;text-decoration:none;color:var(--ink)}
.tile:hover .tilename{text-decoration:underline}
.duo{display:grid;grid-template-columns:1fr 1fr;gap:3px;min-height:60px}
.duo .photo{width:100%}
.duo .photo svg{border-radius:3px}
.tilename{display:block;font-size:14px;margin:4px 0 0;overflow-wrap:anywhere}
.ledger{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:20px;list-style:none;margin:0;padding:0}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:24px}
.panel{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 18px;margin-bottom:20px;min-width:0}
.panels .panel{margin:0}
.panel h3,.reading h3{margin-top:0}
.reading{padding-top:14px}.reading>div+div{margin-top:18px}
.plain{padding-left:20px;max-width:90ch}.plain li{margin:8px 0}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:6px 20px;font-size:14.5px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
code{font-size:13px}
.flag,.whole{white-space:nowrap}
pre{font-size:13px;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px}
@media (max-width:1160px){.besides{grid-template-columns:1fr}}
@media (max-width:1000px){.split{grid-template-columns:1fr}.aside{position:static}}
@media (max-width:700px){.meaning{left:12px!important;right:12px;top:auto!important;bottom:12px;width:auto;max-width:none}}
@media (max-width:640px){dl{grid-template-columns:1fr;gap:0}dt{margin-top:8px}.photo{--h:78px}.crops .photo{width:calc(33.3% - 6px)}.groups{gap:10px}label select{margin-left:0}.group,.group .photos{width:100%}.group .photos:has(>.photo){flex-wrap:nowrap}.group .photos:not(.fill)>.photo{flex:var(--r) 1 0;max-width:calc(1.2*var(--h)*var(--r))}.numbers{gap:8px 22px}nav a{padding-inline:9px}}
@media (forced-colors:active){.stage svg,.thumb svg,.frame svg,.swatch,.line,.ridge,.dot{forced-color-adjust:none}.stage svg{background:var(--card)}nav a{border-color:Canvas}nav a[aria-current]{border-color:Highlight}.verdict,.term{text-decoration-color:currentColor}}
@media (prefers-reduced-motion:reduce){.band{transition:none}}
@media print{
@page{margin:14mm}
:root,:root[data-theme=dark]{${LIGHT}}
body{background:#fff;font-size:10.5pt}
nav,.tools,.skip,.stepper,footer a,.tip,.meaning,button:not(.term),label.check{display:none!important}
select{appearance:none;border:0;padding:0;background:none;font-weight:600}
th{white-space:normal}td,th{padding-inline:4px}
:root{--name:5.5em}
.term{text-decoration:none}
.aside{position:static}
.pair,.card,.hero,.panel,figure,li,h2,h3{break-inside:avoid}
h2,h3,h4{break-after:avoid}
.scroll,.tall{overflow:visible;max-height:none}
.stage svg{max-width:100%;height:auto}
a{color:inherit;text-decoration:none}
}
`;
