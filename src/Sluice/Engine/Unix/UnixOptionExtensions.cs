using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Engine.Unix;

/// <summary>Sets the options that Unix domain sockets have.</summary>
internal static class UnixOptionExtensions
{
    public static void ApplyUnix(this IOptionTarget target, SocketOptions options)
    {
        target.SetIfGiven(SocketOption.SendBufferSize, options.SendBufferSize);
        target.SetIfGiven(SocketOption.ReceiveBufferSize, options.ReceiveBufferSize);
    }

    /// <summary>Those of a connection that is there already, of whatever family.</summary>
    public static void ApplyConnected(this IOptionTarget target, StreamSocketOptions options, AddressFamily family)
    {
        target.ApplyUnix(options);
        if (family != AddressFamily.Unix)
        {
            target.SetIfGiven(SocketOption.TypeOfService, options.TypeOfService);
            target.ApplyStream(options);
            options.RareOptions?.Apply(target);
        }
    }
}
