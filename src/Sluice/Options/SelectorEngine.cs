namespace Sluice;

/// <summary>Specifies the engine that drives the sockets of a <see cref="SelectorManager"/>.</summary>
public enum SelectorEngine
{
    /// <summary>
    /// <see cref="Epoll"/> on Linux of a supported architecture, <see cref="Portable"/> elsewhere. The environment variable <c>SLUICE_ENGINE</c> (<c>epoll</c> or
    /// <c>portable</c>) overrides it.
    /// </summary>
    Auto,

    /// <summary>Event loops of Sluice over epoll. Linux on x64, arm64, riscv64 and loongarch64.</summary>
    Epoll,

    /// <summary><c>System.Net.Sockets</c> and the thread pool. All systems.</summary>
    Portable,

    /// <summary>The simulated network of the package Sluice.Testing, which creates such managers itself: options cannot ask for it.</summary>
    Simulated,
}
