namespace Sluice.Testing.Unix;

/// <summary>A datagram of the Unix domain, in the queue of its receiver or on its way there.</summary>
internal sealed class UnixMessage(UnixDatagramSocket sender, byte[] payload)
{
    // About the size that Linux adds to the bytes of a datagram.
    private const int Overhead = 512;

    public UnixDatagramSocket Sender { get; } = sender;

    public byte[] Payload { get; } = payload;

    /// <summary>Gets how much of the sender's buffer it takes.</summary>
    public int Charge => Payload.Length + Overhead;
}
