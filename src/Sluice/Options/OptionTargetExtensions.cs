using System.Net.Sockets;
using System.Text;

namespace Sluice.Options;

/// <summary>Sets the values of option objects on sockets.</summary>
internal static class OptionTargetExtensions
{
    // IFNAMSIZ and TCP_CA_NAME_MAX are 16.
    private const int MaxName = 32;

    /// <summary>Sets the options that must be set before the socket is bound or connected.</summary>
    public static void Apply(this IOptionTarget target, SocketOptions options)
    {
        if (options.ReuseAddress)
        {
            target.SetOption(SocketOption.ReuseAddress, 1);
        }

        if (options.ReusePort)
        {
            target.SetOption(SocketOption.ReusePort, 1);
        }

        target.SetIfGiven(SocketOption.SendBufferSize, options.SendBufferSize);
        target.SetIfGiven(SocketOption.ReceiveBufferSize, options.ReceiveBufferSize);
        target.SetIfGiven(SocketOption.TypeOfService, options.TypeOfService);
        options.RareOptions?.Apply(target);
    }

    /// <summary>Sets the options of a connection. On Linux, accepted connections inherit them from the listener.</summary>
    public static void ApplyStream(this IOptionTarget target, StreamSocketOptions options)
    {
        if (options.NoDelay)
        {
            target.SetOption(SocketOption.NoDelay, 1);
        }

        if (options.KeepAlive)
        {
            target.SetOption(SocketOption.KeepAlive, 1);
        }

        target.SetIfGiven(SocketOption.LingerSeconds, options.LingerSeconds);
    }

    /// <summary>Reads an option whose value is a name.</summary>
    /// <exception cref="SocketException">The system refuses.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no such option.</exception>
    public static string GetName(this IOptionTarget target, SocketOption option)
    {
        (int level, int number) = OptionNumbers.Translate(option, target.Family);
        Span<byte> bytes = stackalloc byte[MaxName];
        int length = target.GetRawOption(level, number, bytes);
        bytes = bytes[..length];
        int end = bytes.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <inheritdoc cref="GetName"/>
    public static void SetName(this IOptionTarget target, SocketOption option, string name)
    {
        (int level, int number) = OptionNumbers.Translate(option, target.Family);
        try
        {
            target.SetRawOption(level, number, Encoding.ASCII.GetBytes(name + '\0'));
        }
        catch (SocketException exception)
        {
            throw SocketErrors.During(exception.SocketErrorCode, $"Setting the socket option {option} to '{name}'");
        }
    }

    public static void SetIfGiven(this IOptionTarget target, SocketOption option, int? value)
    {
        if (value is { } given)
        {
            target.SetOption(option, given);
        }
    }
}
