namespace Sluice.Engine;

/// <summary>A socket whose options can be read and set.</summary>
internal interface IOptionTarget
{
    /// <exception cref="System.Net.Sockets.SocketException">The system refuses.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no such option.</exception>
    int GetOption(SocketOption option);

    /// <exception cref="System.Net.Sockets.SocketException">The system refuses.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no such option.</exception>
    void SetOption(SocketOption option, int value);
}
