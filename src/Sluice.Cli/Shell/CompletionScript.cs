using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Text;

namespace Sluice.Cli.Shell;

/// <summary>Writes completion scripts from the definitions of the commands.</summary>
internal static class CompletionScript
{
    private const string StartOfZsh = "#compdef sluice\nautoload -U +X bashcompinit && bashcompinit\n";

    // The word --balance=least is one here, and three in bash. A file of the path of functions is loaded when the first line is completed, and has to
    // complete that one, too.
    private const string EndOfZsh = """
        _sluice_zsh() {
          if [[ $PREFIX == --*=* ]]; then
            local option=${PREFIX%%=*}
            compset -P 1 '*='
            words[CURRENT]=("$option" = "$PREFIX$SUFFIX")
            (( CURRENT += 2 ))
          fi
          _bash_complete -o default -F _sluice
        }
        compdef _sluice_zsh sluice
        if [[ ${funcstack[1]} == _sluice ]]; then _sluice_zsh; fi

        """;

    public static string Of(CompletionShell shell, Command root) => shell switch
    {
        CompletionShell.Bash => $"{Bash(root)}complete -o default -F _sluice sluice\n",
        CompletionShell.Zsh => $"{StartOfZsh}{Bash(root)}{EndOfZsh.ReplaceLineEndings("\n")}",
        CompletionShell.Fish => Fish(root),
        _ => PowerShell(root),
    };

    private static string Bash(Command root)
    {
        var text = new StringBuilder("_sluice() {\n  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words\n");

        // The shell makes three words of --balance=least.
        text.Append("  if [ \"$cur\" = = ]; then cur=; elif [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n");
        text.Append("  if [ \"$COMP_CWORD\" -eq 1 ]; then\n").Append(CultureInfo.InvariantCulture, $"    COMPREPLY=($(compgen -W \"{Join(NamesOf(root))}\" -- \"$cur\"))\n    return\n  fi\n");
        string nested = string.Join('|', CommandLine.AllOf(root).Where(IsNested).Select(command => $"\"{PathOf(command)}\""));
        text.Append(CultureInfo.InvariantCulture, $"  if [ \"$COMP_CWORD\" -gt 2 ]; then\n    case \"$command ${{COMP_WORDS[2]}}\" in\n      {nested}) command=\"$command ${{COMP_WORDS[2]}}\" ;;\n    esac\n  fi\n");
        text.Append("  case \"$command $prev\" in\n");
        foreach (Command command in CommandLine.AllOf(root))
        {
            foreach (Option option in OptionTable.OptionsOf(command).Where(option => ValuesOf(option).Length > 0 || IsFile(option)))
            {
                // Without a word of this function, the shell completes files by itself: it knows folders and the quotes of spaces.
                string words = IsFile(option) ? "COMPREPLY=()" : $"COMPREPLY=($(compgen -W \"{Join(ValuesOf(option))}\" -- \"$cur\"))";
                string patterns = string.Join('|', NamesOf(option).Select(name => $"\"{PathOf(command)} {name}\""));
                text.Append(CultureInfo.InvariantCulture, $"    {patterns}) {words}; return ;;\n");
            }
        }

        text.Append("  esac\n  case \"$command\" in\n");
        foreach (Command command in CommandLine.AllOf(root))
        {
            text.Append(CultureInfo.InvariantCulture, $"    \"{PathOf(command)}\") words=\"{Join(NamesOf(command))}\" ;;\n");
        }

        return text.Append("  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n").ToString();
    }

    private static string Fish(Command root)
    {
        var text = new StringBuilder("complete -c sluice -e\n");
        foreach (Command command in CommandLine.AllOf(root))
        {
            string before = IsNested(command) ? ConditionOf(command.Parents.OfType<Command>().First()) : "__fish_use_subcommand";
            text.Append(CultureInfo.InvariantCulture, $"complete -c sluice -n {Quote(before)} -f -a {command.Name} -d {Quote(command.Description)}\n");
            if (ArgumentsOf(command) is { Length: > 0 } values)
            {
                text.Append(CultureInfo.InvariantCulture, $"complete -c sluice -n {Quote(ConditionOf(command))} -f -a {Quote(Join(values))}\n");
            }

            foreach (Option option in OptionTable.OptionsOf(command))
            {
                string names = string.Join(' ', NamesOf(option).Select(name => name.StartsWith("--", StringComparison.Ordinal) ? $"-l {name[2..]}" : $"-s {name[1..]}"));
                text.Append(CultureInfo.InvariantCulture, $"complete -c sluice -n {Quote(ConditionOf(command))} {names}{FishValuesOf(option)} -d {Quote(option.Description)}\n");
            }
        }

        return text.ToString();
    }

    private static string FishValuesOf(Option option)
    {
        if (option.ValueType == typeof(bool))
        {
            return string.Empty;
        }

        return IsFile(option) ? " -r -F" : $" -x -a {Quote(Join(ValuesOf(option)))}";
    }

    // When the words of a command are on the line, and those of none of its own commands.
    private static string ConditionOf(Command command)
    {
        string words = string.Join("; and ", PathOf(command).Split(' ').Select(word => $"__fish_seen_subcommand_from {word}"));
        return command.Subcommands.Count == 0 ? words : $"{words}; and not __fish_seen_subcommand_from {Join([.. command.Subcommands.Select(one => one.Name)])}";
    }

    private static string PowerShell(Command root)
    {
        var text = new StringBuilder("Register-ArgumentCompleter -Native -CommandName sluice -ScriptBlock {\n  param($wordToComplete, $commandAst, $cursorPosition)\n");
        text.Append(CultureInfo.InvariantCulture, $"  $words = @{{\n    '' = @({List(NamesOf(root))})\n");
        foreach (Command command in CommandLine.AllOf(root))
        {
            text.Append(CultureInfo.InvariantCulture, $"    '{PathOf(command)}' = @({List(NamesOf(command))})\n");
            foreach (Option option in OptionTable.OptionsOf(command).Where(option => ValuesOf(option).Length > 0))
            {
                text.Append(string.Concat(NamesOf(option).Select(name => $"    '{PathOf(command)} {name}' = @({List(ValuesOf(option))})\n")));
            }
        }

        text.Append("  }\n  $given = @($commandAst.CommandElements | ForEach-Object { \"$_\" })\n");
        text.Append("  if ($wordToComplete -ne '') { $given = @($given | Select-Object -SkipLast 1) }\n");
        text.Append("  $command = if ($given.Count -gt 1) { $given[1] } else { '' }\n");
        text.Append("  if ($given.Count -gt 2 -and $given[2] -notlike '-*' -and $words.ContainsKey(\"$command $($given[2])\")) { $command = \"$command $($given[2])\" }\n");
        text.Append("  $key = \"$command $($given[-1])\"\n  if (-not $words.ContainsKey($key)) { $key = $command }\n");
        return text.Append("  $words[$key] | Where-Object { $_ -like \"$wordToComplete*\" } | ForEach-Object {\n    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)\n  }\n}\n").ToString();
    }

    // The words of a command, without that of the program.
    private static string PathOf(Command command) => CommandLine.PathOf(command)["sluice ".Length..];

    private static bool IsNested(Command command) => PathOf(command).Contains(' ');

    private static string[] NamesOf(Command command) => [.. command.Subcommands.Select(one => one.Name), .. ArgumentsOf(command), .. OptionTable.OptionsOf(command).SelectMany(NamesOf), "--help"];

    private static string[] ArgumentsOf(Command command) =>
        [.. command.Arguments.SelectMany(argument => argument.GetCompletions(CompletionContext.Empty)).Select(item => item.Label)];

    private static string[] NamesOf(Option option) => [option.Name, .. option.Aliases];

    private static string[] ValuesOf(Option option) =>
        option.HelpName is { } help && help.Contains('|') && !help.Any(char.IsAsciiLetterUpper) ? help.Split('|') : [];

    private static bool IsFile(Option option) => option.HelpName is "FILE" or "PATH";

    private static string Join(string[] words) => string.Join(' ', words);

    private static string List(string[] words) => string.Join(", ", words.Select(word => $"'{word}'"));

    private static string Quote(string? text) => $"'{(text ?? string.Empty).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
