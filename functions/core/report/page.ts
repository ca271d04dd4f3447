import { type Html, html } from './html.ts';

const LIGHT =
  '--ink:#16202b;--soft:#52606d;--line:#d5dce3;--paper:#fff;--band:#f3f6f9;--good:#0b6e4f;--bad:#b3261e;--open:#8a5a00;--accent:#0b5cad;--cand:#0b5cad;--base:#8f456d';
const DARK =
  '--ink:#e8edf2;--soft:#a9b5c1;--line:#36424e;--paper:#12181f;--band:#1b242d;--good:#5fd3a6;--bad:#ff8a80;--open:#f0b849;--accent:#7ab8ff;--cand:#5aa9ff;--base:#f0a6c8';

/** On paper: always light, nothing cut, no heading left behind, and what stays folded says so. */
const PRINT = `@page{size:A4;margin:14mm}:root{color-scheme:light;${LIGHT}}body{font-size:10pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}main{max-width:none;padding:0}h1,h2,h3,h2+p,h3+p,h2+p+h3,summary,caption,thead{break-after:avoid}h2{margin-top:1.4rem}p,li{orphans:3;widows:3}figure,tr,.facts li,.banner,.opening,pre{break-inside:avoid}figure{break-before:avoid-page}.scroll,figure{overflow:visible}figure svg{min-width:0}.fit svg.wide{max-width:100%}table{font-size:8pt}.stack td,.fits td{padding-right:.6rem}.pair{white-space:normal}.facts{grid-template-columns:repeat(4,1fr);gap:.4rem}.facts li{padding:.5rem .6rem}.facts b{font-size:1.1rem}.columns{grid-template-columns:1fr 1fr}.verdict{font-size:2.4rem}summary{list-style:none}details:not([open])>summary::after{content:' (folded on paper; open in the page)';font-weight:400;color:var(--soft)}details.brief::details-content{content-visibility:visible;display:block;block-size:auto}details.brief>summary{display:none}a{color:inherit}`;

const STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0;overflow-wrap:anywhere;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--ink);background:var(--paper)}
main{max-width:68rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.1rem;font-weight:600;color:var(--soft);margin:0 0 1rem}
h2{font-size:1.25rem;margin:2.5rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--line)}
.opening h1{margin:0 0 .4rem}.opening .lead{margin:.3rem 0 .6rem;max-width:none}.columns{display:grid;grid-template-columns:1fr 1fr;gap:0 2.5rem}.columns h2{font-size:1.05rem;margin:.4rem 0 .2rem;padding-top:.4rem}.columns ul{margin:.2rem 0}.columns li{margin:.15rem 0}.columns details{margin:.2rem 0}
@media (max-width:52rem){.columns{grid-template-columns:1fr}}
pre{overflow-x:auto;background:var(--band);padding:.6rem .8rem;border-radius:.4rem;white-space:pre-wrap;margin:.5rem 0}.digests{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.6rem 0}.digests dt{color:var(--soft)}.digests dd{margin:0}
@media (max-width:40rem){main{padding-top:1rem}.digests{grid-template-columns:1fr}.opening .lead{font-size:1rem}}
h3{font-size:1rem;margin:1.2rem 0 .3rem}
p{margin:.4rem 0 .8rem;max-width:46rem}
.verdict{font-size:clamp(2.2rem,7vw,3.6rem);font-weight:750;line-height:1.05;margin:.2rem 0}
.scale-up{color:var(--good)}.stop{color:var(--bad)}.hold{color:var(--open)}
.pass{color:var(--good)}.fail{color:var(--bad)}.open{color:var(--open)}
.lead{font-size:1.1rem}
.banner{border-left:6px solid var(--open);background:var(--band);padding:.7rem 1rem;margin:0 0 1rem;max-width:none}
.says{font-size:clamp(1.25rem,3.2vw,1.7rem);font-weight:650;line-height:1.3;max-width:52rem;margin:.2rem 0 .8rem}.banner.bad{border-left-color:var(--bad)}.banner ul{margin:.3rem 0 0}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.8rem;margin:1.2rem 0;padding:0;list-style:none;max-width:none}
.facts li{background:var(--band);border-radius:.5rem;padding:.8rem 1rem}
.facts b{display:block;font-size:1.45rem;font-variant-numeric:tabular-nums}
.facts span{color:var(--soft);font-size:.88rem;display:block}
.scroll{overflow-x:auto;margin:.5rem 0 1rem}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;min-width:100%}
caption{text-align:left;color:var(--soft);font-size:.85rem;padding:.2rem 0}
th,td{text-align:left;padding:.35rem .7rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;white-space:nowrap;overflow-wrap:normal}td{overflow-wrap:normal}td.number,th.number{text-align:right;white-space:nowrap}
svg{max-width:100%;height:auto;display:block}svg.mark{display:inline-block;vertical-align:-.1em}
svg text{fill:var(--ink);font:12px system-ui,sans-serif}svg .soft{fill:var(--soft)}svg .halo{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
td:first-child{min-width:9rem;overflow-wrap:anywhere}
code{font-size:.85em;overflow-wrap:anywhere}
details{margin:.6rem 0}summary{cursor:pointer;font-weight:600}
ul{padding-left:1.2rem;max-width:46rem}
.small{font-size:.86rem;color:var(--soft)}
a{color:var(--accent)}td small,.soft{color:var(--soft)}.pair{display:block;white-space:nowrap}
.stack td{min-width:0;padding-right:1.1rem}.stack td:last-child{padding-right:0}.stack td:first-child{min-width:6.5rem}.stack small{display:block;font-size:.85em}.stack td.number,.stack th.number{text-align:left;white-space:normal}
.fit svg.wide{max-width:54rem}.fit svg.narrow{display:none;max-width:28rem}
@media screen and (max-width:40rem){.fit svg.wide{display:none}.fit svg.narrow{display:block}}@media screen and (max-width:52rem){.pair{white-space:normal}.stack table,.stack tbody,.stack tr,.stack td,.stack caption{display:block}.stack thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}.stack tr{padding:.6rem 0;border-bottom:2px solid var(--line)}.stack td{display:grid;grid-template-columns:6.5rem minmax(0,1fr);gap:.7rem;padding:.2rem 0;border:0;overflow-wrap:anywhere}.stack td::before{content:attr(data-label);color:var(--soft)}}
.fits td,.fits th{padding-right:.9rem}.fits td:last-child,.fits th:last-child{padding-right:0}.fits td.number,.fits th.number{white-space:normal;text-align:left}.fits td:first-child{min-width:0}.fits small{display:block;font-size:.85em}@media (max-width:40rem){.fits{font-size:.84rem}.fits td,.fits th{padding-right:.5rem}}
figure{margin:1rem 0;overflow-x:auto}figure svg{min-width:34rem}figure.fit svg{min-width:0}figcaption{color:var(--soft);font-size:.86rem;max-width:46rem}figcaption strong{color:var(--ink)}
@media print{${PRINT}}
`;

/** A page that is one file: no script, nothing from outside, and a policy that forbids both. */
export function page(title: string, body: Html): string {
  const style: Html = { markup: STYLE };
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title><style>${style}</style></head><body><main>${body}</main></body></html>
`.markup;
}

/** A page's first words where its numbers are not of this world. */
export const simulatedBanner = (isSimulated: boolean): Html | null =>
  isSimulated
    ? html`<p class="banner"><strong>Simulated data.</strong> These numbers were generated to show how Wattline works. They say nothing about any real chip.</p>`
    : null;
