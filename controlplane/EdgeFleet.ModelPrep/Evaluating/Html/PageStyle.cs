namespace EdgeFleet.ModelPrep.Evaluating.Html;

/// <summary>The look of the page: system type, plain ground, one accent, no outside part; light and dark; from 360 px on.</summary>
internal static class PageStyle
{
    /// <summary>The style sheet.</summary>
    public const string Css = """
        :root{color-scheme:light dark;--ground:#fbfaf7;--surface:#fff;--sunken:#f1efe9;--ink:#1b1f1a;--soft:#50574d;--edge:#7b8077;--good:#1f5b3a;--critical:#a1201b;--warning:#7a4b00;--hold:#fff3d6;--candidate:#0b57a4;--control:#6a6f66;--focus:#0b57d0}
        @media(prefers-color-scheme:dark){:root{--ground:#121512;--surface:#1c211c;--sunken:#0c0f0c;--ink:#eef1ea;--soft:#b7bfb3;--edge:#7f887c;--good:#8fd3a8;--critical:#ffb0a8;--warning:#f6c66b;--hold:#3a2f10;--candidate:#8fc2ff;--control:#a7ada3;--focus:#a8c7fa}}
        *{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.45 system-ui,sans-serif}
        main{max-width:72rem;margin:0 auto;padding:24px}h1{font-size:1.5rem;line-height:1.2;margin:0 0 8px}h2{font-size:1.125rem;line-height:1.3;font-weight:600;margin:0 0 8px}h3{font-size:1rem;margin:16px 0 4px;overflow-wrap:anywhere}
        p{margin:0 0 8px;max-width:70ch}.soft{color:var(--soft)}.card{background:var(--surface);border:1px solid var(--sunken);border-radius:10px;padding:20px;margin:20px 0}
        .verdict{background:var(--hold)}.verdict p:last-child,.card p:last-child{margin-bottom:0}.bad{color:var(--critical)}.well{color:var(--good)}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;margin:8px 0}th,td{text-align:left;vertical-align:top;padding:8px 12px 8px 0;border-bottom:1px solid var(--sunken);font-weight:400}tbody th{overflow-wrap:anywhere}thead th{color:var(--soft);font-size:.875rem}tbody th{font-weight:600}
        details{margin-top:8px}summary{cursor:pointer;min-height:44px;padding:10px 0;color:var(--candidate)}summary:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
        .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:12px 24px}svg{display:block;width:100%;height:auto}svg text{fill:var(--ink);font:12px system-ui,sans-serif}svg .s{fill:var(--soft)}
        .grid{stroke:var(--sunken);stroke-width:1}.axis{stroke:var(--edge);stroke-width:1}.band{stroke:var(--candidate);stroke-width:6;opacity:.3;stroke-linecap:round}.dot{fill:var(--candidate)}.same{stroke:var(--control);stroke-width:1.5;stroke-dasharray:4 3}.line{fill:none;stroke:var(--candidate);stroke-width:2}
        .worse .band{stroke:var(--critical)}.worse .dot{fill:var(--critical)}.few{opacity:.5}.bar{fill:var(--candidate);opacity:.25}
        .row{display:grid;grid-template-columns:minmax(9rem,1fr) minmax(200px,2fr) minmax(10rem,1.4fr);gap:4px 16px;align-items:center;padding:4px 0;border-bottom:1px solid var(--sunken)}.row>*{min-width:0;overflow-wrap:anywhere}
        @media(max-width:640px){main{padding:12px}.card{padding:12px;margin:12px 0}.row{grid-template-columns:1fr}thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}table,tbody,tr,th,td{display:block}tbody tr{border-bottom:1px solid var(--edge);padding:8px 0}tbody th,td{border:0;padding:2px 0}td::before{content:attr(data-label) ": ";color:var(--soft)}td:empty{display:none}}
        @media print{body{background:#fff;color:#000}.card{break-inside:avoid}}
        """;
}
