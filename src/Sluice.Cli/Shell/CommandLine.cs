using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;

namespace Sluice.Cli.Shell;

/// <summary>Parses the command line.</summary>
internal static class CommandLine
{
    private const string Description = "Connects, listens, relays and measures: TCP, UDP, Unix domain sockets and TLS.";

    private static string[] ProcessArguments => Environment.GetCommandLineArgs()[1..];

    /// <summary>Gets how commands are run: they handle signals and errors themselves.</summary>
    public static InvocationConfiguration Configuration => new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };

    /// <summary>Creates the whole tree of commands, for help and for what is made of it.</summary>
    public static Command CreateRoot() => CreateRoot(Commands.All);

    /// <summary>Parses the arguments. Only the command that they name is created.</summary>
    public static ParseResult Parse(string[] args)
    {
        CommandEntry? named = args.Length > 0 ? Commands.All.FirstOrDefault(entry => entry.Name == args[0]) : null;
        var configuration = new ParserConfiguration { ResponseFileTokenReplacer = named is { TakesFile: true } ? ArgumentFile.TryRead : null };

        return CreateRoot(NeededFor(args, named)).Parse(args, configuration);
    }

    // Each command that is created costs time at the start.
    private static IEnumerable<CommandEntry> NeededFor(string[] args, CommandEntry? named) => named switch
    {
        not null => [named],
        null when args is ["--version"] => [],
        _ => Commands.All,
    };

    /// <summary>Gets a value indicating whether <c>@FILE</c> is among the arguments of the process.</summary>
    public static bool HasFile => Array.Exists(ProcessArguments, argument => argument.Length > 1 && argument[0] == '@');

    /// <summary>Parses the arguments of the process again, with what is in their files now.</summary>
    /// <exception cref="ArgumentException">The arguments are invalid.</exception>
    public static ParseResult ParseAgain(ParseResult earlier)
    {
        ParseResult result = earlier.RootCommandResult.Command.Parse(ProcessArguments, earlier.Configuration);
        return ErrorOf(result) is { } error ? throw new ArgumentException(error) : result;
    }

    /// <summary>Says what is wrong with the arguments, in one line; null if nothing is.</summary>
    public static string? ErrorOf(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        if (result.Errors.Count == 0)
        {
            return WithoutEffect(result) is { } error ? $"{error} Try '{PathOf(command)} --help'." : null;
        }

        bool isCommandMissing = command.Parents.FirstOrDefault() is null;
        return $"{(isCommandMissing ? RootError(result) : CommandError(result, command))} Try '{PathOf(command)} --help'.";
    }

    /// <summary>Gets the words of a command: <c>sluice cert renew</c>.</summary>
    public static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : command.Name;

    /// <summary>Gets all commands of a tree but its root.</summary>
    public static IEnumerable<Command> AllOf(Command root) => root.Subcommands.SelectMany(command => AllOf(command).Prepend(command));

    // The parser accepts both: an option that it does not know as an argument, and arguments and options of 'sluice cert' before 'renew', which takes none of them.
    private static string? WithoutEffect(ParseResult result)
    {
        CommandResult command = result.CommandResult;
        if (result.Action is HelpPrinter)
        {
            return null;
        }

        return ValuesOf(command).FirstOrDefault(IsUnknownOption) is { } unknown
            ? NoOption(unknown, NamesOf(command.Command))
            : Above(command).Select(one => $"'{one}' cannot stand before '{command.Command.Name}'.").FirstOrDefault();

        bool IsUnknownOption(string value) => value is ['-', not (>= '0' and <= '9'), ..] && !result.Tokens.Any(token => token.Type == TokenType.DoubleDash);
    }

    private static IEnumerable<string> ValuesOf(CommandResult command) => command.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value);

    private static IEnumerable<string> Above(CommandResult command) => command.Parent is CommandResult parent
        ? Above(parent).Concat(ValuesOf(parent)).Concat(parent.Children.OfType<OptionResult>().Where(option => !option.Implicit).Select(option => option.Option.Name))
        : [];

    private static string[] NamesOf(Command command) => [.. command.Options.SelectMany(option => option.Aliases.Append(option.Name))];

    private static string NoOption(string unknown, string[] names) => $"There is no option '{unknown}'.{Suggestion.For(unknown, names)}";

    private static string RootError(ParseResult result) => result.UnmatchedTokens switch
    {
        [['-', ..] option, ..] => $"There is no option '{option}'.",
        [var unknown, ..] => $"There is no command '{unknown}'.{Suggestion.For(unknown, Commands.All.Select(entry => entry.Name))}",
        _ => "There is no command.",
    };

    private static string CommandError(ParseResult result, Command command)
    {
        // An unknown option ends up among the arguments, where it makes up to three errors.
        string[] tokens = [.. result.Tokens.Select(token => token.Value).TakeWhile(token => token != "--")];
        string[] names = NamesOf(command);
        string? unknown = tokens.FirstOrDefault(token => token.Length > 1 && !char.IsAsciiDigit(token[1]) && token.StartsWith('-') && !names.Contains(token)
            && result.Errors.Any(error => error.Message.Contains($"'{token}'", StringComparison.Ordinal)));
        return unknown is null
            ? result.Errors.FirstOrDefault(error => !IsOfParser(error.Message))?.Message ?? ArgumentError(result, command) ?? result.Errors[0].Message
            : NoOption(unknown, names);
    }

    private static bool IsOfParser(string message) =>
        message.StartsWith("Required argument missing", StringComparison.Ordinal) || message.StartsWith("Unrecognized command or argument", StringComparison.Ordinal);

    // The parser's own words for these say less.
    private static string? ArgumentError(ParseResult result, Command command)
    {
        if (command.Options.FirstOrDefault(option => option.ValueType != typeof(bool) && result.GetResult(option) is { Implicit: false, Tokens.Count: 0 }) is { } empty)
        {
            return $"'{empty.Name}' needs {empty.HelpName ?? "a value"}.";
        }

        if (command.Arguments.FirstOrDefault(argument => (result.GetResult(argument)?.Tokens.Count ?? 0) < argument.Arity.MinimumNumberOfValues) is { } missing)
        {
            return $"'{PathOf(command)}' needs {missing.Name}.";
        }

        return result.UnmatchedTokens is [var extra, ..] ? $"'{extra}' is one argument too many." : null;
    }

    private static Command CreateRoot(IEnumerable<CommandEntry> entries)
    {
        // Not a RootCommand: its name would be that of the assembly.
        var root = new Command("sluice", Description)
        {
            new HelpOption("--help", "-h", "-?") { Description = "Print this help.", Action = new HelpPrinter() },
            new VersionOption { Description = "Print the version." },
        };
        foreach (CommandEntry entry in entries)
        {
            root.Add(entry.Create());
        }

        return root;
    }
}
