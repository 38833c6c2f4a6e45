using System.Runtime.InteropServices;
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
            SelectorEngine.Epoll => throw new PlatformNotSupportedException(IsLinux
                ? $"The epoll engine knows Linux on x64, arm64, riscv64 and loongarch64, and this is {RuntimeInformation.ProcessArchitecture}: use the portable engine."
                : "The epoll engine needs Linux."),
            var engine => throw new ArgumentException($"There is no engine {engine}.", nameof(options)),
        };
    }

    /// <summary>
    /// Whether the numbers and structures in <see cref="Interop.Libc"/> and <see cref="Interop.LinuxConstants"/> are those of an architecture:
    /// 64 bits, little-endian, and the kernel's generic headers (include/uapi/asm-generic). 32-bit ones have another <c>off_t</c>, powerpc
    /// other option and ioctl numbers, s390x the other byte order.
    /// </summary>
    internal static bool IsKnown(Architecture architecture) =>
        architecture is Architecture.X64 or Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64;

    /// <summary>What <see cref="SelectorEngine.Auto"/> is, where nothing else is asked for.</summary>
    internal static SelectorEngine Default(bool isLinux, Architecture architecture) =>
        isLinux && IsKnown(architecture) ? SelectorEngine.Epoll : SelectorEngine.Portable;

    /// <summary>Whether the epoll engine, and what it calls, work here.</summary>
    internal static bool HasEpoll => IsLinux && IsKnown(RuntimeInformation.ProcessArchitecture);

    private static bool IsLinux => OperatingSystem.IsLinux() || OperatingSystem.IsAndroid();

    private static SelectorEngine Pick(SelectorEngine asked)
    {
        if (asked != SelectorEngine.Auto)
        {
            return asked;
        }

        return Environment.GetEnvironmentVariable(SelectorOptions.EngineVariable)?.ToLowerInvariant() switch
        {
            null or "" or "auto" => Default(OperatingSystem.IsLinux(), RuntimeInformation.ProcessArchitecture),
            "epoll" => SelectorEngine.Epoll,
            "portable" => SelectorEngine.Portable,
            var other => throw new ArgumentException($"The environment variable {SelectorOptions.EngineVariable} is '{other}'; it can be epoll or portable."),
        };
    }
}
