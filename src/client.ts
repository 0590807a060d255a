/**
 * The requests of docs/api.md, and the server's refusals as errors with its own words.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type {
  ApprovalDecision,
  IHeldMode,
  IModels,
  IPreview,
  IRunCard,
  IRunRequest,
  ISettings,
  IWaiting,
  Mode,
  ModelAction,
  RunEvent
} from './protocol';
import { EventStream } from './stream';

const NAMESPACE = 'jupyter-oci';

/** A run with everything that it said. */
export interface IRunRecord extends IRunCard {
  events: RunEvent[];
}

/** The server refused, or could not be reached (`status` 0); the message is fit to be shown. */
export class RequestError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly reason: string
  ) {
    super(message);
    this.name = 'RequestError';
  }
}

/** The server's side of the agent, as this page sees it. */
export class Client {
  constructor(
    readonly serverSettings: ServerConnection.ISettings,
    private readonly _trans: TranslationBundle
  ) {}

  settings(): Promise<ISettings> {
    return this._request('GET', 'settings');
  }

  mode(path: string): Promise<IHeldMode> {
    return this._request(
      'GET',
      'notebook' + URLExt.objectToQueryString({ path })
    );
  }

  async setMode(
    path: string,
    mode: Mode,
    waiting: IWaiting | null
  ): Promise<void> {
    await this._request('PUT', 'notebook', {
      path,
      mode,
      ...(waiting ? { waiting } : {})
    });
  }

  models(): Promise<IModels> {
    return this._request('GET', 'models');
  }

  async setModel(name: string): Promise<void> {
    await this._request('POST', 'models/current', { name });
  }

  async modelAction(name: string, action: ModelAction): Promise<void> {
    await this._request('POST', 'models/action', { name, action });
  }

  preview(request: IRunRequest): Promise<IPreview> {
    return this._request('POST', 'preview', request);
  }

  start(request: IRunRequest): Promise<IRunCard> {
    return this._request('POST', 'runs', request);
  }

  async runs(path: string): Promise<IRunCard[]> {
    const answer = await this._request<{ runs: IRunCard[] }>(
      'GET',
      'runs' + URLExt.objectToQueryString({ path })
    );
    return answer.runs;
  }

  run(runId: string): Promise<IRunRecord> {
    return this._request('GET', runRoute(runId));
  }

  async approve(
    runId: string,
    approval: {
      approval_id: string;
      decision: ApprovalDecision;
      comment?: string;
      source: string;
      sha256: string;
    }
  ): Promise<void> {
    await this._request('POST', runRoute(runId, 'approve'), approval);
  }

  async stop(runId: string): Promise<void> {
    await this._request('POST', runRoute(runId, 'stop'), {});
  }

  async liftLimit(runId: string): Promise<void> {
    await this._request('POST', runRoute(runId, 'no-limit'), {});
  }

  async edited(runId: string, cellId: string, source: string): Promise<void> {
    await this._request('POST', runRoute(runId, 'edited'), {
      cell_id: cellId,
      source
    });
  }

  async settled(runId: string): Promise<void> {
    await this._request('POST', runRoute(runId, 'settled'), {});
  }

  async clearRuns(path: string): Promise<void> {
    await this._request(
      'DELETE',
      'runs' + URLExt.objectToQueryString({ path })
    );
  }

  /** Follow a run's events after `after`, as `clientId`; connect to the signals, then call `start()`. */
  follow(runId: string, after: number, clientId: string): EventStream {
    const { wsUrl, token, appendToken, WebSocket } = this.serverSettings;
    const url = URLExt.join(wsUrl, NAMESPACE, runRoute(runId, 'events'));
    return new EventStream({
      after,
      WebSocket,
      url: seq =>
        url +
        URLExt.objectToQueryString({
          after: seq,
          client_id: clientId,
          ...(appendToken && token ? { token } : {})
        })
    });
  }

  private async _request<T>(
    method: string,
    route: string,
    body?: object
  ): Promise<T> {
    const url = URLExt.join(this.serverSettings.baseUrl, NAMESPACE, route);
    const response = await this._send(url, {
      method,
      ...(body ? { body: JSON.stringify(body) } : {})
    });
    const text = await response.text();
    if (!response.ok) {
      throw refusal(response, text, this._trans);
    }
    return (text ? JSON.parse(text) : null) as T;
  }

  private async _send(url: string, init: RequestInit): Promise<Response> {
    try {
      return await ServerConnection.makeRequest(url, init, this.serverSettings);
    } catch (error) {
      throw new RequestError(
        this._trans.__(
          'The Jupyter server does not answer. Check that it is running.'
        ),
        0,
        String(error)
      );
    }
  }
}

function runRoute(runId: string, ...parts: string[]): string {
  return ['runs', encodeURIComponent(runId), ...parts].join('/');
}

function refusal(
  response: Response,
  text: string,
  trans: TranslationBundle
): RequestError {
  try {
    const { message, reason } = JSON.parse(text);
    return new RequestError(
      String(message || response.statusText),
      response.status,
      String(reason ?? '')
    );
  } catch {
    const message =
      response.status === 404
        ? trans.__(
            'The server part of jupyter-oci is not enabled. See `jupyter server extension list`.'
          )
        : trans.__(
            'The server answered %1 %2.',
            response.status,
            response.statusText
          );
    return new RequestError(message, response.status, '');
  }
}
