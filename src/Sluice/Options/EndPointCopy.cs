using System.Net;

namespace Sluice.Options;

/// <summary>Copies end points, because an <see cref="IPEndPoint"/> is mutable and callers may change theirs.</summary>
internal static class EndPointCopy
{
    /// <summary>Copies an end point. Immutable end points are returned unchanged.</summary>
    public static EndPoint Of(EndPoint endPoint)
    {
        if (endPoint is not IPEndPoint ip)
        {
            return endPoint;
        }

        Span<byte> bytes = stackalloc byte[16];
        ip.Address.TryWriteBytes(bytes, out int length);
        return new IPEndPoint(length == 4 ? new IPAddress(bytes[..4]) : new IPAddress(bytes, ip.Address.ScopeId), ip.Port);
    }
}
