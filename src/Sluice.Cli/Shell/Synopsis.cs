using System.CommandLine;

namespace Sluice.Cli.Shell;

/// <summary>Writes how a command is called, for its help, its man page and the documentation: <c>sluice cert inspect FILE...</c></summary>
internal static class Synopsis
{
    // An end point is one argument or two, its host and its port.
    private const int MostTokensOfOne = 2;

    /// <summary>Gets the words and the arguments of a command.</summary>
    public static string Of(Command command) => string.Join(' ', ArgumentsOf(command).Prepend(CommandLine.PathOf(command)));

    /// <summary>Gets the arguments of a command; <c>COMMAND</c> if it is nothing without another one.</summary>
    public static IEnumerable<string> ArgumentsOf(Command command) =>
        command is { Subcommands.Count: > 0, Arguments.Count: 0 } ? ["COMMAND"] : command.Arguments.Select(Of);

    private static string Of(Argument argument)
    {
        string name = argument.Arity.MaximumNumberOfValues > MostTokensOfOne ? $"{argument.Name}..." : argument.Name;
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }
}
