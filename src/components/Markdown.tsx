/**
 * What the model writes, as elements of ours: a strict subset of markdown in which nothing of the text becomes HTML.
 */
import { Lexer, type MarkedToken, type Token, type Tokens } from 'marked';
import * as React from 'react';

import { visibleProse } from '../invisibles';
import { decodeEntities } from '../entities';
import { MarkdownCode } from './MarkdownCode';
import { MarkdownLink } from './MarkdownLink';

/** Beyond these, text is shown as it is: no honest answer needs them, and parsing would stall the page. */
const MAX_CHARACTERS = 50_000;
const MAX_DEPTH = 12;
const MAX_MARKERS_IN_A_ROW = /(?:[>*_~[\](<`][ \t]*){60}/;

/** The lexer takes cubic time over unclosed links, so their number is bounded too. */
const MAX_LINKS = 200;

function isTooMuch(text: string): boolean {
  return (
    text.length > MAX_CHARACTERS ||
    text.split('](').length > MAX_LINKS ||
    MAX_MARKERS_IN_A_ROW.test(text)
  );
}

function parse(text: string, method: 'lex' | 'inlineTokens'): Token[] {
  if (isTooMuch(text)) {
    return [plain(text)];
  }
  try {
    return new Lexer({ gfm: true })[method](text);
  } catch {
    return [plain(text)];
  }
}

function plain(text: string): Tokens.Text {
  return { type: 'text', raw: text, text, escaped: true };
}

function renderAll(
  tokens: Token[] | undefined,
  depth: number
): React.ReactNode {
  return tokens?.map((token, index) => (
    <React.Fragment key={index}>
      {depth > MAX_DEPTH
        ? visibleProse(token.raw)
        : renderToken(token as MarkedToken, depth + 1)}
    </React.Fragment>
  ));
}

function renderToken(token: MarkedToken, depth: number): React.ReactNode {
  const children = 'tokens' in token ? token.tokens : undefined;
  switch (token.type) {
    case 'paragraph':
      return <p dir="auto">{renderAll(children, depth)}</p>;
    case 'heading':
      // One level for all: a heading of an answer must not break the outline of the page.
      return <h4 dir="auto">{renderAll(children, depth)}</h4>;
    case 'blockquote':
      return <blockquote dir="auto">{renderAll(children, depth)}</blockquote>;
    case 'strong':
      return <strong>{renderAll(children, depth)}</strong>;
    case 'em':
      return <em>{renderAll(children, depth)}</em>;
    case 'del':
      return <del>{renderAll(children, depth)}</del>;
    case 'list':
      return renderList(token, depth);
    case 'table':
      return renderTable(token, depth);
    case 'code':
      return <MarkdownCode code={token.text} info={token.lang ?? ''} />;
    case 'codespan':
      return <code>{visibleProse(token.text)}</code>;
    case 'link':
      return (
        <MarkdownLink href={token.href}>
          {renderAll(children, depth)}
        </MarkdownLink>
      );
    case 'image':
      return visibleProse(`🖼 ${token.text}`.trim());
    case 'hr':
      return <hr />;
    case 'br':
      return <br />;
    case 'text':
      return children ? renderAll(children, depth) : proseOf(token);
    case 'escape':
      return visibleProse(token.text);
    case 'html':
      return visibleProse(token.raw);
    case 'space':
    case 'def':
      return null;
    case 'list_item':
      return renderAll(children, depth);
    default:
      // Whatever else the lexer knows is shown as it was written.
      return visibleProse((token as Token).raw);
  }
}

function proseOf(token: Tokens.Text | Tokens.Tag): string {
  const written = token.type === 'text' && 'escaped' in token && token.escaped;
  return visibleProse(written ? token.text : decodeEntities(token.text));
}

function renderList(list: Tokens.List, depth: number): JSX.Element {
  const items = list.items.map((item, index) => (
    <li key={index}>
      {item.task && (item.checked ? '☑ ' : '☐ ')}
      {renderAll(item.tokens, depth)}
    </li>
  ));
  return list.ordered ? (
    <ol dir="auto" start={list.start === '' ? 1 : list.start}>
      {items}
    </ol>
  ) : (
    <ul dir="auto">{items}</ul>
  );
}

function alignment({ align }: Tokens.TableCell): React.CSSProperties {
  return align ? { textAlign: align } : {};
}

function renderTable(table: Tokens.Table, depth: number): JSX.Element {
  return (
    <div className="jp-oci-Table" tabIndex={0}>
      <table dir="auto">
        <thead>
          <tr>
            {table.header.map((cell, column) => (
              <th key={column} style={alignment(cell)}>
                {renderAll(cell.tokens, depth)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} style={alignment(cell)}>
                  {renderAll(cell.tokens, depth)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Prose of a reply. An unfinished fence is code up to its end, so it can be shown while it is written. */
export const Markdown = React.memo((props: { text: string }): JSX.Element => {
  const tokens = React.useMemo(() => parse(props.text, 'lex'), [props.text]);
  return <div className="jp-oci-Markdown">{renderAll(tokens, 0)}</div>;
});

/** A sentence of ours or the model's, for where a paragraph stands already: code and emphasis, no blocks. */
export const MarkdownLine = React.memo(
  (props: { text: string }): JSX.Element => (
    <span className="jp-oci-MarkdownLine" dir="auto">
      {renderAll(parse(props.text, 'inlineTokens'), 0)}
    </span>
  )
);
