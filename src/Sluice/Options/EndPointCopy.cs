using System.Net;

namespace Sluice.Options;

/// <summary>Copies end points: an <see cref="IPEndPoint"/> can be changed by the caller who gave it, or who was given it.</summary>
internal static class EndPointCopy
{
    /// <summary>Copies an end point. One that is immutable is returned as it is.</summary>
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
