/** The panel's style sheet, for its shadow root. Colours follow the system unless `data-theme` says otherwise. */
export const STYLE = `
:host { all: initial; }
* { box-sizing: border-box; }
.root { height: 100%; }
.panel {
  color-scheme: light dark;
  --surface: light-dark(#fbfbfc, #16171a);
  --raised: light-dark(#ffffff, #1d1e22);
  --sunken: light-dark(#efeff2, #101113);
  --line: light-dark(#e0e1e5, #2a2c32);
  --text: light-dark(#1a1b20, #ececef);
  --quiet: light-dark(#5b5e69, #a3a6b0);
  --accent: light-dark(#4452d0, #8690f5);
  --tint: light-dark(#eceefb, #24263c);
  --good: light-dark(#17713f, #6fcf97);
  --warn: light-dark(#8a5300, #e5b567);
  --bad: light-dark(#b3261e, #ff8f86);
  --mono: ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, 'DejaVu Sans Mono', monospace;
  display: flex; flex-direction: column; height: 100%; min-width: 0;
  background: var(--surface); color: var(--text);
  font: 12.5px/1.45 system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', sans-serif;
}
.panel[data-theme='light'] { color-scheme: light; }
.panel[data-theme='dark'] { color-scheme: dark; }
.mono, code { font-family: var(--mono); font-size: 11.5px; }
.quiet { color: var(--quiet); }
.wrap { overflow-wrap: anywhere; }
.grow { flex: 1; min-width: 0; }
.push { margin-left: auto; }
h3 { margin: 0; font-size: 12.5px; font-weight: 600; }
h3.mono { font-size: 12px; }
p { margin: 0; }
small { font-size: 11.5px; color: var(--quiet); font-weight: 400; }
button, input, select { font: inherit; color: inherit; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }

.tabs { display: flex; padding: 0 6px; border-bottom: 1px solid var(--line); overflow-x: auto; scrollbar-width: none; flex: none; }
.tabs button {
  border: 0; background: none; padding: 10px 7px 8px; cursor: pointer; color: var(--quiet); border-bottom: 2px solid transparent; white-space: nowrap;
}
.tabs button:hover { color: var(--text); }
.tabs button[aria-selected='true'] { color: var(--text); font-weight: 600; border-bottom-color: var(--accent); }
.tabs button:focus-visible { outline-offset: -3px; }
.view { flex: 1; min-height: 0; overflow: auto; padding: 12px; overscroll-behavior: contain; }
.foot {
  display: flex; gap: 8px; justify-content: space-between; padding: 5px 12px; flex: none;
  border-top: 1px solid var(--line); color: var(--quiet); font-size: 11.5px; white-space: nowrap; overflow: hidden;
}
.foot .mono { overflow: hidden; text-overflow: ellipsis; }

.bar { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-bottom: 10px; }
.bar label { display: flex; gap: 6px; align-items: center; }
.field, select { width: 100%; min-width: 0; padding: 5px 8px; border: 1px solid var(--line); border-radius: 5px; background: var(--raised); }
select { width: auto; }
.field::placeholder { color: var(--quiet); opacity: 1; font-family: system-ui, sans-serif; }
.button { padding: 4px 10px; border: 1px solid var(--line); border-radius: 5px; background: var(--raised); cursor: pointer; }
.button:hover:not(:disabled) { border-color: var(--quiet); }
.button:disabled { color: var(--quiet); cursor: default; }
.button[aria-pressed='true'] { border-color: var(--accent); color: var(--accent); }
.button.more { display: block; margin: 10px auto 4px; }
.link { border: 0; padding: 0; background: none; color: var(--accent); cursor: pointer; text-align: left; }
.link:hover { text-decoration: underline; }
.copy {
  border: 0; padding: 2px; background: none; color: var(--quiet); cursor: pointer; border-radius: 3px; line-height: 0; font-size: 11px; vertical-align: -2px;
}
.copy span { line-height: 1; color: var(--accent); }
.copy:hover { color: var(--accent); }
.id { display: inline-flex; align-items: center; gap: 3px; white-space: nowrap; }
.ids { display: flex; flex-wrap: wrap; gap: 2px 12px; }

.tag {
  display: inline-block; padding: 0 6px; border-radius: 4px; font-size: 11px; line-height: 17px; white-space: nowrap; flex: none;
  background: var(--sunken); color: var(--quiet); box-shadow: inset 0 0 0 1px var(--line);
}
.tag.good { color: var(--good); }
.tag.warn { color: var(--warn); }
.tag.bad { color: var(--bad); }
.level { display: inline-flex; align-items: center; gap: 6px; white-space: nowrap; font-size: 11.5px; color: var(--quiet); }
.steps { display: inline-flex; gap: 1.5px; }
.steps i { width: 4px; height: 9px; background: var(--line); border-radius: 1px; }
.steps i.on { background: var(--accent); }

.card { padding: 10px 12px; margin-bottom: 10px; border: 1px solid var(--line); border-radius: 7px; background: var(--raised); }
.card header { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; }
.card header small { margin-left: auto; }
.reason { margin-top: 4px; color: var(--quiet); }
.standing { margin-top: 8px; display: grid; gap: 3px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(88px, 1fr)); gap: 8px 12px; margin: 10px 0 0; }
.figures .fact { display: block; }
.figures .wide { grid-column: span 2; }
.facts { display: grid; gap: 3px; margin: 0; }
.card .facts { margin-top: 8px; }
.fact { display: grid; grid-template-columns: 78px minmax(0, 1fr); gap: 10px; align-items: baseline; }
dt { color: var(--quiet); }
dd { margin: 0; min-width: 0; font-variant-numeric: tabular-nums; }
.section { margin: 16px 0 0; }
.section > h3 { display: flex; flex-wrap: wrap; gap: 2px 8px; align-items: baseline; margin-bottom: 6px; padding-bottom: 4px; border-bottom: 1px solid var(--line); }
.section > h3 small { margin-left: auto; }
.empty { color: var(--quiet); padding: 4px 0; }
.failure { display: grid; gap: 6px; justify-items: start; padding: 10px 12px; margin-bottom: 10px; border: 1px solid var(--bad); border-radius: 7px; background: var(--raised); }
.failure code { color: var(--bad); }
.list { list-style: none; margin: 0; padding: 0; display: grid; }
.list li { padding: 7px 0; border-bottom: 1px solid var(--line); display: grid; gap: 2px; min-width: 0; }
.list li:last-child { border-bottom: 0; }
.line { display: flex; align-items: center; gap: 8px; min-width: 0; }
.usage { display: grid; gap: 3px; margin-top: 10px; }
.gauge { height: 6px; border-radius: 3px; background: var(--sunken); box-shadow: inset 0 0 0 1px var(--line); overflow: hidden; }
.gauge i { display: block; height: 100%; min-width: 2px; background: var(--accent); }
.gauge.high i { background: var(--warn); }

.leg { margin-bottom: 12px; }
.scroll { overflow-x: auto; margin-top: 6px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 3px 10px 3px 0; border-bottom: 1px solid var(--line); vertical-align: baseline; font-weight: 400; }
thead th { color: var(--quiet); font-size: 11.5px; }
.number { text-align: right; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
.chosen th { font-weight: 600; color: var(--accent); }
.out { color: var(--quiet); }
.told th, .told td { border-bottom: 0; padding-bottom: 0; }

.row { display: block; width: 100%; border: 0; background: none; text-align: left; cursor: pointer; border-radius: 4px; }
.row:hover { background: var(--sunken); }
.row:focus-visible { outline-offset: -2px; background: var(--tint); }
.event { padding: 6px 8px; margin: 0 -8px; width: calc(100% + 16px); content-visibility: auto; contain-intrinsic-size: auto 50px; border-radius: 5px; }
.event .line + .line { margin-top: 2px; font-size: 11.5px; }
.event .path { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.event .push { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.node { display: flex; gap: 6px; align-items: baseline; padding: 3px 6px 3px calc(4px + var(--depth) * 14px); }
.chevron { flex: none; width: 10px; height: 10px; position: relative; align-self: center; }
.chevron::before {
  content: ''; position: absolute; left: 1px; top: 2px; width: 5px; height: 5px; border: solid var(--quiet); border-width: 0 1.5px 1.5px 0; transform: rotate(-45deg);
}
[aria-expanded='true'] > .chevron::before { transform: rotate(45deg); top: 1px; left: 2px; }
.label { flex: none; max-width: 60%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.note { color: var(--quiet); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; font-size: 11.5px; }
.leaf { cursor: default; padding-left: calc(20px + var(--depth) * 14px); }
.leaf .label { color: var(--quiet); }
.leaf-value { min-width: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.scalar-plain { color: var(--accent); }
.scalar-bytes { color: var(--quiet); }
.below { padding: 2px 6px 6px calc(20px + var(--depth) * 14px); }
@media (prefers-reduced-motion: no-preference) { .tabs button { transition: color 0.1s; } }
@media (pointer: coarse) {
  .tabs button { padding: 14px 7px 12px; }
  .node { padding-top: 8px; padding-bottom: 8px; }
  .button, .field, select { padding: 9px 12px; }
  .copy { padding: 7px; }
}
`
