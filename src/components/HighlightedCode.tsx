import * as React from 'react';

import { visibleCode } from '../invisibles';
import { useAgent } from './context';

interface IHighlightedCodeProps {
  code: string;
  /** Name of the language; unknown ones stay plain. */
  language: string;
}

/** Code in the colours of the editor. The colours of the text before stay until those of the new one are known. */
export const HighlightedCode = React.memo(
  (props: IHighlightedCodeProps): JSX.Element => {
    const { languages } = useAgent();
    const element = React.useRef<HTMLElement>(null);
    const shown = visibleCode(props.code);

    React.useLayoutEffect(() => {
      if (element.current && !element.current.firstChild) {
        element.current.textContent = shown;
      }
      let current = true;
      const coloured = document.createElement('code');
      const language = languages.findBest(props.language, false);
      languages.highlight(shown, language, coloured).then(
        () =>
          current && element.current?.replaceChildren(...coloured.childNodes),
        () => current && element.current?.replaceChildren(shown)
      );
      return () => {
        current = false;
      };
    }, [shown, props.language, languages]);

    return (
      <pre className="jp-oci-Code" tabIndex={0}>
        <code ref={element} />
      </pre>
    );
  }
);
