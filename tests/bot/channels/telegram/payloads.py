"""Three hundred things a person might put into a name, a note, an address or a dish to see whether we stumble."""

_SEEDS = [
    "<b>", "</b>", "<b>bold</b>", "<i", "<script>alert(1)</script>", "<a href='tg://user?id=1'>x</a>", "<u><s></u></s>",
    "<b><i></b></i>", "</i></b>", "<code>rm -rf</code>", "<pre><code class='py'>", "<tg-spoiler>", "<blockquote>",
    "<img src=x onerror=alert(1)>", "<br/>", "<>", "< >", "<<b>>", "<!-- -->", "<![CDATA[x]]>", "<?xml?>", "<b\n>",
    "&", "&&", "&lt;", "&lt;b&gt;", "&amp;lt;", "&#60;b&#62;", "&#x3C;b&#x3E;", "&nosuch;", "&#0;", "&#99999999;", "&;",
    "*bold*", "_italic_", "__under__", "~~strike~~", "`code`", "```block```", "[link](http://evil.example)", "||",
    "*_~`", "_*_", "{name}", "{0}", "%s%n", "${7*7}", "{{7*7}}", "@everyone", "/start", "#tag", "tel:+911",
    "https://evil.example/?a=1&b=<2>", "javascript:alert(1)", "\u202egnp.exe", "a\u200bb", "\ufeff", "\u2066x\u2069",
]  # fmt: skip
_FRAMES = ["{}", "Masala {} Dosa", "{}\n{}", "{}" * 9, "  {}  ₹ 240 · 🌶️ तीखा {}"]

PAYLOADS = [frame.replace("{}", seed) for seed in _SEEDS for frame in _FRAMES] + [
    "\ud800", "x\udfffy", "\0", "a\0<b>", "\u0000\u0001\u001f", "🍛" * 40, "e\u0301" * 30, "\u0940" * 20, "x" * 500,
    "<" * 200, "\\*",
]  # fmt: skip
