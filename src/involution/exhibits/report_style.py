"""How the report looks on a screen and on paper."""

from __future__ import annotations

PAGE_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; color: #16181d; background: #fff; line-height: 1.55;
  font-family: Georgia, 'Noto Serif CJK SC', 'Songti SC', SimSun, serif; }
h1 { font-size: 1.8rem; line-height: 1.25; margin: .2em 0 .4em; }
h2 { font-size: 1.3rem; border-bottom: 1px solid #c9ced6; padding-bottom: .2em; margin-top: 2.2em; }
h3 { font-size: 1.05rem; margin-bottom: .3em; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2em 1.2em; }
a { color: #14508c; }
.wide { overflow-x: auto; }
.made { font-size: .85em; color: #4a4f58; }
figure { margin: 1em 0; text-align: center; }
figure img { max-width: 100%; height: auto; }
figcaption { font-size: .85em; color: #4a4f58; max-width: 46em; margin: .4em auto 0; text-align: left; }
ul.index { columns: 2; font-size: .9em; padding-left: 1.2em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2em 1.2em; }
dt { color: #4a4f58; } dd { margin: 0; overflow-wrap: anywhere; }
table.plain { border-collapse: collapse; font-size: .9em; }
table.plain th, table.plain td {
  border-bottom: 1px solid #d8dce2; padding: .25em .8em; text-align: left; vertical-align: top;
}
code { font-size: .88em; overflow-wrap: anywhere; }
table.plain td:has(code) { min-width: 17em; }
@media (max-width: 40rem) { body { padding: .8rem; } dl { grid-template-columns: 1fr; } dt { margin-top: .4em; } }
@media print { nav { display: none; } body { max-width: none; font-size: 10pt; } .wide { overflow: visible; }
  section.exhibit { break-inside: avoid; } a { color: inherit; text-decoration: none; } }
"""
