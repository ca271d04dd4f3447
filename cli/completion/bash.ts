import { quoted } from './quote.ts';
import { type CompletedCommand, everyCommand, type Values } from './tree.ts';

/** A reply for a value: `-f` and `-d` are bash's files and folders. */
const reply = (values: Values): string => {
  if (values.kind === 'choices') return `_wattline_words ${quoted(values.choices.join(' '))}`;
  if (values.kind === 'file') return '_wattline_paths -f';
  return values.kind === 'folder' ? '_wattline_paths -d' : 'COMPREPLY=()';
};

function valueCases({ path, options }: CompletedCommand): string[] {
  const name = path.join(' ');
  return options
    .filter(({ values }) => values !== null)
    .map(({ flags, values }) => {
      const patterns = flags.map((flag) => quoted(`${name}:${flag}`)).join(' | ');
      return `    ${patterns}) ${reply(values as Values)}; return ;;`;
    });
}

function wordCase(command: CompletedCommand): string {
  const { path, options, commands } = command;
  const flags = options.flatMap((o) => o.flags).join(' ');
  const [first] = command.arguments;
  const words =
    commands.length > 0
      ? `_wattline_words ${quoted(commands.map((c) => c.name).join(' '))}`
      : first
        ? reply(command.isVariadic ? (command.arguments.at(-1) as Values) : first)
        : 'COMPREPLY=()';
  return `    ${quoted(path.join(' '))}) case $cur in -*) _wattline_words ${quoted(flags)} ;; *) ${words} ;; esac ;;`;
}

/** For bash from 3.2 on, which macOS has; without the package bash-completion. */
export function bashCompletion(root: CompletedCommand): string {
  const all = everyCommand(root);
  const paths = all.map(({ path }) => quoted(path.join(' '))).join(' | ');
  return `# bash completion of wattline; written by: wattline completion bash
_wattline_words() {
  local IFS=$' \\t\\n'
  COMPREPLY=( $(compgen -W "$1" -- "$cur") )
}
_wattline_paths() {
  local IFS=$'\\n'
  compopt -o filenames 2> /dev/null
  COMPREPLY=( $(compgen "$1" -- "$cur") )
}
_wattline() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path= word i
  for (( i = 1; i < COMP_CWORD; i++ )); do
    word=\${COMP_WORDS[i]}
    case "\${path:+$path }$word" in
      ${paths}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path:$prev" in
${all.flatMap(valueCases).join('\n')}
  esac
  case "$path" in
${all.map(wordCase).join('\n')}
  esac
}
complete -F _wattline wattline
`;
}
