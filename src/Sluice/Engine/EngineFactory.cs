using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Epoll;
using Sluice.Engine.Portable;

namespace Sluice.Engine;

/// <summary>Creates the engine that the options ask for.</summary>
internal static class EngineFactory
{
    /// <exception cref="PlatformNotSupportedException">The options ask for the epoll engine, and the system has no support for it.</exception>
    /// <exception cref="ArgumentException">There is no such engine.</exception>
    public static SocketEngine Create(SelectorOptions options, ILogger logger)
    {
        if (!Enum.IsDefined(options.ContinuationScheduling))
        {
            throw new ArgumentException($"{options.ContinuationScheduling} is no continuation scheduling.", nameof(options));
        }

        return Pick(options.Engine) switch
        {
            SelectorEngine.Portable => new PortableEngine(options, logger),
            SelectorEngine.Epoll when HasEpoll => new EpollEngine(options, logger),
            SelectorEngine.Epoll => throw new PlatformNotSupportedException(IsLinux
                ? $"The epoll engine supports Linux on x64, arm64, riscv64 and loongarch64, and this process runs on {RuntimeInformation.ProcessArchitecture}. Use the portable engine."
                : "The epoll engine needs Linux."),
            var engine => throw new ArgumentException($"{engine} is no engine.", nameof(options)),
        };
    }

    /// <summary>
    /// Whether an architecture has the numbers and structures of <see cref="Interop.Libc"/> and <see cref="Interop.LinuxConstants"/>: 64 bits,
    /// little-endian, and the kernel's generic headers (include/uapi/asm-generic). 32-bit architectures have another <c>off_t</c>, powerpc has other
    /// option and ioctl numbers, and s390x has the other byte order.
    /// </summary>
    internal static bool IsKnown(Architecture architecture) =>
        architecture is Architecture.X64 or Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64;

    /// <summary>Gets the engine for <see cref="SelectorEngine.Auto"/> without the environment variable.</summary>
    internal static SelectorEngine Default(bool isLinux, Architecture architecture) =>
        isLinux && IsKnown(architecture) ? SelectorEngine.Epoll : SelectorEngine.Portable;

    /// <summary>Whether this system supports the epoll engine and its system calls.</summary>
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
            var other => throw new ArgumentException($"The environment variable {SelectorOptions.EngineVariable} is '{other}'. It can be 'epoll', 'portable' or 'auto'."),
        };
    }
}
