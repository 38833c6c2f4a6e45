using System.Net.Sockets;

namespace Sluice.Options;

/// <summary>A socket whose options can be read and set.</summary>
internal interface IOptionTarget
{
    AddressFamily Family { get; }

    /// <exception cref="SocketException">The system refuses.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no such option.</exception>
    int GetOption(SocketOption option);

    /// <exception cref="SocketException">The system refuses.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no such option.</exception>
    void SetOption(SocketOption option, int value);

    /// <summary>An option that has no name here, in the system's own numbers and layout.</summary>
    /// <returns>How many bytes of <paramref name="value"/> were filled.</returns>
    /// <exception cref="SocketException">The system refuses.</exception>
    int GetRawOption(int level, int name, Span<byte> value);

    /// <inheritdoc cref="GetRawOption"/>
    void SetRawOption(int level, int name, ReadOnlySpan<byte> value);
}
