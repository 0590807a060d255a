/**
 * Playwright with JupyterLab's galata, on a Chromium that the system has.
 */
const base = require('@jupyterlab/galata/lib/playwright-config');

const port = process.env.OCI_UI_PORT || '18888';
const baseURL = `http://127.0.0.1:${port}`;
const report = process.env.OCI_UI_REPORT;

module.exports = {
  ...base,
  testDir: 'tests',
  outputDir: 'test-results',
  // The base's own reporter starts a server when a test fails, and waits for someone to look at it.
  reporter: [['list'], ...(report ? [['json', { outputFile: report }]] : [])],
  workers: 1,
  retries: process.env.CI ? 1 : 0,
  timeout: 120_000,
  use: {
    ...base.use,
    baseURL,
    viewport: { width: 1280, height: 800 },
    // Videos need a program that Playwright would have to download.
    video: 'off',
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync'
      ]
    }
  },
  webServer: {
    command: 'jupyter lab --config jupyter_server_test_config.py',
    cwd: __dirname,
    env: { ...process.env, OCI_UI_PORT: port },
    url: `${baseURL}/api`,
    timeout: 120_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
    // The server's log would bury the tests' own lines.
    stderr: process.env.OCI_UI_SERVER_LOG ? 'pipe' : 'ignore'
  }
};
