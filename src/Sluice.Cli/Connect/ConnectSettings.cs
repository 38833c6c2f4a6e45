using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Connect;

/// <summary>The arguments of <c>sluice connect</c>.</summary>
internal sealed record ConnectSettings(Address Address, DialSettings Dial)
{
    /// <summary>Gets what ends a typed line.</summary>
    public string NewLine { get; init; } = "\r\n";

    public InputForm Input { get; init; }

    /// <summary>Gets a value indicating whether bytes are printed as hexadecimal numbers, in both directions.</summary>
    public bool Hex { get; init; }

    /// <summary>Gets a value indicating whether to say what happens, on standard error.</summary>
    public bool Verbose { get; init; }

    /// <summary>Gets a value indicating whether to only test whether the server accepts a connection.</summary>
    public bool Probe { get; init; }

    public bool Json { get; init; }

    /// <summary>Gets how long to wait for more from the server after the end of the input; null for until it closes.</summary>
    public TimeSpan? Wait { get; init; }
}
