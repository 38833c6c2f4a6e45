using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Listen;

/// <summary>The arguments of <c>sluice listen</c>.</summary>
internal sealed record ListenArguments(Address Address, ListenSettings Listen)
{
    public ListenMode Mode { get; init; }

    /// <summary>Gets the command of <c>--exec</c>, or the file of <c>--file</c>.</summary>
    public string Value { get; init; } = string.Empty;

    /// <summary>Gets a value indicating whether to listen on after the first connection.</summary>
    public bool Keep { get; init; }

    public int? MaxConnections { get; init; }

    public bool Verbose { get; init; }

    public bool Json { get; init; }
}
