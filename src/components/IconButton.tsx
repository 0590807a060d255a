import { Button, type LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

interface IIconButtonProps extends Omit<
  React.ButtonHTMLAttributes<HTMLButtonElement>,
  'children'
> {
  icon: LabIcon;
  /** Accessible name and tooltip. */
  label: string;
}

/** A small button that shows only an icon. */
export function IconButton(props: IIconButtonProps): JSX.Element {
  const { icon, label, className, ...others } = props;
  return (
    <Button
      type="button"
      minimal
      small
      {...others}
      className={`jp-oci-IconButton ${className ?? ''}`}
      aria-label={label}
      title={label}
    >
      <icon.react tag="span" elementSize="normal" aria-hidden="true" />
    </Button>
  );
}
