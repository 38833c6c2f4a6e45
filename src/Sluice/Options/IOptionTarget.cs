using System.Net.Sockets;

namespace Sluice.Options;

/// <summary>Represents a socket whose options can be read and set.</summary>
internal interface IOptionTarget
{
    AddressFamily Family { get; }

    /// <exception cref="SocketException">The system refuses.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no such option.</exception>
    int GetOption(SocketOption option);

    /// <exception cref="SocketException">The system refuses.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no such option.</exception>
    void SetOption(SocketOption option, int value);

    /// <summary>Reads an option by the system's own numbers and layout.</summary>
    /// <returns>The number of bytes written to <paramref name="value"/>.</returns>
    /// <exception cref="SocketException">The system refuses.</exception>
    int GetRawOption(int level, int name, Span<byte> value);

    /// <inheritdoc cref="GetRawOption"/>
    void SetRawOption(int level, int name, ReadOnlySpan<byte> value);
}
