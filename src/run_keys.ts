/**
 * The keys that run a cell: the user may have chosen others than JupyterLab's.
 */
import { CommandRegistry } from '@lumino/commands';

export const RUN_CELL = 'notebook:run-cell-and-select-next';

const RUN_CELLS = [
  RUN_CELL,
  'notebook:run-cell',
  'notebook:run-cell-and-insert-below'
];

/** Whether JupyterLab would run the active cell at this key. */
export function runsCells(
  commands: CommandRegistry,
  event: KeyboardEvent
): boolean {
  const keystroke = CommandRegistry.keystrokeForKeydownEvent(event);
  return commands.keyBindings.some(
    ({ command, keys }) =>
      RUN_CELLS.includes(command) && keys.length === 1 && keys[0] === keystroke
  );
}

/** The first keys of a command, as they are shown; empty if it has none. */
export function formatKeys(commands: CommandRegistry, id: string): string {
  const binding = commands.keyBindings.find(({ command }) => command === id);
  return binding ? CommandRegistry.formatKeystroke(binding.keys) : '';
}
