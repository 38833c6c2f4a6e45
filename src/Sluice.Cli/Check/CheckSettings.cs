using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Check;

/// <summary>The arguments of <c>sluice check</c>.</summary>
/// <param name="Address">The server.</param>
/// <param name="Dial">How to connect. Its timeout applies to each step.</param>
/// <param name="Wait">How long to wait for what the server sends.</param>
/// <param name="Request">What to send first; empty for nothing.</param>
/// <param name="Json">Whether to print lines of JSON.</param>
internal sealed record CheckSettings(Address Address, DialSettings Dial, TimeSpan Wait, byte[] Request, bool Json)
{
    /// <summary>Gets a value indicating whether the connection uses TLS.</summary>
    public bool UsesTls => Dial.UseTls || Address.Kind == AddressKind.Tls;

    /// <summary>Gets how long a step may take.</summary>
    public TimeSpan Timeout => Dial.Timeout!.Value;
}
