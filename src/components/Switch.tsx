import * as React from 'react';

export interface IChoice<T extends string> {
  value: T;
  label: string;
  caption: string;
  disabled?: boolean;
}

interface ISwitchProps<T extends string> {
  /** What is chosen here. */
  label: string;
  choices: IChoice<T>[];
  value: T;
  onChoose(value: T): void;
}

/** A few choices side by side, of which one holds. */
export function Switch<T extends string>(props: ISwitchProps<T>): JSX.Element {
  const name = React.useId();
  return (
    <div className="jp-oci-Switch" role="radiogroup" aria-label={props.label}>
      {props.choices.map(({ value, label, caption, disabled }) => (
        <label key={value} title={caption}>
          <input
            type="radio"
            name={name}
            value={value}
            checked={value === props.value}
            disabled={disabled}
            onChange={() => props.onChoose(value)}
          />
          <span>{label}</span>
        </label>
      ))}
    </div>
  );
}
