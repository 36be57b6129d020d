// Starts Azurite in a session of its own and ends: a terminal's Ctrl-C then reaches the host alone, which stops Azurite after its last
// write, and an Azurite whose host was killed lives on. Arguments: file for the output, file for the process id, program, its arguments.
const { spawn } = require('node:child_process');
const { openSync, writeFileSync } = require('node:fs');

const [log, pidFile, ...command] = process.argv.slice(2);
const output = openSync(log, 'w');
const server = spawn(process.execPath, command, { detached: true, windowsHide: true, stdio: ['ignore', output, output] });
server.on('error', (error) => { console.error(error.message); process.exit(1); });
server.on('spawn', () => { writeFileSync(pidFile, String(server.pid)); process.exit(0); });
