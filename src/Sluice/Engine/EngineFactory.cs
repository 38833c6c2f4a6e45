using Microsoft.Extensions.Logging;
using Sluice.Engine.Epoll;
using Sluice.Engine.Portable;

namespace Sluice.Engine;

/// <summary>Picks the engine.</summary>
internal static class EngineFactory
{
    /// <exception cref="PlatformNotSupportedException">Epoll was asked for where there is none.</exception>
    /// <exception cref="ArgumentException">There is no such engine.</exception>
    public static SocketEngine Create(SelectorOptions options, ILogger logger)
    {
        if (!Enum.IsDefined(options.ContinuationScheduling))
        {
            throw new ArgumentException($"There is no continuation scheduling {options.ContinuationScheduling}.", nameof(options));
        }

        return Pick(options.Engine) switch
        {
            SelectorEngine.Portable => new PortableEngine(options, logger),
            SelectorEngine.Epoll when HasEpoll => new EpollEngine(options, logger),
            SelectorEngine.Epoll => throw new PlatformNotSupportedException("The epoll engine needs Linux."),
            var engine => throw new ArgumentException($"There is no engine {engine}.", nameof(options)),
        };
    }

    private static bool HasEpoll => OperatingSystem.IsLinux() || OperatingSystem.IsAndroid();

    private static SelectorEngine Pick(SelectorEngine asked)
    {
        if (asked != SelectorEngine.Auto)
        {
            return asked;
        }

        return Environment.GetEnvironmentVariable(SelectorOptions.EngineVariable)?.ToLowerInvariant() switch
        {
            null or "" or "auto" => OperatingSystem.IsLinux() ? SelectorEngine.Epoll : SelectorEngine.Portable,
            "epoll" => SelectorEngine.Epoll,
            "portable" => SelectorEngine.Portable,
            var other => throw new ArgumentException($"The environment variable {SelectorOptions.EngineVariable} is '{other}'; it can be epoll or portable."),
        };
    }
}
