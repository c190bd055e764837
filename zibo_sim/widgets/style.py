"""How the dashboard looks; colours are its own, so that dark themes stay readable."""

CSS = """<style>
.zs-root { background: #fff; color: #1d2733; padding: 6px 10px 10px; border-radius: 6px;
  --jp-widgets-color: #1d2733; --jp-widgets-label-color: #1d2733; --jp-ui-font-color1: #1d2733;
  --jp-widgets-input-color: #1d2733; --jp-widgets-input-background-color: #fff;
  --jp-widgets-inline-height: 28px; --jp-content-font-color1: #1d2733; max-width: 1640px;
  font-family: system-ui, -apple-system, "Segoe UI", "Noto Sans CJK SC", "Noto Sans SC",
  "PingFang SC", "Microsoft YaHei", sans-serif; overflow: hidden }
.zs-root .widget-html-content, .zs-root .jupyter-widgets { line-height: 1.4 }
.zs-root .widget-html, .zs-root .widget-html-content { min-width: 0 }
.zs-results > *, .zs-results .widget-html { max-width: calc(100% - 4px) }
.zs-root h4 { margin: 0 0 2px; font-size: 13px; font-weight: 600 }
.zs-head h2 { margin: 0; font-size: 19px; font-weight: 650; color: #1f3b5c }
.zs-run-count { font-size: 13px; color: #44505c; white-space: nowrap; padding: 0 8px }
.zs-panel { border-right: 1px solid #dde4ea; padding-right: 10px }
.zs-scroll { overflow-x: hidden; overflow-y: auto; max-height: 76vh }
.zs-scroll > *, .zs-scroll .widget-vbox > *, .zs-scroll .widget-tab, .zs-scroll .widget-tab * {
  flex-shrink: 0 }
.zs-root .widget-box:not(.zs-scroll), .zs-root .jupyter-widget-box:not(.zs-scroll),
.zs-root .jupyter-widget-Collapse-contents { overflow: hidden }
.zs-wide { overflow-x: auto; max-width: 100% }
.zs-results { padding-left: 12px; min-width: 0 }
.zs-root { container-type: inline-size }
@container (max-width: 760px) {
  .zs-root .zs-body { flex-wrap: wrap }
  .zs-root .zs-panel, .zs-root .zs-results { flex: 1 1 100% !important; width: 100% !important;
    padding: 0 0 8px }
  .zs-root .zs-panel { max-height: 46vh; border-right: 0; border-bottom: 1px solid #dde4ea }
}
.zs-stale { opacity: .38; filter: grayscale(.6) }
.zs-law { background: #fff8e6; border: 1px solid #ecd9a4; border-left: 4px solid #c79a1e;
  border-radius: 4px; padding: 5px 10px; font-size: 12.5px; max-height: 112px; overflow-y: auto }
.zs-law h4 { display: inline-block; margin-right: 10px }
.zs-law ul { margin: 0; padding: 0; list-style: none }
.zs-lawarm { display: flex; gap: 10px; margin: 1px 0 } .zs-lawarm b { white-space: nowrap }
.zs-lawarm > b { max-width: 16em; overflow: hidden; text-overflow: ellipsis }
.zs-law s { color: #7b6a3a } .zs-clause { color: #6b5d33; font-size: 11.5px }
.zs-quiet { color: #66727d; font-size: 12.5px }
.zs-row { border-bottom: 1px solid #edf1f4; padding: 4px 0 5px }
.zs-row .widget-button { padding: 0; text-overflow: clip }
.zs-label { font-size: 13px; white-space: normal } .zs-label b { font-weight: 600 }
.zs-unit { color: #44505c; font-size: 12px } .zs-dot { color: #c44e00 }
.zs-was { color: #8a5a2b; font-size: 12px }
.zs-hint { color: #5a6673; font-size: 11.5px; line-height: 1.35; overflow-wrap: anywhere }
.zs-hint code { color: #7a8691; font-size: 10.5px; background: none; padding: 0 }
.zs-status { border-radius: 3px; padding: 0 4px; background: #e8edf1; color: #2f3b46 }
.zs-statutory { background: #fbe9c6; color: #5e4506 } .zs-standard { background: #e3ecd6 }
.zs-groups .widget-toggle-button { width: auto !important; padding: 0 7px; margin: 1px;
  font-size: 12.5px }
.zs-variants .widget-toggle-button { width: auto !important; max-width: 14em; padding: 0 9px }
.zs-root .jupyter-button { font-size: 12.5px }
.zs-root .widget-button { overflow: hidden; text-overflow: ellipsis }
.zs-error:not(:empty) { background: #fdecea; border: 1px solid #e3a59e; color: #7a1f1f;
  border-radius: 4px; padding: 4px 9px; font-size: 13px; white-space: pre-wrap;
  overflow-wrap: anywhere }
.zs-said { color: #44505c; font-size: 12.5px; line-height: 28px; padding-left: 6px }
.zs-warn { color: #8a3d00; font-weight: 600 }
.zs-cards { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 7px;
  margin: 2px 0 8px }
.zs-card { border: 1px solid #dde4ea; border-radius: 6px; padding: 5px 9px; font-size: 13px }
.zs-card h4 { color: #1f3b5c } .zs-card b { font-size: 14px }
.zs-arm { display: inline-block; min-width: 4.2em; max-width: 9em; color: #66727d; font-size: 12px;
  margin-right: 6px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  vertical-align: bottom }
.zs-v { font-size: 12px; white-space: nowrap; margin-left: 4px }
.zs-up { color: #a63f00 } .zs-down { color: #00558a } .zs-none { color: #5f5f5f }
.zs-table { border-collapse: collapse; width: 100%; font-size: 12.5px; line-height: 1.35 }
.zs-table th { text-align: left; border-bottom: 1.5px solid #9fb3c8; padding: 3px 7px;
  color: #44505c; font-weight: 600 }
.zs-table td { border-bottom: 1px solid #e8edf1; padding: 2px 7px; overflow-wrap: anywhere }
.zs-table .zs-n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.zs-table .zs-name { min-width: 9em; max-width: 15em; position: sticky; left: 0;
  background: #fff }
.zs-table .zs-armname { max-width: 11em; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis }
.zs-note { color: #66727d; font-size: 12px; margin: 4px 0 }
.zs-code { background: #f6f8fa; border: 1px solid #dde4ea; border-radius: 4px; padding: 8px 10px;
  margin: 0; font-size: 12px; line-height: 1.45; max-height: 300px; overflow: auto;
  user-select: all; color: #1d2733; font-family: ui-monospace, Consolas, "DejaVu Sans Mono",
  monospace !important }
.zs-download { display: inline-block; margin: 2px 12px 2px 0; color: #00558a }
.zs-placeholder { color: #66727d; padding: 60px 20px; text-align: center; font-size: 14px }
.zs-root .lm-TabBar-tab, .zs-root .p-TabBar-tab { min-width: 60px !important; flex: 0 1 auto
  !important; padding: 0 12px !important }
.zs-tabs .lm-TabBar-content { flex-wrap: wrap }
.zs-tabs > .lm-TabBar, .zs-tabs > .jupyter-widget-TabPanel-tabBar { overflow: visible;
  height: auto !important; max-height: none !important }
.zs-root img { max-width: 100%; height: auto }
</style>"""
