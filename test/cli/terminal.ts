import { spawnSync } from 'node:child_process';

/** Runs a command on a terminal of its own: tells its process on stderr, copies what it says, and ends as it does. */
export const TERMINAL = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
print(pid, file=sys.stderr, flush=True)
while True:
    try:
        data = os.read(fd, 4096)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
`;
/** Whether terminals can be made here; where they cannot, the name of a block begins with `reason`. */
export const hasTerminals = spawnSync('python3', ['-c', 'import os, pty; os.waitstatus_to_exitcode']).status === 0;
export const reason = hasTerminals ? '' : 'SKIPPED, there is no python3 that makes terminals: ';
