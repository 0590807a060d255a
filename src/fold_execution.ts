/**
 * Fold what an execution says into its round.
 */
import type {
  IExecutionFinished,
  IExecutionStarted,
  IKernelMessage,
  IKernelOutput
} from './protocol';
import type { IFoldedRun } from './folded_run';
import { inExecution, inRoundOf } from './folded_run';
import { overwritten } from './overwritten';
import type { IRound } from './state';

/** One character more says that there was more. */
export const OUTPUT_LIMIT = 4000;

export function executionStarted(
  run: IFoldedRun,
  event: IExecutionStarted
): IFoldedRun {
  const execution: IRound['execution'] = {
    status: 'running',
    seconds: null,
    executionCount: null,
    ename: '',
    evalue: '',
    text: '',
    figures: 0
  };
  return {
    ...inRoundOf(run, event.cell_id, () => ({
      execution,
      source: event.source
    })),
    clearNext: false
  };
}

export function kernelOutput(
  run: IFoldedRun,
  event: IKernelOutput
): IFoldedRun {
  const { message, cell_id } = event;
  if (message.msg_type === 'clear_output' && message.content.wait) {
    return { ...run, clearNext: true };
  }
  const clears = run.clearNext || message.msg_type === 'clear_output';
  const text = textOf(message);
  const figures = isFigure(message) ? 1 : 0;
  if (!text && !figures && message.msg_type !== 'clear_output') {
    return run;
  }
  return {
    ...inExecution(run, cell_id, before => ({
      text: overwritten(`${clears ? '' : before.text}${text}`).slice(
        0,
        OUTPUT_LIMIT + 1
      ),
      figures: (clears ? 0 : before.figures) + figures
    })),
    clearNext: false
  };
}

export function executionFinished(
  run: IFoldedRun,
  event: IExecutionFinished
): IFoldedRun {
  const { cell_id, status, seconds, execution_count, ename, evalue } = event;
  return inExecution(run, cell_id, () => ({
    status,
    seconds,
    ename,
    evalue,
    executionCount: execution_count
  }));
}

function textOf({ msg_type, content }: IKernelMessage): string {
  if (msg_type === 'stream') {
    return String(content.text ?? '');
  }
  const plain = dataOf({ msg_type, content, metadata: {} })['text/plain'];
  return plain === undefined ? '' : `${String(plain)}\n`;
}

function isFigure(message: IKernelMessage): boolean {
  return Object.keys(dataOf(message)).some(type => type.startsWith('image/'));
}

function dataOf({
  msg_type,
  content
}: IKernelMessage): Record<string, unknown> {
  return msg_type === 'display_data' || msg_type === 'execute_result'
    ? ((content.data ?? {}) as Record<string, unknown>)
    : {};
}
