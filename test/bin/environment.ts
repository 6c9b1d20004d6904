import t from 'tap'
import { readEnvironment } from '../../bin/environment.js'

t.test('a variable gives an option of the run or of the command', async t => {
  t.strictSame(
    readEnvironment({ SLUICE_PER_ORIGIN: '4', SLUICE_SUMMARY: 's.json', SLUICE_OUT: '', PATH: '/bin' }),
    {
      perOrigin: '4',
      summary: 's.json',
    },
  )
})

t.test('what is wrong is named with its variable', async t => {
  const cases: [environment: NodeJS.ProcessEnv, message: string][] = [
    [
      { SLUICE_RETRIES: 'x' },
      'SLUICE_RETRIES for --retries: expected a whole number from 0 to 1000, got "x"',
    ],
    [{ SLUICE_PROGRESS: 'maybe' }, 'SLUICE_PROGRESS for --progress: expected true or false, got "maybe"'],
    [{ SLUICE_BWLIMT: '1M' }, 'SLUICE_BWLIMT: no such variable; did you mean SLUICE_BWLIMIT?'],
    [{ SLUICE_OUTPUT: 'd' }, 'SLUICE_OUTPUT: no such variable; did you mean SLUICE_OUT?'],
    [{ SLUICE_FOO: '1' }, 'SLUICE_FOO: no such variable; see sluice help config'],
    [{ SLUICE_COLOUR_SCHEME: '' }, 'SLUICE_COLOUR_SCHEME: no such variable; see sluice help config'],
  ]
  for (const [environment, message] of cases)
    t.throws(() => readEnvironment(environment), { code: 'ERR_OPTION', message }, message)
})

t.test('what a wrong header holds is not repeated', async t => {
  t.throws(() => readEnvironment({ SLUICE_HEADER: 's3cret' }), { message: /^(?!.*s3cret)SLUICE_HEADER/ })
})

t.test('variables that others set are left alone', async t => {
  const environment = {
    SLUICE_VERSION: '7',
    SLUICE_HELP: 'me',
    SLUICE_SERVICE_HOST: '10.0.0.1',
    SLUICE_SERVICE_PORT_HTTP: '80',
    SLUICE_PORT: 'tcp://10.0.0.1:80',
    SLUICE_PORT_80_TCP_ADDR: '10.0.0.1',
  }
  t.strictSame(readEnvironment(environment), {})
})
