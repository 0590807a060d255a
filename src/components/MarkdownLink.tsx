import * as React from 'react';

import { visibleCode } from '../invisibles';

const SCHEMES = ['http:', 'https:', 'mailto:'];
const LONGEST = 60;

/** The address as it will be opened, or null when it is not one to open. */
export function safeAddress(href: string): string | null {
  try {
    const url = new URL(href);
    return SCHEMES.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function shortened(address: string): string {
  return address.length > LONGEST
    ? `${address.slice(0, LONGEST - 20)}…${address.slice(-19)}`
    : address;
}

interface IMarkdownLinkProps {
  href: string;
  children: React.ReactNode;
}

/**
 * A link that does nothing before it is clicked, and says where it leads.
 *
 * Not an anchor: browsers look up the host of an anchor before anybody clicks it, which is a way to send data out.
 */
export function MarkdownLink(props: IMarkdownLinkProps): JSX.Element {
  const address = safeAddress(props.href);
  if (address === null) {
    return (
      <>
        {props.children} ({visibleCode(props.href)})
      </>
    );
  }
  const shown = visibleCode(address);
  return (
    <>
      <button
        type="button"
        role="link"
        className="jp-oci-Link"
        title={shown}
        onClick={() => window.open(address, '_blank', 'noopener,noreferrer')}
      >
        {props.children}
      </button>{' '}
      <span className="jp-oci-Link-address" title={shown}>
        ({shortened(shown)})
      </span>
    </>
  );
}
