namespace Sluice.Testing.Tcp;

/// <summary>The flags of a segment (RFC 9293, 3.1).</summary>
[Flags]
internal enum TcpFlags : byte
{
    None = 0,
    Fin = 1,
    Syn = 2,
    Reset = 4,
    Acknowledgement = 16,
}
