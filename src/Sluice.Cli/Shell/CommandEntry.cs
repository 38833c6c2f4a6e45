using System.CommandLine;

namespace Sluice.Cli.Shell;

/// <summary>A command by its name.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Create">Creates it with its options.</param>
/// <param name="TakesFile">Whether <c>@FILE</c> on its command line stands for the arguments in that file.</param>
internal sealed record CommandEntry(string Name, Func<Command> Create, bool TakesFile = false);
