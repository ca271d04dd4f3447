import { quoted, short } from './quote.ts';
import { type CompletedCommand, type CompletedOption, everyCommand, type Values } from './tree.ts';

/** Brackets and colons part a spec of `_arguments`. */
const inSpec = (text: string): string => short(text).replaceAll(/[[\]:\\]/g, (c) => `\\${c}`);

function action(values: Values): string {
  if (values.kind === 'choices') return `(${values.choices.join(' ')})`;
  if (values.kind === 'file') return '_files';
  return values.kind === 'folder' ? '_files -/' : ' ';
}

const optionSpecs = ({ flags, description, values }: CompletedOption): string[] =>
  flags.map((flag) =>
    quoted(`${flag}[${inSpec(description)}]${values === null ? '' : `:value:${action(values)}`}`),
  );

const functionOf = ({ path }: CompletedCommand): string =>
  ['_wattline', ...path].join('_').replaceAll('-', '_');

function argumentSpecs(command: CompletedCommand): string[] {
  if (command.commands.length > 0) return [quoted('1: :->command'), quoted('*:: :->rest')];
  return command.arguments.map((values, i) => {
    const isLast = i === command.arguments.length - 1;
    return quoted(`${isLast && command.isVariadic ? '*' : i + 1}:argument:${action(values)}`);
  });
}

/** One function a command, as `_arguments` wants it. */
function commandFunction(command: CompletedCommand): string {
  const specs = [...command.options.flatMap(optionSpecs), ...argumentSpecs(command)];
  const call = `_arguments -C ${specs.map((spec) => `\\\n    ${spec}`).join(' ')}`;
  if (command.commands.length === 0) return `${functionOf(command)}() {\n  ${call}\n}`;
  const described = command.commands.map((c) => quoted(`${c.name}:${short(c.description)}`));
  return `${functionOf(command)}() {
  local context state line
  local -a commands
  commands=(${described.map((text) => `\n    ${text}`).join('')}
  )
  ${call}
  case $state in
    command) _describe command commands ;;
    rest)
      case $words[1] in
${command.commands.map((c) => `        ${c.name}) ${functionOf(c)} ;;`).join('\n')}
      esac ;;
  esac
}`;
}

export const zshCompletion = (root: CompletedCommand): string => `#compdef wattline
# zsh completion of wattline; written by: wattline completion zsh
${everyCommand(root).map(commandFunction).join('\n')}
if [ "$funcstack[1]" = "_wattline" ]; then _wattline "$@"; else compdef _wattline wattline; fi
`;
