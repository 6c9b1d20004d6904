import t from 'tap'
import { retryCommand } from '../../bin/retry-command.js'

t.test('the command repeats what the next run needs, quoted for a shell, and no secret', async t => {
  const jq = `jq -c 'select(.status=="failed")' OUTCOMES | sluice`
  const cases: [line: Parameters<typeof retryCommand>[0], command: string][] = [
    [{ options: { out: 'images' }, config: undefined }, `${jq} -o images`],
    [{ options: { out: "it's here" }, config: undefined }, `${jq} -o 'it'\\''s here'`],
    [{ options: { out: '-x' }, config: undefined }, `${jq} --out=-x`],
    [
      {
        options: {
          out: '/srv/a',
          headers: ['Authorization: s3cret'],
          bwlimit: '08:00,10mbit 19:00,off',
          preset: 'daily',
          timeout: 5000,
        },
        config: 'c.json',
      },
      `${jq} -o /srv/a --bwlimit '08:00,10mbit 19:00,off' --preset daily --config c.json`,
    ],
    [
      {
        options: {
          out: 'a',
          tpslimit: '5',
          durable: true,
          privateNetwork: 'deny',
          path: '{hash}',
          format: 'json',
        },
        config: undefined,
      },
      `${jq} -o a --tpslimit 5 --durable --private-network deny`,
    ],
    [
      {
        options: { out: 'a', select: 'products.*', format: 'json', durable: 'false', bwlimit: 6e6 },
        config: 'c.json',
      },
      `${jq} -o a --no-durable --config c.json --no-select --format auto`,
    ],
  ]
  cases.push([
    { options: { out: 'a', select: undefined, pool: undefined }, config: 'c.json' },
    `${jq} -o a --no-pool --config c.json --no-select`,
  ])
  const secret = 'redis://:s3cret@host'
  const steering = 'a\u001b[31m'
  cases.push(
    [{ options: { out: 'a', pool: secret }, config: undefined }, `${jq} -o a --pool "$SLUICE_POOL"`],
    [{ options: { out: 'a', pool: 'local:' }, config: undefined }, `${jq} -o a --pool local:`],
    [{ options: { out: steering }, config: undefined }, `${jq} -o 'a\\u001b[31m'`],
  )
  for (const [line, command] of cases) t.equal(retryCommand(line), command)
})
