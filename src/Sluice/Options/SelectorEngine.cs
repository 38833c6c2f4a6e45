namespace Sluice;

/// <summary>What drives the sockets of a <see cref="SelectorManager"/>.</summary>
public enum SelectorEngine
{
    /// <summary>
    /// <see cref="Epoll"/> on Linux of an architecture that it knows, <see cref="Portable"/> elsewhere, unless the environment variable <c>SLUICE_ENGINE</c> (<c>epoll</c>
    /// or <c>portable</c>) says otherwise.
    /// </summary>
    Auto,

    /// <summary>Sluice's own event loops over epoll. Linux on x64, arm64, riscv64 and loongarch64.</summary>
    Epoll,

    /// <summary><c>System.Net.Sockets</c> and the thread pool. Everywhere.</summary>
    Portable,
}
