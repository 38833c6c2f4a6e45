using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Engine.Unix;

/// <summary>Applies options to Unix domain sockets, and to connections of any family.</summary>
internal static class UnixOptionExtensions
{
    public static void ApplyUnix(this IOptionTarget target, SocketOptions options)
    {
        target.ApplyBuffers(options);
        options.RareOptions?.ApplyRaw(target);
    }

    public static void ApplyBuffers(this IOptionTarget target, SocketOptions options)
    {
        target.SetIfGiven(SocketOption.SendBufferSize, options.SendBufferSize);
        target.SetIfGiven(SocketOption.ReceiveBufferSize, options.ReceiveBufferSize);
    }

    /// <summary>Applies the options that can be set on an established connection, of any family.</summary>
    public static void ApplyConnected(this IOptionTarget target, StreamSocketOptions options, AddressFamily family)
    {
        if (family == AddressFamily.Unix)
        {
            target.ApplyUnix(options);
        }
        else
        {
            target.ApplyBuffers(options);
            target.SetIfGiven(SocketOption.TypeOfService, options.TypeOfService);
            target.ApplyStream(options);
            options.RareOptions?.Apply(target);
        }
    }
}
