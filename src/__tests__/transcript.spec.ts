import { nullTranslator } from '@jupyterlab/translation';

import { transcript } from '../transcript';
import { makeExecution, makeRound, makeRun } from './fake_session';

const trans = nullTranslator.load('jupyter_oci');

function written(...rounds: ReturnType<typeof makeRound>[]): string {
  const run = makeRun({ started: 1e9, model: 'small', rounds });
  const part = { run, title: 'Add the\nvalues up', end: 'Done' };
  return transcript('a/demo.ipynb', [part], trans);
}

it('has what was asked, written, run and said', () => {
  const failed = makeExecution({
    status: 'error',
    ename: 'NameError',
    evalue: 'x',
    text: '\u001b[31mred\u001b[0m\n'
  });
  const plotted = makeExecution({ text: '', figures: 2 });
  expect(
    written(
      makeRound({ text: 'I add.\n', source: 'x + 1\n', execution: failed }),
      makeRound({ source: 'plot(x)', execution: plotted, comment: 'in red' }),
      makeRound({ text: 'It is 6.' })
    )
  ).toBe(`# Notebook agent: a/demo.ipynb

## Add the values up

2001-09-09 01:46 UTC · small · Done

I add.

\`\`\`python
x + 1
\`\`\`

\`\`\`
red
\`\`\`

\`\`\`
NameError: x
\`\`\`

\`\`\`python
plot(x)
\`\`\`

2 pictures

> in red

It is 6.
`);
});

it('says why a run ended that was not answered', () => {
  const run = makeRun({ reason: 'timeout', message: 'It ran too long.' });
  const text = transcript('', [{ run, title: 'Go', end: 'Gave up' }], trans);
  expect(text).toMatch(/ · Gave up\n\nIt ran too long\.\n$/);
});

it('ends code that the prose leaves open, and leaves code as it is', () => {
  const text = written(
    makeRound({
      text: 'Look:\n```python\ndf[df.a < 3]\n```\nand\n~~~\nx',
      source: 's = """\n```\n<img src=x>"""',
      comment: 'in red\n![and](http://a) big'
    })
  );
  expect(text).toContain('df[df.a < 3]\n```\nand\n~~~\nx\n~~~\n\n````python\n');
  expect(text).toContain('> in red\n> !\\[and](http://a) big');
});

it('has no image, no HTML and no fence that what was written could end', () => {
  const text = written(
    makeRound({
      text: 'See ![it](http://a/b.png) <img src=x>',
      source: 'print("```")\nx = "\u202e"'
    })
  );
  expect(text).toContain('See !\\[it](http://a/b.png) &lt;img src=x>');
  expect(text).toContain('````python\nprint("```")\nx = "⟨U+202E⟩"\n````');
});
