/** What the demo's model says and does: a word at the start of the prompt chooses, so that everything can be tried. */
import type { Step } from './answer.ts'
import type { ModelRequest } from './model-request.ts'
import type { Script } from './scripted-model.ts'

const HELP = `Hello! I am **not** a model: I follow a script, so that you can try the hub without an account.

Start a prompt with one of these words:

- \`run ls -la\`: I ask to run a command outside the sandbox, and you approve or deny it
- \`patch\`: I change \`README.md\` with a patch
- \`ask\`: I ask you a question
- \`think\`: I show a line of reasoning
- \`slow\`: I answer slowly, so that you can leave, come back, or interrupt me
- \`fail\`: I fail, as models do

`

const PATCH = `*** Begin Patch
*** Update File: README.md
@@
 # A sample project
+
+Changed by the demo.
*** End Patch`

const SLOW =
  `This answer takes its time. `.repeat(3) +
  'Leave and come back: you miss nothing. Interrupt me, or join with a second terminal: everybody sees the same. '.repeat(
    3,
  )

const QUESTION = {
  id: 'colour',
  header: 'Colour',
  question: 'Which colour shall the bike shed have?',
  options: [
    { label: 'Red', description: 'It is seen from afar.' },
    { label: 'Blue', description: 'It goes with the sky.' },
  ],
}

/** The demo's script. */
export const demoScript: Script = (request) => {
  const [word = '', ...rest] = request.lastUserText.trim().split(/\s+/)
  if (request.afterTool) return [{ say: afterTool(request), pauseMs: 20 }]
  switch (word.toLowerCase()) {
    case 'run':
      return runCommand(request, rest.join(' ') || 'ls -la')
    case 'patch':
      return [{ say: 'I will add a line to the README.', pauseMs: 20 }, patch(request)]
    case 'ask':
      return ask(request)
    case 'slow':
      return [{ say: SLOW, pauseMs: 250 }]
    case 'think':
      return [
        { think: '**Weighing the options** and finding none.' },
        { say: 'I thought about it.', pauseMs: 20 },
      ]
    case 'fail':
      return [{ fail: 'The scripted model fails when it is told to.' }]
    default:
      return [
        { say: `${HELP}You have sent ${request.userTexts.length} prompt(s) in this session.`, pauseMs: 15 },
      ]
  }
}

function runCommand(request: ModelRequest, cmd: string): Step[] {
  const call = {
    cmd,
    sandbox_permissions: 'require_escalated',
    justification: 'The demo asks for every command.',
  }
  if (request.toolNames.includes('exec_command')) {
    return [
      { say: `I would like to run \`${cmd}\`.`, pauseMs: 20 },
      { call: 'exec_command', args: call },
    ]
  }
  const args = { ...call, command: ['bash', '-lc', cmd], with_escalated_permissions: true }
  return [
    { say: `I would like to run \`${cmd}\`.`, pauseMs: 20 },
    { call: 'shell', args },
  ]
}

function patch(request: ModelRequest): Step {
  if (request.toolNames.includes('apply_patch')) return { custom: 'apply_patch', input: PATCH }
  return { say: 'This Codex offers no patch tool to the model.' }
}

function ask(request: ModelRequest): Step[] {
  if (request.toolNames.includes('request_user_input')) {
    return [{ call: 'request_user_input', args: { questions: [QUESTION] } }]
  }
  return [{ say: 'This Codex offers the model no way to ask.' }]
}

function afterTool({ toolOutputs }: ModelRequest): string {
  const output = toolOutputs.at(-1)?.slice(0, 300) ?? ''
  return `Done. What came back:\n\n\`\`\`\n${output}\n\`\`\``
}
