using Sluice.Engine;

namespace Sluice;

public sealed partial class ServerSocket
{
    // How long nobody may come before there is nobody left: an event may be on its way, or an accept of the system's.
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(20);

    /// <summary>For whoever is about to close: a connection that has come before. Null, and closed, if there is none. Nobody accepts.</summary>
    internal async ValueTask<StreamSocket?> AcceptLastAsync()
    {
        try
        {
            _transport.LookAgain();
            using var quiet = new CancellationTokenSource(s_quiet, _selector.Sockets.TimeProvider);
            return await AcceptAsync(quiet.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            StreamTransport? last = await _transport.RetireAsync().ConfigureAwait(false);
            Close();
            return last is null ? null : new StreamSocket(_selector, last, _transport);
        }
    }
}
