// tuf-js under three commands, one JSON object a line: what stands on standard input is done, and 0 or 1 with the reason goes to standard output.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

// tuf-js asks for the time itself; a command says when it is.
const TrueDate = Date;
let now = null;
global.Date = class extends TrueDate {
  constructor(...given) {
    super(...(given.length === 0 && now !== null ? [now] : given));
  }
};

const { Updater } = require('tuf-js');
const { initializeTUFRepo } = require('@tufjs/repo-mock');

const commands = {
  init({ metadata, root }) {
    fs.copyFileSync(root, path.join(metadata, 'root.json'));
  },
  async refresh({ metadata, url }) {
    await updater({ metadata, url }).refresh();
  },
  async download({ metadata, url, targets, target }) {
    const client = updater({ metadata, url, targets });
    await client.refresh();
    const info = await client.getTargetInfo(target);
    if (!info) throw new Error(`no role lists ${target}`);
    if (!(await client.findCachedTarget(info))) await client.downloadTarget(info);
  },
  // A repository of @tufjs/repo-mock as files.
  mock({ folder, target, content }) {
    const repository = initializeTUFRepo([{ name: target, content }]);
    fs.mkdirSync(path.join(folder, 'metadata'), { recursive: true });
    fs.mkdirSync(path.join(folder, 'targets'), { recursive: true });
    const write = (name, meta) => fs.writeFileSync(path.join(folder, name), JSON.stringify(meta.toJSON()));
    write('initial_root.json', repository.rootMeta);
    for (const role of ['timestamp', 'snapshot', 'targets']) write(`metadata/${role}.json`, repository[`${role}Meta`]);
    fs.writeFileSync(path.join(folder, 'targets', target), content);
  },
};

function updater({ metadata, url, targets }) {
  return new Updater({
    metadataDir: metadata,
    metadataBaseUrl: `${url}metadata`,
    targetDir: targets,
    targetBaseUrl: `${url}targets`,
    config: { fetchRetries: 0, fetchRetry: 0 },
  });
}

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const command = JSON.parse(line);
  now = command.now ?? null;
  let answer = { code: 0, said: '' };
  try {
    await commands[command.command](command);
  } catch (error) {
    answer = { code: 1, said: String(error.message) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
