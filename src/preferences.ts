/**
 * What the user has set for all notebooks, in the settings of JupyterLab.
 */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';

import type { Mode } from './protocol';

/** In JupyterLab, as a notification of the desktop too, or not at all. */
export type NoticePlace = 'page' | 'desktop' | 'off';

/** null: as the server has it. */
export interface IPreferences {
  /** Of notebooks for which none was chosen. */
  mode: Mode | null;
  maxRounds: number | null;
  /** What every request is to respect. */
  instructions: string;
  /** Where to say that a run waits or is over, when its notebook is not seen. */
  notices: NoticePlace;
}

export const NO_PREFERENCES: IPreferences = {
  mode: null,
  maxRounds: null,
  instructions: '',
  notices: 'page'
};

export function preferencesOf(
  settings: ISettingRegistry.ISettings
): IPreferences {
  const get = (name: string) => settings.get(name).composite;
  const mode = get('mode') as Mode | 'server' | undefined;
  return {
    mode: mode && mode !== 'server' ? mode : null,
    maxRounds: (get('max_rounds') as number) || null,
    instructions: String(get('instructions') ?? '').trim(),
    notices: (get('notices') as NoticePlace | undefined) ?? 'page'
  };
}
