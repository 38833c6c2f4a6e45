namespace Sluice.Cli.EndPoints;

/// <summary>Says how a command uses an end point. It decides what an end point without a host means.</summary>
internal enum AddressRole
{
    /// <summary>To listen at: no host means all addresses, and port 0 any free port.</summary>
    Listen,

    /// <summary>To connect to: no host means this machine.</summary>
    Connect,
}
