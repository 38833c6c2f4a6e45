using System.Net.Sockets;
using System.Security.Authentication;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Tls;

namespace Sluice.Cli.Check;

/// <summary>Tries with a second connection whether the server expects TLS where the client uses none, or the other way round.</summary>
internal sealed class OtherProtocol(SelectorManager selector, CheckSettings settings)
{
    // A server of TLS answers at once, so a silent one is not waited for a second time; on a slow way, --wait is longer.
    private static readonly TimeSpan s_usual = TimeSpan.FromSeconds(1);

    /// <summary>Gets how long a handshake may take after the server was silent for <paramref name="wait"/>.</summary>
    public static TimeSpan PatienceAfter(TimeSpan wait) => wait < s_usual ? wait : TimeSpan.FromTicks(Math.Max(s_usual.Ticks, wait.Ticks / 4));

    /// <summary>Gets whether the server speaks TLS.</summary>
    public async Task<bool> SpeaksTlsAsync()
    {
        ClientTls any = settings.Dial.Tls with { Recorder = new ChainRecorder() };
        var dialer = new Dialer(selector, settings.Dial with { UseTls = true, Tls = any, Timeout = PatienceAfter(settings.Wait) });
        try
        {
            await using Link link = await dialer.OpenAsync(settings.Address, CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or TimeoutException or SocketException)
        {
            return TlsText.IsAlert(exception);
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
