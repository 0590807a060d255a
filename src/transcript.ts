/**
 * The history of a notebook's runs as Markdown, to be kept or shown to others: what was asked, written, run and said.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { visibleCode, visibleProse, withoutAnsi } from './invisibles';
import type { IRound, IRunView } from './state';

/** A run, with what its card says of it. */
export interface IPart {
  run: IRunView;
  title: string;
  end: string;
}

/** Write down runs that are over, oldest first. */
export function transcript(
  path: string,
  parts: readonly IPart[],
  trans: TranslationBundle
): string {
  const head = `# ${trans.__('Notebook agent: %1', prose(path))}`;
  return `${[head, ...parts.map(part => written(part, trans))].join('\n\n')}\n`;
}

/** Have the browser save a text. */
export function saveAs(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/markdown' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function written({ run, title, end }: IPart, trans: TranslationBundle): string {
  const day = new Date(run.started * 1000).toISOString();
  const facts = `${day.slice(0, 16).replace('T', ' ')} UTC · ${run.model} · ${end}`;
  return [
    `## ${prose(title).replace(/\s+/g, ' ')}`,
    facts,
    ...run.rounds.map(round => roundOf(round, trans)),
    run.reason === 'answered' ? '' : prose(run.message)
  ]
    .filter(Boolean)
    .join('\n\n');
}

function roundOf(round: IRound, trans: TranslationBundle): string {
  const { execution, proposal, comment } = round;
  const figures = execution?.figures ?? 0;
  const error = execution?.ename && `${execution.ename}: ${execution.evalue}`;
  return [
    prose(round.text.trim()),
    fenced(visibleCode(round.source || (proposal?.source ?? '')), 'python'),
    fenced(withoutAnsi(execution?.text ?? '')),
    fenced(withoutAnsi(error ?? '')),
    figures > 0 ? trans._n('%1 picture', '%1 pictures', figures) : '',
    comment && prose(comment).replace(/^/gm, '> ')
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** Whoever opens the file loads no image of another host by it, and no HTML; code in it stays code, and ends with it. */
function prose(text: string): string {
  let fence = '';
  const lines = visibleProse(text)
    .split('\n')
    .map(line => {
      const mark = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
      if (fence) {
        const closes = mark?.[1].startsWith(fence) && !mark[2].trim();
        fence = closes ? '' : fence;
        return line;
      }
      if (mark && !(mark[1][0] === '`' && mark[2].includes('`'))) {
        fence = mark[1];
        return `${mark[1]}${mark[2].replace(/</g, '')}`;
      }
      return line.replace(/</g, '&lt;').replace(/!\[/g, '!\\[');
    });
  return [...lines, ...(fence ? [fence] : [])].join('\n');
}

/** Code in a fence that nothing in it ends; nothing where there is none. */
function fenced(text: string, language = ''): string {
  if (!text.trim()) {
    return '';
  }
  const longest = (text.match(/`+/g) ?? []).map(({ length }) => length);
  const fence = '`'.repeat(Math.max(3, ...longest.map(length => length + 1)));
  return `${fence}${language}\n${text.replace(/\n+$/, '')}\n${fence}`;
}
