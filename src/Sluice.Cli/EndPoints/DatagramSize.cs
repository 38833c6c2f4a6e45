namespace Sluice.Cli.EndPoints;

/// <summary>Holds the sizes of datagrams.</summary>
internal static class DatagramSize
{
    /// <summary>The most bytes of a UDP datagram over IPv4: 65,535 without the headers of IP and UDP.</summary>
    public const int MostPayload = 65_507;
}
