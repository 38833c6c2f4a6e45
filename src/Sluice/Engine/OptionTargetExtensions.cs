namespace Sluice.Engine;

/// <summary>Sets what option objects say.</summary>
internal static class OptionTargetExtensions
{
    /// <summary>What has to be set before the socket is bound or connected.</summary>
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
    }

    /// <summary>What makes a connection; on Linux a listener hands it on to what it accepts.</summary>
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

    public static void SetIfGiven(this IOptionTarget target, SocketOption option, int? value)
    {
        if (value is { } given)
        {
            target.SetOption(option, given);
        }
    }
}
