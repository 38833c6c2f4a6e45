using System.Net.Sockets;
using System.Security.Authentication;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Tls;

namespace Sluice.Cli.Check;

/// <summary>Tries with a second connection whether the server expects TLS where the client uses none, or the other way round.</summary>
internal sealed class OtherProtocol(SelectorManager selector, CheckSettings settings)
{
    /// <summary>Gets whether the server speaks TLS.</summary>
    public async Task<bool> SpeaksTlsAsync()
    {
        ClientTls any = settings.Dial.Tls with { Recorder = new ChainRecorder() };
        var dialer = new Dialer(selector, settings.Dial with { UseTls = true, Tls = any, Timeout = settings.Wait });
        try
        {
            await using Link link = await dialer.OpenAsync(settings.Address, CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or TimeoutException or SocketException)
        {
            return TlsCheck.IsAlert(exception);
        }
    }

    /// <summary>Reads what the server sends in plain text; null if it does not accept the connection.</summary>
    public async Task<Answer?> ReadPlainAsync()
    {
        try
        {
            await using StreamSocket socket = await new Dialer(selector, settings.Dial).ConnectAsync(settings.Address, CancellationToken.None);
            return await Answer.ReadAsync(socket.OpenConnection(), default, settings.Wait);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or SocketException)
        {
            return null;
        }
    }
}
